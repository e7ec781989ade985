// SPDX-License-Identifier: GPL-2.0
/*
 * mh: consistent hashing after Maglev (D. Eisenbud et al., "Maglev: A Fast and
 * Reliable Software Network Load Balancer", NSDI 2016, section 3.4).
 *
 * The table's size is a prime.  Two hashes of a server's address and port give it
 * an offset and a skip, and with them its own order of all entries.  Servers take
 * turns, and in its turn each takes the first free entry of its order.  So the
 * shares are even, and when a server comes or goes few entries of the others move.
 *
 * Weights: the next turn is the server's that has the fewest turns for its weight,
 * a winner tree with the keys turns / weight.  With equal weights this is the
 * paper's round.  Each server gets its turns rounded up, so none starves, and its
 * share is at most one entry above the one that is due and at most a hundredth
 * below it (up to 1,310 servers: the largest table has 100 entries for each).
 *
 * Laid out as sh is, by the last weight and the last factor over 0: weight or factor 0,
 * drain and down move no entry.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "sched.h"
#include "sched_hash.h"
#include "sched_tree.h"
#include "server.h"

/* Entries for each server, as in the paper: equal shares differ by 1 %. */
#define PER_SERVER	100
#define FREE		U16_MAX		/* indices end at 65,534 */

/* Another size is another table: nearly every client moves.  So there are few: the
 * step from 40 servers to 41, and that from 655 to 656, are the only such.
 */
static const u32 primes[] = { 4093, 65521, 131071 };

/* Fixed, so that directors agree: the first digits of pi. */
static const siphash_key_t offset_key = {
	{ 0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL }
};

static const siphash_key_t skip_key = {
	{ 0xa4093822299f31d0ULL, 0x082efa98ec4e6c89ULL }
};

/* What is hashed of a server; bytes, so that the byte order does not matter. */
struct identity {
	union nf_inet_addr	addr;
	__be16			port;
	u8			af;
	u8			zero[5];
} __aligned(SIPHASH_ALIGNMENT);

static_assert(sizeof(struct identity) == 24);

/**
 * struct player - a server while the table is laid out
 * @pos: the entry of its order to look at next
 * @skip: from each entry of its order to the next
 * @turns: how many it has had
 */
struct player {
	u32	pos;
	u32	skip;
	u32	turns;
};

static u32 mh_size(u32 n)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(primes) - 1; i++) {
		if (primes[i] >= PER_SERVER * n)
			break;
	}
	return primes[i];
}

static void identify(struct identity *id, const struct hg_server *server)
{
	memset(id, 0, sizeof(*id));
	id->af = server->af;
	id->port = server->port;
	if (server->af == AF_INET)
		id->addr.ip = server->addr.ip;
	else
		id->addr.in6 = server->addr.in6;
}

static void meet(struct player *player, const struct hg_server *server, u32 size)
{
	struct identity id;

	identify(&id, server);
	player->pos = (u32)siphash(&id, sizeof(id), &offset_key) % size;
	player->skip = (u32)siphash(&id, sizeof(id), &skip_key) % (size - 1) + 1;
	player->turns = 0;
}

/* Ends, for the size is a prime: each order has all entries, and one is free.  It
 * takes size * ln size steps for all turns together, as the orders are random.
 */
static void take_free(struct hg_hash_table *table, struct player *player, u32 idx)
{
	while (table->entry[player->pos] != FREE) {
		player->pos += player->skip;
		if (player->pos >= table->size)
			player->pos -= table->size;
	}
	table->entry[player->pos] = idx;
	player->turns++;
}

static void fill(struct hg_hash_table *table, const struct hg_pool *pool,
		 struct hg_tree *tree, struct player *players)
{
	u32 i, idx;

	for (i = 0; i < pool->n; i++) {
		const struct hg_server *server = pool->slots[i].server;

		meet(&players[i], server, table->size);
		hg_tree_put(tree, i, 0, pool->slots[i].layout);
	}
	hg_tree_build(tree);
	if (tree->best == HG_SCHED_NONE)
		return;		/* no server ever had weight: none is up either */

	memset16(table->entry, FREE, table->size);
	for (i = 0; i < table->size; i++) {
		idx = tree->best;
		take_free(table, &players[idx], idx);
		hg_tree_set(tree, idx, players[idx].turns,
			    pool->slots[idx].layout);
		if (i % 1024 == 0)
			cond_resched();
	}
}

static int mh_build(struct hg_pool *pool, const struct hg_pool *old)
{
	struct hg_hash_table *table;
	struct player *players;
	struct hg_tree *tree;
	int ret = -ENOMEM;

	if (hg_hash_share(pool, old))
		return 0;
	table = hg_hash_create(mh_size(pool->n));
	tree = hg_tree_create(pool->n);
	players = kvcalloc(pool->n, sizeof(*players), GFP_KERNEL_ACCOUNT);
	if (table && tree && players) {
		fill(table, pool, tree, players);
		pool->table = table;
		table = NULL;
		ret = 0;
	}
	kvfree(players);
	kvfree(tree);
	kvfree(table);
	return ret;
}

const struct hg_sched hg_sched_mh = {
	.name		= "mh",
	.build		= mh_build,
	.destroy	= hg_hash_destroy,
	.pick		= hg_hash_pick,
	.by_layout	= true,
};

#ifdef DEBUG
#include "selftest/sched_maglev.c"
#endif
