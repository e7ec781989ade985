// SPDX-License-Identifier: GPL-2.0
/*
 * A winner tree over fractions.
 *
 * A knockout tournament: each inner node holds the winner of its two children, so
 * the root is the smallest key of all, and a new key replays only the games on
 * its player's way to the root.  The left child wins a tie, and since the players
 * stand in order, of equal keys the lowest index wins.
 *
 * Keys are fractions compared by cross multiplication: a.num/a.den < b.num/b.den
 * is a.num * b.den < b.num * a.den.  That is exact, needs no division, and a
 * denominator of 0 under a numerator over 0 is infinity without a special case:
 * it never beats anything and everything finite beats it.
 *
 * Keys are copies in one array, not reads of the servers: a game touches no more
 * than that array, and the tree is a true one at every moment.
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "sched.h"
#include "sched_tree.h"

static bool beats(const struct hg_leaf *a, const struct hg_leaf *b)
{
	return a->num * b->den < b->num * a->den;
}

static u16 play(const struct hg_tree *tree, u32 i)
{
	u16 left = tree->node[2 * i];
	u16 right = tree->node[2 * i + 1];

	return beats(&tree->leaf[right], &tree->leaf[left]) ? right : left;
}

/* For readers without the lock: they never see a winner that cannot be picked. */
static void announce(struct hg_tree *tree)
{
	u32 best = tree->node[1];

	WRITE_ONCE(tree->best, tree->leaf[best].den ? best : HG_SCHED_NONE);
}

/**
 * hg_tree_create() - make a winner tree
 * @n: number of players, up to 65,535
 *
 * Return: a tree of infinite keys, to be freed by kvfree(), or NULL: no memory.
 */
struct hg_tree *hg_tree_create(u32 n)
{
	u32 size = roundup_pow_of_two(max(n, 1u));
	struct hg_tree *tree;
	size_t node_at = struct_size(tree, leaf, n + 1);
	u32 i;

	tree = kvzalloc(node_at + 2 * size * sizeof(*tree->node), GFP_KERNEL_ACCOUNT);
	if (!tree)
		return NULL;

	tree->n = n;
	tree->size = size;
	tree->node = (void *)tree + node_at;
	for (i = 0; i <= n; i++)
		hg_tree_put(tree, i, 1, 0);
	for (i = 0; i < size; i++)
		tree->node[size + i] = min(i, n);
	hg_tree_build(tree);
	return tree;
}

/**
 * hg_tree_build() - play all the games
 * @tree: the tree, whose keys hg_tree_put() has written
 */
void hg_tree_build(struct hg_tree *tree)
{
	u32 i;

	for (i = tree->size - 1; i; i--)
		tree->node[i] = play(tree, i);
	announce(tree);
}

/**
 * hg_tree_set() - give a player a new key
 * @tree: the tree
 * @idx: the player
 * @num: the key's numerator
 * @den: and denominator; 0: it is not to win
 *
 * A game that has the winner it had, and that winner is another player, ends it:
 * the games above know nothing of @idx.
 */
void hg_tree_set(struct hg_tree *tree, u32 idx, u64 num, u32 den)
{
	u32 i;

	hg_tree_put(tree, idx, num, den);
	for (i = (tree->size + idx) / 2; i; i /= 2) {
		u16 winner = play(tree, i);

		if (winner == tree->node[i] && winner != idx)
			return;
		tree->node[i] = winner;
	}
	announce(tree);
}
