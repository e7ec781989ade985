// SPDX-License-Identifier: GPL-2.0
/*
 * Frees conns, and affinity entries, that nobody asks for any more.  Whoever meets an
 * expired conn reaps it; those that nobody meets are met by a worker, which passes
 * through the table every two seconds, or as fast as SLICE conns each PERIOD allow: a
 * million take 16 s.  A walk that the table is resized under starts again; a conn met
 * twice is reaped once.
 */
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>

#include "affinity.h"
#include "conn.h"
#include "net.h"
#include "walk.h"

#define SLICE	2048
#define PERIOD	max(HZ / 32, 1)
#define PASS	(2 * HZ)

/* A stretch further; false at the end of the table.  @all: reap them all, not only
 * those that are over.
 */
static bool slice(struct hg_net *ns, struct hg_walk *walk, bool all)
{
	struct hg_conn *conn;

	hg_walk_start(walk);
	local_bh_disable();
	while ((conn = hg_walk_next_conn(walk))) {
		if (all || hg_conn_over(conn))
			hg_conn_reap(ns, conn);
	}
	local_bh_enable();
	hg_walk_stop(walk);
	return !walk->end;
}

static void pass(struct hg_net *ns, bool all)
{
	struct hg_walk walk;

	hg_walk_init(&walk, &ns->conns, SLICE);
	while (slice(ns, &walk, all))
		cond_resched();
	hg_walk_uninit(&walk);
}

void hg_conn_sweep(struct hg_net *ns)
{
	pass(ns, false);
	hg_affinity_sweep(ns);
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
		hg_walk_init(&ns->sweep_walk, &ns->conns, SLICE);
		ns->sweep_began = jiffies;
		ns->sweeping = true;
	}
	if (slice(ns, &ns->sweep_walk, false)) {
		again(ns, PERIOD);
		return;
	}
	hg_walk_uninit(&ns->sweep_walk);
	ns->sweeping = false;
	hg_affinity_sweep(ns);
	/* The hooks are gone with the last service: nothing new will come. */
	if (!READ_ONCE(ns->nservices) && !atomic_read(&ns->conn_count) &&
	    !atomic_read(&ns->affinity_count))
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
		hg_walk_uninit(&ns->sweep_walk);
}

void hg_conn_net_uninit(struct hg_net *ns)
{
	while (atomic_read(&ns->conn_count))
		pass(ns, true);
	rhashtable_destroy(&ns->conns);
}
