// SPDX-License-Identifier: GPL-2.0
/*
 * lc: the server with the least load.  wlc: the least load for its weight.
 *
 * The load is active * 256 + total, as in ip_vs: total has the active ones in it,
 * so an active conn weighs 257 and an inactive one 1.  lc asks of the weight only
 * whether it is 0.
 *
 * A winner tree keeps the true minimum: every change of a server's load word is
 * told under sched_lock, and the key is read from the word there.  Two CPUs that
 * pick at once may get the same server, before either has counted its conn.
 */
#include <linux/atomic.h>
#include <linux/build_bug.h>

#include "sched.h"
#include "sched_tree.h"
#include "server.h"

/* Loads are below 2^35 (active and total have 26 bits each) and effective weights
 * below 2^24 (16 bits and 8 of fraction), so products fit in 59 bits.
 */
static_assert(HEADGATE_WEIGHT_MAX < 1 << 16);

static u64 load_of(const struct hg_slot *slot)
{
	u64 load = atomic64_read(&slot->server->load);

	return hg_load_active(load) * 256ULL + hg_load_total(load);
}

static int least_build(struct hg_pool *pool, const struct hg_pool *old)
{
	pool->table = hg_tree_create(pool->n);
	return pool->table ? 0 : -ENOMEM;
}

static int least_pick(struct hg_pool *pool, const struct hg_key *key)
{
	return hg_tree_best(pool->table);
}

static void lc_changed(struct hg_pool *pool, u32 idx)
{
	const struct hg_slot *slot = &pool->slots[idx];

	hg_tree_set(pool->table, idx, load_of(slot), !!slot->weight);
}

static void lc_sync(struct hg_pool *pool, const struct hg_pool *old)
{
	u32 i;

	for (i = 0; i < pool->n; i++) {
		const struct hg_slot *slot = &pool->slots[i];

		hg_tree_put(pool->table, i, load_of(slot), !!slot->weight);
	}
	hg_tree_build(pool->table);
}

static void wlc_changed(struct hg_pool *pool, u32 idx)
{
	const struct hg_slot *slot = &pool->slots[idx];

	hg_tree_set(pool->table, idx, load_of(slot), slot->weight);
}

static void wlc_sync(struct hg_pool *pool, const struct hg_pool *old)
{
	u32 i;

	for (i = 0; i < pool->n; i++) {
		const struct hg_slot *slot = &pool->slots[i];

		hg_tree_put(pool->table, i, load_of(slot), slot->weight);
	}
	hg_tree_build(pool->table);
}

const struct hg_sched hg_sched_lc = {
	.name		= "lc",
	.build		= least_build,
	.pick		= least_pick,
	.changed	= lc_changed,
	.sync		= lc_sync,
	.by_load	= true,
};

const struct hg_sched hg_sched_wlc = {
	.name		= "wlc",
	.build		= least_build,
	.pick		= least_pick,
	.changed	= wlc_changed,
	.sync		= wlc_sync,
	.by_load	= true,
};

#ifdef DEBUG
#include "selftest/sched_least.c"
#endif
