/* SPDX-License-Identifier: GPL-2.0 */
/* A winner tree: the smallest of n fractions, log2 n compares for each change. */
#ifndef _HG_SCHED_TREE_H
#define _HG_SCHED_TREE_H

#include <linux/compiler.h>
#include <linux/types.h>

/**
 * struct hg_leaf - a player's key, the fraction num/den; the smallest wins
 * @num: numerator
 * @den: denominator; 0 with a @num over 0 is infinity: never wins
 */
struct hg_leaf {
	u64	num;
	u32	den;
};

/**
 * struct hg_tree - winner tree
 * @best: the index of the smallest key, HG_SCHED_NONE when all are infinite
 * @n: number of players, up to 65,535
 * @size: @n rounded up to a power of two
 * @node: [1] is the root; the children of i are 2 i and 2 i + 1; the players
 *	  begin at @size.  Each holds the index of the winner below it.
 * @leaf: keys; [n] stands for the places without a player and is infinite
 *
 * The caller's lock guards all of it; @best may be read without.
 */
struct hg_tree {
	int		best;
	u32		n;
	u32		size;
	u16		*node;
	struct hg_leaf	leaf[];
};

/* A tree of @n players whose keys are all infinite, or NULL.  May sleep.  To be
 * freed by kvfree().
 */
struct hg_tree *hg_tree_create(u32 n);

/* Writes a key without a game: hg_tree_build() must follow. */
static inline void hg_tree_put(struct hg_tree *tree, u32 idx, u64 num, u32 den)
{
	tree->leaf[idx].num = den ? num : 1;
	tree->leaf[idx].den = den;
}

/* Plays all the games: O(n). */
void hg_tree_build(struct hg_tree *tree);

/* A new key of one player, @den 0 for infinity, and the games it changes.  Of any
 * two players num of the one times den of the other must stay below 2^64.
 */
void hg_tree_set(struct hg_tree *tree, u32 idx, u64 num, u32 den);

static inline int hg_tree_best(const struct hg_tree *tree)
{
	return READ_ONCE(tree->best);
}

#endif /* _HG_SCHED_TREE_H */
