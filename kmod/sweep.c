// SPDX-License-Identifier: GPL-2.0
/*
 * Frees conns that nobody asks for any more.  Whoever meets an expired conn reaps
 * it; those that nobody meets are met by a worker, which passes through the table
 * every two seconds, or as fast as SLICE conns each PERIOD allow: a million take
 * 16 s.  A walk that the table is resized under starts again; a conn met twice is
 * reaped once.
 */
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>

#include "conn.h"
#include "net.h"

#define SLICE	2048
#define PERIOD	max(HZ / 32, 1)
#define PASS	(2 * HZ)

/* Up to SLICE entries further; false at the end of the table.  @all: reap them
 * all, not only those that are over.
 */
static bool slice(struct hg_net *ns, struct rhashtable_iter *iter, bool all)
{
	struct hg_node *node;
	unsigned int n = 0;

	rhashtable_walk_start(iter);
	local_bh_disable();
	while (n++ < SLICE && (node = rhashtable_walk_next(iter))) {
		struct hg_conn *conn;

		if (IS_ERR(node))	/* resized: begins again by itself */
			continue;
		if (node->key.dir != HG_DIR_ORIG)
			continue;
		conn = hg_conn_of(node);
		if (all || hg_conn_over(conn))
			hg_conn_reap(ns, conn);
	}
	local_bh_enable();
	rhashtable_walk_stop(iter);
	return node;
}

static void pass(struct hg_net *ns, bool all)
{
	struct rhashtable_iter iter;

	rhashtable_walk_enter(&ns->conns, &iter);
	while (slice(ns, &iter, all))
		cond_resched();
	rhashtable_walk_exit(&iter);
}

void hg_conn_sweep(struct hg_net *ns)
{
	pass(ns, false);
}

static void again(struct hg_net *ns, unsigned long delay)
{
	/* hg_conn_net_stop() sets stop, then cancels: one of the two is seen. */
	if (!READ_ONCE(ns->stop))
		queue_delayed_work(system_unbound_wq, &ns->sweep, delay);
}

static void sweep_work(struct work_struct *work)
{
	struct hg_net *ns = container_of(work, struct hg_net, sweep.work);
	unsigned long next;

	if (!ns->sweeping) {
		rhashtable_walk_enter(&ns->conns, &ns->sweep_iter);
		ns->sweep_began = jiffies;
		ns->sweeping = true;
	}
	if (slice(ns, &ns->sweep_iter, false)) {
		again(ns, PERIOD);
		return;
	}
	rhashtable_walk_exit(&ns->sweep_iter);
	ns->sweeping = false;
	/* The hooks are gone with the last service: nothing new will come. */
	if (!READ_ONCE(ns->nservices) && !atomic_read(&ns->conn_count))
		return;
	next = ns->sweep_began + PASS;
	again(ns, time_after(next, jiffies) ? next - jiffies : PERIOD);
}

void hg_conn_sweep_start(struct hg_net *ns)
{
	if (!READ_ONCE(ns->stop))
		mod_delayed_work(system_unbound_wq, &ns->sweep, 0);
}

int hg_conn_net_init(struct hg_net *ns)
{
	INIT_DELAYED_WORK(&ns->sweep, sweep_work);
	return hg_conn_table_init(ns);
}

void hg_conn_net_stop(struct hg_net *ns)
{
	cancel_delayed_work_sync(&ns->sweep);
	if (ns->sweeping)
		rhashtable_walk_exit(&ns->sweep_iter);
}

void hg_conn_net_uninit(struct hg_net *ns)
{
	while (atomic_read(&ns->conn_count))
		pass(ns, true);
	rhashtable_destroy(&ns->conns);
}
