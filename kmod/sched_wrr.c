// SPDX-License-Identifier: GPL-2.0
/*
 * wrr: turns in proportion to the weights, evenly interleaved.
 *
 * Stride scheduling with fixed places.  Think of a circle, the cycle.  A server of
 * weight w has w turns on it, at the middles of its w equal parts: turn k is at
 * (2 k + 1) / 2 w of the cycle.  Time goes round the circle; whoever's turn comes
 * next is picked, and of two at the same place the first in address order.
 *
 *	weights 3 2 1:	A 1/6  B 1/4  A 1/2  C 1/2  B 3/4  A 5/6,  and again
 *
 * - Each cycle has exactly w turns of each server, from the first on and for ever:
 *   turn k is computed from k, so no rounding adds up.  Weights with a common
 *   factor g repeat the pattern g times a cycle, so it is exact in 1/g of a cycle
 *   (effective weights carry 8 bits of fraction: g is 256 or more for whole ones).
 * - The next turn of a server follows from the time and its weight.  There is no
 *   more state than the time: (now, last), where last breaks the tie at now.  So a
 *   server that can be picked again claims nothing it missed, a new weight holds
 *   at once, and a new pool goes on where the old one was.
 *
 * The time is in 2^-38 cycles; the next turns are the keys of a winner tree.
 */
#include <linux/bits.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "sched.h"
#include "sched_tree.h"
#include "service.h"

#define CYCLE_BITS	38
#define CYCLE		BIT_ULL(CYCLE_BITS)
#define NOW_MAX		BIT_ULL(62)

/**
 * struct wrr - a wrr pool's table
 * @tree: next turns
 * @now: when the last turn was
 * @next: servers before this one have had their turns at @now
 *
 * Under the service's sched_lock.
 */
struct wrr {
	struct hg_tree	*tree;
	u64		now;
	u32		next;
};

/* The first turn of weight @w at @t or later.  Weights are below 2^24, so all
 * products are below 2^63; and turns are at least 2^14 apart.
 */
static u64 turn_from(u64 t, u32 w)
{
	u64 place = (t & (CYCLE - 1)) * w;	/* on the circle, in 1/w of t's unit */
	u64 k = place >> CYCLE_BITS;

	if ((2 * k + 1) << (CYCLE_BITS - 1) < place)
		k++;				/* w is the next cycle's first */
	return (t & ~(CYCLE - 1)) + div_u64((2 * k + 1) << (CYCLE_BITS - 1), w);
}

static u64 due(const struct hg_pool *pool, u32 idx)
{
	const struct wrr *wrr = pool->table;
	u32 weight = pool->slots[idx].weight;

	return weight ? turn_from(wrr->now + (idx < wrr->next), weight) : 0;
}

static void wrr_changed(struct hg_pool *pool, u32 idx)
{
	struct wrr *wrr = pool->table;

	hg_tree_set(wrr->tree, idx, due(pool, idx), !!pool->slots[idx].weight);
}

static void put_all(struct hg_pool *pool)
{
	struct wrr *wrr = pool->table;
	u32 i;

	for (i = 0; i < pool->n; i++)
		hg_tree_put(wrr->tree, i, due(pool, i), !!pool->slots[i].weight);
	hg_tree_build(wrr->tree);
}

static void take_turn(struct hg_pool *pool, u32 idx)
{
	struct wrr *wrr = pool->table;

	wrr->now = wrr->tree->leaf[idx].num;
	wrr->next = idx + 1;
	if (likely(wrr->now < NOW_MAX)) {
		wrr_changed(pool, idx);
		return;
	}
	/* Once in 2^24 cycles at most: the cycles are counted from 0 again. */
	wrr->now &= CYCLE - 1;
	put_all(pool);
}

static int wrr_pick(struct hg_pool *pool, const struct hg_key *key)
{
	struct hg_service *svc = pool->service;
	struct wrr *wrr = pool->table;
	int idx;

	spin_lock(&svc->sched_lock);
	idx = hg_tree_best(wrr->tree);
	if (idx != HG_SCHED_NONE)
		take_turn(pool, idx);
	spin_unlock(&svc->sched_lock);
	return idx;
}

static void wrr_sync(struct hg_pool *pool, const struct hg_pool *old)
{
	struct wrr *wrr = pool->table;

	if (old && old->conf.sched == &hg_sched_wrr) {
		const struct wrr *from = old->table;

		wrr->now = from->now;
		wrr->next = hg_pool_moved(pool, old, from->next);
	}
	put_all(pool);
}

static int wrr_build(struct hg_pool *pool, const struct hg_pool *old)
{
	struct wrr *wrr = kzalloc(sizeof(*wrr), GFP_KERNEL_ACCOUNT);

	if (!wrr)
		return -ENOMEM;
	wrr->tree = hg_tree_create(pool->n);
	if (!wrr->tree) {
		kfree(wrr);
		return -ENOMEM;
	}
	pool->table = wrr;
	return 0;
}

static void wrr_destroy(struct hg_pool *pool)
{
	struct wrr *wrr = pool->table;

	kvfree(wrr->tree);
	kfree(wrr);
}

const struct hg_sched hg_sched_wrr = {
	.name		= "wrr",
	.build		= wrr_build,
	.destroy	= wrr_destroy,
	.pick		= wrr_pick,
	.changed	= wrr_changed,
	.sync		= wrr_sync,
};

#ifdef DEBUG
#include "selftest/sched_wrr.c"
#endif
