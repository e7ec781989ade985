// SPDX-License-Identifier: GPL-2.0
/* The pool that a staged service is to have. */
#include <linux/mm.h>
#include <linux/slab.h>

#include "net.h"
#include "pool.h"
#include "stage.h"
#include "upkeep.h"

static void put_slot(struct hg_slot *slots, u32 *n, struct hg_server *server,
		     const struct hg_server_conf *conf, u32 ramp)
{
	slots[*n].server = server;
	slots[*n].layout = hg_server_layout(conf, ramp);
	(*n)++;
}

static void put_changed(struct hg_slot *slots, u32 *n, const struct hg_change *change)
{
	if (change->added)
		put_slot(slots, n, change->added, &change->added->conf,
			 change->added->ramp);
	else if (change->stays)
		put_slot(slots, n, change->old, &change->conf, change->ramp);
}

/* Does @change come before @server in address order? */
static bool comes_before(const struct hg_change *change, const struct hg_server *server)
{
	const struct hg_server *first = change->added ?: change->old;

	return hg_server_cmp(first->af, &first->addr, first->port, server) < 0;
}

/* The present servers and the changes, both in address order, become one. */
static void merge(const struct hg_stage *stage, struct hg_slot *slots)
{
	const struct hg_pool *pool = hg_service_pool(stage->svc);
	struct hg_change *change = hg_change_first(stage);
	u32 i, n = 0;

	for (i = 0; i < pool->n; i++) {
		struct hg_server *server = pool->slots[i].server;

		for (; change && comes_before(change, server); change = hg_change_next(change))
			put_changed(slots, &n, change);
		if (change && change->old == server) {
			put_changed(slots, &n, change);
			change = hg_change_next(change);
		} else if (!stage->is_fresh) {
			put_slot(slots, &n, server, &server->conf, server->ramp);
		}
	}
	for (; change; change = hg_change_next(change))
		put_changed(slots, &n, change);
	WARN_ON_ONCE(n != stage->n);
}

/* The ramp that a change leaves a server with: it starts when the server comes into
 * service beside others.  One that goes out keeps its own, so that no client of the
 * others moves: the tables of mh and sh are laid out by it.
 */
static u32 ramp_of(const struct hg_stage *stage, struct hg_change *change)
{
	const struct hg_server_conf *is = hg_change_conf(change);
	const struct hg_server *old = change->old;

	if (!stage->conf.slow_start || stage->is_new)
		return HG_RAMP_FULL;
	if (!hg_server_takes_conns(is))
		return old ? old->ramp : HG_RAMP_FULL;
	if (!READ_ONCE(hg_service_pool(stage->svc)->n_up))
		return HG_RAMP_FULL;
	if (old && hg_server_takes_conns(&old->conf))
		return old->ramp;
	return hg_upkeep_ramp(&stage->conf, 0);
}

void hg_stage_set_ramps(struct hg_stage *stage)
{
	struct hg_change *change;

	for_each_change(change, stage) {
		change->ramp = ramp_of(stage, change);
		if (change->added)
			change->added->ramp = change->ramp;
	}
}

int hg_stage_build_pool(struct hg_stage *stage)
{
	struct hg_slot *slots = kvcalloc(stage->n, sizeof(*slots), GFP_KERNEL_ACCOUNT);

	if (!slots)
		return -ENOMEM;
	merge(stage, slots);
	stage->pool = hg_pool_build(stage->svc, &stage->conf, slots, stage->n);
	kvfree(slots);
	return stage->pool ? 0 : -ENOMEM;
}
