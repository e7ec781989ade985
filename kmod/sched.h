/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Schedulers.  To add one: a file sched_NAME.c with a struct hg_sched hg_sched_NAME,
 * and its name in HEADGATE_SCHEDULERS of uapi/headgate_attr.h.
 */
#ifndef _HG_SCHED_H
#define _HG_SCHED_H

#include <linux/types.h>

#include "uapi/headgate.h"
#include "pool.h"

#define HG_SCHED_NONE	-1

/**
 * struct hg_sched - a scheduler
 * @name: as in the netlink attribute
 * @build: makes pool->table from the slots; process context, may sleep.  @old is
 *	   the service's present pool, or NULL.  0 or -ENOMEM.  May be NULL.
 * @destroy: frees pool->table; any context.  May be NULL: kvfree() then.
 * @pick: index of the slot for a new conn, or HG_SCHED_NONE when no slot has
 *	  weight.  BH off, RCU.
 * @changed: slot @idx has another weight or (with @by_load) another load.  Under
 *	     the service's sched_lock.  May be NULL.
 * @sync: takes over the weights and loads of all slots at once, and the rhythm of
 *	  the pool before (NULL: there was none).  Before the pool is published,
 *	  under the service's sched_lock.  May be NULL.
 * @by_load: the choice follows the servers' conns: tell changed() of each
 * @by_layout: the table is laid out by weight: a new layout makes a new pool
 */
struct hg_sched {
	const char	*name;
	int		(*build)(struct hg_pool *pool, const struct hg_pool *old);
	void		(*destroy)(struct hg_pool *pool);
	int		(*pick)(struct hg_pool *pool, const struct hg_key *key);
	void		(*changed)(struct hg_pool *pool, u32 idx);
	void		(*sync)(struct hg_pool *pool, const struct hg_pool *old);
	bool		by_load;
	bool		by_layout;
};

/* By name, or NULL. */
const struct hg_sched *hg_sched_find(const char *name);

/* The i-th there is, from 0, or NULL past the last. */
const struct hg_sched *hg_sched_nth(unsigned int i);

#define HG_SCHED_DECLARE(name) extern const struct hg_sched hg_sched_##name;
HEADGATE_SCHEDULERS(HG_SCHED_DECLARE)
#undef HG_SCHED_DECLARE

#ifdef DEBUG
bool __init hg_sched_selftest(void);
#endif

#endif /* _HG_SCHED_H */
