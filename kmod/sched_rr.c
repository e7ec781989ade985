// SPDX-License-Identifier: GPL-2.0
/*
 * rr: one after the other, in address order.
 *
 * All of the state is svc->cursor, the slot to look at next.  It is in the
 * service and not in the pool, so that the round goes on when the pool changes.
 */
#include <linux/atomic.h>

#include "sched.h"
#include "service.h"

/* CPUs that take a turn at the same moment retry this often, then share one. */
#define TRIES	4

static int rr_pick(struct hg_pool *pool, const struct hg_key *key)
{
	atomic_t *cursor = &pool->service->cursor;
	int next = atomic_read(cursor);
	u32 idx;
	int i;

	for (i = 0; i < TRIES; i++) {
		idx = hg_pool_next_up(pool, next);
		if (idx >= pool->n)
			return HG_SCHED_NONE;
		if (atomic_try_cmpxchg(cursor, &next, idx + 1))
			break;
	}
	return idx;
}

static void rr_sync(struct hg_pool *pool, const struct hg_pool *old)
{
	atomic_t *cursor = &pool->service->cursor;

	if (old)
		atomic_set(cursor, hg_pool_moved(pool, old, atomic_read(cursor)));
}

const struct hg_sched hg_sched_rr = {
	.name	= "rr",
	.pick	= rr_pick,
	.sync	= rr_sync,
};

#ifdef DEBUG
#include "selftest/sched_rr.c"
#endif
