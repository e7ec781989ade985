// SPDX-License-Identifier: GPL-2.0
/*
 * What goes on by itself.
 *
 * A worker looks at the servers in ns->watched, those that start slowly or drain,
 * four times a second while there are any.  Their steps are none of the admin's
 * changes and raise no generation, but for the removal at a drain's end.  Another
 * work walks the conns once, when there are servers more whose conns are not to be
 * kept; without the lock, since a walk over a million of them takes its time.
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "affinity.h"
#include "conn.h"
#include "event.h"
#include "kill.h"
#include "net.h"
#include "pool.h"
#include "sched.h"
#include "server.h"
#include "service.h"
#include "stage.h"
#include "txn.h"
#include "upkeep.h"

#define PERIOD		(HZ / 4)
#define RAMP_STEP	HZ

u32 hg_upkeep_ramp(const struct hg_service_conf *conf, unsigned long age)
{
	u64 window = conf->slow_start;

	if (age >= window)
		return HG_RAMP_FULL;
	/* By whole steps, and one step is there from the beginning. */
	age = rounddown(age, RAMP_STEP) + RAMP_STEP;
	return max_t(u32, div64_u64(HG_RAMP_FULL * (u64)age, window + RAMP_STEP), 1);
}

static struct hg_service *service_of(const struct hg_server *server)
{
	return rcu_dereference_protected(server->service,
					 lockdep_is_held(&server->ns->lock));
}

/* The tables of the service follow its servers' layouts, once for all that have stepped;
 * without memory the next look tries again.
 */
static void relayout(struct hg_service *svc)
{
	struct hg_pool *pool = hg_pool_relayout(svc), *old;

	if (!pool)
		return;
	svc->relayout = false;
	spin_lock_bh(&svc->sched_lock);
	old = hg_pool_publish(svc, pool, svc->ns->gen);
	spin_unlock_bh(&svc->sched_lock);
	hg_pool_free_rcu(old);
}

static void step_ramp(struct hg_server *server)
{
	struct hg_service *svc = service_of(server);
	const struct hg_pool *pool = hg_service_pool(svc);
	u32 layout = hg_server_layout(&server->conf, server->ramp);
	u32 ramp = hg_upkeep_ramp(&pool->conf, jiffies - server->ramp_began);

	if (ramp == server->ramp)
		return;
	hg_pool_refresh(svc, server, &server->conf, ramp);
	if (pool->conf.sched->by_layout &&
	    hg_server_layout(&server->conf, ramp) != layout)
		svc->relayout = true;
}

static void tell(struct hg_server *server, enum headgate_event type)
{
	struct hg_events events;

	hg_events_begin(&events, server->ns);
	hg_events_server(&events, type, service_of(server), server);
	hg_events_end(&events, HEADGATE_EVENT_COMMIT);
}

/* Without memory it stays, and the next look tries again. */
static void remove(struct hg_server *server)
{
	struct hg_txn txn;
	int err;

	hg_txn_single(server->ns, &txn);
	err = hg_stage_remove_server(&txn, service_of(server), server);
	hg_txn_single_end(&txn, err, NULL);
}

static void finish_drain(struct hg_server *server)
{
	server->drained = true;
	if (server->conf.remove)
		remove(server);
}

static void step_drain(struct hg_server *server)
{
	const struct hg_server_conf *conf = &server->conf;
	bool empty = !hg_load_total(atomic64_read(&server->load)) &&
		     !hg_server_has_clients(server);

	if (empty && !server->emptied) {
		server->emptied = true;
		tell(server, HEADGATE_EVENT_SERVER_DRAINED);
	}
	if (empty || hg_server_drain_removes(server)) {	/* which failed */
		finish_drain(server);
		return;
	}
	if (!conf->has_deadline || server->past_deadline ||
	    time_before(jiffies, conf->deadline))
		return;
	server->past_deadline = true;
	/* Its clients by affinity are waited for no longer. */
	hg_server_stand(server);
	hg_affinity_purge(server->ns);
	tell(server, HEADGATE_EVENT_SERVER_DEADLINE);
	if (conf->then == HEADGATE_THEN_RESET)
		hg_upkeep_mark(server, HG_SERVER_RESET);
	if (conf->remove || conf->then == HEADGATE_THEN_KEEP)
		finish_drain(server);
}

static bool is_ramping(const struct hg_server *server)
{
	return server->ramp < HG_RAMP_FULL && hg_server_takes_conns(&server->conf);
}

static bool is_done(const struct hg_server *server)
{
	return !is_ramping(server) && !service_of(server)->relayout &&
	       (!server->conf.drains || (server->emptied && !server->conf.remove));
}

static void watch(struct hg_net *ns)
{
	struct hg_server *server, *next;

	list_for_each_entry(server, &ns->watched, watched)
		if (is_ramping(server))
			step_ramp(server);
	list_for_each_entry(server, &ns->watched, watched)
		if (service_of(server)->relayout)
			relayout(service_of(server));
	list_for_each_entry_safe(server, next, &ns->watched, watched) {
		if (is_done(server))
			list_del_init(&server->watched);
		else if (server->conf.drains)
			step_drain(server);	/* after which it may be gone */
	}
}

static void upkeep_work(struct work_struct *work)
{
	struct hg_net *ns = container_of(work, struct hg_net, upkeep.work);

	mutex_lock(&ns->lock);
	watch(ns);
	/* hg_upkeep_net_stop() sets stop, then cancels: one of the two is seen. */
	if (!list_empty(&ns->watched) && !READ_ONCE(ns->stop))
		queue_delayed_work(system_unbound_wq, &ns->upkeep, PERIOD);
	mutex_unlock(&ns->lock);
}

void hg_upkeep_watch(struct hg_server *server)
{
	struct hg_net *ns = server->ns;

	lockdep_assert_held(&ns->lock);
	if (is_done(server) || READ_ONCE(ns->stop))
		return;
	if (list_empty(&server->watched))
		list_add_tail(&server->watched, &ns->watched);
	queue_delayed_work(system_unbound_wq, &ns->upkeep, PERIOD);
}

static bool is_to_reset(const struct hg_conn *conn, const void *arg)
{
	return READ_ONCE(conn->server->flags) & HG_SERVER_RESET &&
	       !(READ_ONCE(conn->word) & HG_CONN_CHECK);
}

static void purge_work(struct work_struct *work)
{
	struct hg_net *ns = container_of(work, struct hg_net, purge);

	/* Packets that picked such a server before have opened their conns by then. */
	synchronize_rcu();
	hg_kill_all(ns, is_to_reset, NULL);
	hg_conn_sweep(ns);	/* takes those that are to be scheduled anew */
}

void hg_upkeep_mark(struct hg_server *server, u8 fate)
{
	const u8 fates = HG_SERVER_RESET | HG_SERVER_RESCHEDULE;
	struct hg_net *ns = server->ns;

	lockdep_assert_held(&ns->lock);
	if ((server->flags & fates) == fate)
		return;
	WRITE_ONCE(server->flags, (server->flags & ~fates) | fate);
	if (fate && !READ_ONCE(ns->stop))
		queue_work(system_unbound_wq, &ns->purge);
}

void hg_upkeep_net_init(struct hg_net *ns)
{
	INIT_LIST_HEAD(&ns->watched);
	INIT_DELAYED_WORK(&ns->upkeep, upkeep_work);
	INIT_WORK(&ns->purge, purge_work);
}

void hg_upkeep_net_stop(struct hg_net *ns)
{
	cancel_delayed_work_sync(&ns->upkeep);
	cancel_work_sync(&ns->purge);
}
