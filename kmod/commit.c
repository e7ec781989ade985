// SPDX-License-Identifier: GPL-2.0
/*
 * Commit: what is staged comes into force at one moment.
 *
 * prepare() does all that can fail: it builds the pools and enters what is new into
 * the tables, where packets find it but, by the generation, do not see it.  What it
 * did, undo() takes back.  publish() puts the new pools beside the old ones, raises
 * the generation, which is the moment, and lets go of what was before.
 */
#include <linux/slab.h>

#include "affinity.h"
#include "compat.h"
#include "conn.h"
#include "endpoint.h"
#include "event.h"
#include "name.h"
#include "net.h"
#include "pool.h"
#include "sched.h"
#include "stage.h"
#include "txn.h"
#include "upkeep.h"

static bool needs_pool(const struct hg_stage *stage)
{
	const struct hg_pool *pool = hg_service_pool(stage->svc);

	if (stage->is_deleted)
		return false;
	return stage->is_new || stage->is_fresh || !RB_EMPTY_ROOT(&stage->changes) ||
	       memcmp(&stage->conf, &pool->conf, sizeof(stage->conf));
}

/* The change is the whole of the transaction, and is written in place: no packet
 * can see half of it.
 */
static struct hg_change *in_place(struct hg_txn *txn)
{
	struct hg_stage *stage = list_first_entry_or_null(&txn->stages, struct hg_stage, list);
	struct hg_change *change;

	if (!stage || !list_is_singular(&txn->stages) || stage->is_new ||
	    stage->is_deleted || stage->is_fresh || stage->is_set)
		return NULL;
	change = hg_change_first(stage);
	if (!change || !change->stays || hg_change_next(change))
		return NULL;
	hg_stage_set_ramps(stage);
	if (stage->conf.sched->by_layout &&
	    hg_server_layout(&change->conf, change->ramp) !=
	    hg_server_layout(&change->old->conf, change->old->ramp))
		return NULL;
	return change;
}

static bool gives_up(const struct hg_txn *txn, const struct hg_name *name)
{
	const struct hg_stage *stage = hg_stage_find(txn, &name->owner->key);

	return stage && stage->wants_name;
}

/* The text of a transaction's refusal says by its number and by name which message and
 * which of its attributes it is about: extack can point to the request at hand only.
 */
static int refuse_name(const struct hg_txn *txn, const struct hg_stage *stage,
		       struct netlink_ext_ack *extack)
{
	if (hg_txn_is_single(txn))
		NL_SET_ERR_MSG_ATTR_FMT(extack, stage->name_attr,
					"another service has the name %.40s",
					stage->name->text);
	else
		NL_SET_ERR_MSG_FMT(extack,
				   "message %u, service.name: the name %.27s is taken",
				   stage->message, stage->name->text);
	return -EEXIST;
}

/* What is refused without a word, when it is one of many that a COMMIT is about. */
static void explain(const struct hg_txn *txn, const struct hg_stage *stage, int err,
		    struct netlink_ext_ack *extack)
{
	if (hg_txn_is_single(txn) || extack->_msg)
		return;
	if (err == -ENOMEM)
		NL_SET_ERR_MSG_FMT(extack, "message %u: the kernel has no memory for it",
				   stage->message);
	else
		NL_SET_ERR_MSG_FMT(extack, "message %u: the kernel refused it with error %d",
				   stage->message, -err);
}

/* Takes the name for a stage: it is free, or its owner gives it up. */
static int take_name(struct hg_txn *txn, struct hg_stage *stage,
		     struct netlink_ext_ack *extack)
{
	struct hg_name *name;

	if (!stage->name)
		return 0;
	name = hg_name_enter(txn->ns, stage->name);
	if (IS_ERR(name))
		return PTR_ERR(name);
	if (name->heir || (name->owner && !gives_up(txn, name)))
		return refuse_name(txn, stage, extack);
	name->heir = stage;
	stage->taken = name;
	return 0;
}

static void return_name(struct hg_txn *txn, struct hg_stage *stage)
{
	if (!stage->taken)
		return;
	stage->taken->heir = NULL;
	if (stage->taken == stage->name)
		hg_name_leave(txn->ns, stage->name);
	stage->taken = NULL;
}

static int enter_servers(struct hg_stage *stage)
{
	struct hg_change *change;
	int err;

	for_each_change(change, stage) {
		if (!change->added)
			continue;
		err = hg_endpoint_add(change->added);
		if (err)
			return err;
		change->entered = true;
	}
	return 0;
}

static int prepare_stage(struct hg_txn *txn, struct hg_stage *stage,
			 struct netlink_ext_ack *extack)
{
	int err;

	err = take_name(txn, stage, extack);
	if (err)
		return err;
	hg_stage_set_ramps(stage);
	if (needs_pool(stage))
		err = hg_stage_build_pool(stage);
	if (!err)
		err = enter_servers(stage);
	if (!err && stage->is_new) {
		err = hg_service_enter(stage->svc);
		stage->entered = !err;
	}
	return err;
}

static void undo_stage(struct hg_txn *txn, struct hg_stage *stage)
{
	struct hg_change *change;

	return_name(txn, stage);
	if (stage->pool)
		hg_pool_free(stage->pool);
	stage->pool = NULL;
	for_each_change(change, stage) {
		if (change->entered) {
			hg_endpoint_hide(change->added);
			hg_endpoint_del(change->added);
		}
		change->entered = false;
	}
	if (stage->entered)
		hg_service_withdraw(stage->svc);
	stage->entered = false;
}

/* All is staged again as it was, and may be freed or prepared once more: packets have
 * let go of what they found in the tables.
 */
static void undo(struct hg_txn *txn)
{
	struct hg_stage *stage;

	list_for_each_entry(stage, &txn->stages, list)
		undo_stage(txn, stage);
	hg_service_left(txn->ns);
	synchronize_rcu();
}

static int prepare(struct hg_txn *txn, struct netlink_ext_ack *extack)
{
	struct hg_stage *stage;
	int err;

	list_for_each_entry(stage, &txn->stages, list) {
		err = prepare_stage(txn, stage, extack);
		if (err) {
			explain(txn, stage, err, extack);
			undo(txn);
			return err;
		}
		cond_resched();
	}
	return 0;
}

/* What the listeners are told of it. */
static enum headgate_event event_of(const struct hg_server_conf *was,
				    const struct hg_server_conf *is)
{
	if (!was->down == !is->down)
		return HEADGATE_EVENT_SERVER_SET;
	return is->down ? HEADGATE_EVENT_SERVER_DOWN : HEADGATE_EVENT_SERVER_UP;
}

/* What becomes of a server's conns: HG_SERVER_RESET, HG_SERVER_RESCHEDULE, or nothing.
 * @is_lost: it is down, or gone.
 */
static u8 fate_of(const struct hg_service_conf *conf, const struct hg_server *server,
		  bool is_lost)
{
	if (server->past_deadline && server->conf.then == HEADGATE_THEN_RESET)
		return HG_SERVER_RESET;
	if (!is_lost)
		return 0;
	switch (conf->on_down) {
	case HEADGATE_ON_DOWN_RESET:
		return HG_SERVER_RESET;
	case HEADGATE_ON_DOWN_RESCHEDULE:
		return HG_SERVER_RESCHEDULE;
	default:
		return 0;
	}
}

/* A server that stays has its new fields: what follows from them. */
static void follow(struct hg_stage *stage, struct hg_change *change)
{
	struct hg_server *server = change->old;

	hg_upkeep_mark(server, fate_of(&stage->conf, server, server->conf.down));
	if (stage->conf.affinity.timeout && server->standing != HG_STANDING_IN)
		hg_affinity_purge(server->ns);
	hg_upkeep_watch(server);
}

/* A server of the pool before, to which the service's new fields apply, or which has
 * gone.  One that its own drain removes has done with its conns what the drain says.
 */
static void follow_service(struct hg_stage *stage, struct hg_server *server)
{
	if (hg_pool_has(stage->pool, server)) {
		hg_upkeep_mark(server, fate_of(&stage->conf, server, server->conf.down));
		return;
	}
	if (!hg_server_drain_removes(server))
		hg_upkeep_mark(server, fate_of(&stage->conf, server, true));
	hg_server_remove(stage->svc, server);
}

static void publish_stage(struct hg_stage *stage, unsigned long gen)
{
	struct hg_change *change;

	if (stage->is_deleted) {
		WRITE_ONCE(stage->svc->gone, gen);
		return;
	}
	if (!stage->pool)
		return;
	spin_lock_bh(&stage->svc->sched_lock);
	for_each_change(change, stage) {
		if (!change->stays)
			continue;
		change->event = event_of(&change->old->conf, &change->conf);
		hg_server_write(change->old, &change->conf, change->ramp);
	}
	stage->before = hg_pool_publish(stage->svc, stage->pool, gen);
	spin_unlock_bh(&stage->svc->sched_lock);
}

/* The names of before go, unless another service has them now. */
static void settle_name(struct hg_txn *txn, struct hg_stage *stage)
{
	struct hg_name *before = stage->svc->name;

	if (!stage->wants_name)
		return;
	stage->svc->name = stage->taken;
	if (stage->taken) {
		stage->taken->owner = stage->svc;
		stage->taken->heir = NULL;
		if (stage->taken == stage->name)
			stage->name = NULL;
		stage->taken = NULL;
	}
	if (before && before != stage->svc->name && before->owner == stage->svc &&
	    !before->heir) {
		hg_name_leave(txn->ns, before);
		kfree(before);
	}
}

static void settle_servers(struct hg_net *ns, struct hg_stage *stage)
{
	struct hg_pool *before = stage->before;
	struct hg_change *change;
	u32 i;

	for_each_change(change, stage) {
		if (change->stays)
			follow(stage, change);
		if (!change->added)
			continue;
		ns->nservers++;
		hg_endpoint_show(change->added);
		change->added->ramp_began = jiffies;
		/* One that another mode makes of a server goes on where that was. */
		if (change->old && change->old->ramp == change->ramp)
			change->added->ramp_began = change->old->ramp_began;
		hg_upkeep_watch(change->added);
		change->added = NULL;
	}
	if (!before)
		return;
	for (i = 0; i < before->n; i++)
		follow_service(stage, before->slots[i].server);
	/* Servers of its clients may have gone, or its settings changed. */
	if (before->conf.affinity.timeout)
		hg_affinity_purge(ns);
	hg_pool_free_rcu(before);
	stage->pool = NULL;
}

static void tell_servers(struct hg_events *events, struct hg_stage *stage)
{
	struct hg_pool *before = stage->before;
	struct hg_change *change;
	u32 i;

	for (i = 0; before && i < before->n; i++) {
		if (!hg_pool_has(stage->pool, before->slots[i].server))
			hg_events_server(events, HEADGATE_EVENT_SERVER_GONE, stage->svc,
					 before->slots[i].server);
	}
	for_each_change(change, stage) {
		if (change->added)
			hg_events_server(events, HEADGATE_EVENT_SERVER_NEW, stage->svc,
					 change->added);
		else if (change->stays)
			hg_events_server(events, change->event, stage->svc, change->old);
	}
}

/* The change is in force, and what was before is still there. */
static void tell(struct hg_events *events, struct hg_stage *stage)
{
	if (stage->is_deleted)
		return;
	if (stage->is_new)
		hg_events_service(events, HEADGATE_EVENT_SERVICE_NEW, stage->svc);
	else if (stage->is_set)
		hg_events_service(events, HEADGATE_EVENT_SERVICE_SET, stage->svc);
	tell_servers(events, stage);
}

/* After the moment: lets go of what was before. */
static void settle(struct hg_txn *txn)
{
	struct hg_events events;
	struct hg_stage *stage;
	bool sweep = false;

	hg_events_begin(&events, txn->ns);
	list_for_each_entry(stage, &txn->stages, list) {
		if (stage->is_deleted)	/* while it has its name */
			hg_events_service(&events, HEADGATE_EVENT_SERVICE_GONE,
					  stage->svc);
		settle_name(txn, stage);
		tell(&events, stage);
		settle_servers(txn->ns, stage);
		sweep |= stage->is_new || stage->is_deleted;
		stage->is_new = false;
		if (stage->is_deleted)
			hg_service_leave(stage->svc);
		cond_resched();
	}
	hg_events_end(&events, HEADGATE_EVENT_COMMIT);
	hg_service_left(txn->ns);
	if (sweep)
		hg_conn_sweep_start(txn->ns);
}

static void publish(struct hg_txn *txn)
{
	struct hg_stage *stage;

	list_for_each_entry(stage, &txn->stages, list)
		publish_stage(stage, txn->ns->gen + 1);
	hg_net_next_gen(txn->ns);
	settle(txn);
}

static void write_in_place(struct hg_stage *stage, struct hg_change *change)
{
	struct hg_events events;

	change->event = event_of(&change->old->conf, &change->conf);
	hg_pool_refresh(stage->svc, change->old, &change->conf, change->ramp);
	hg_net_next_gen(stage->svc->ns);
	follow(stage, change);
	hg_events_begin(&events, stage->svc->ns);
	hg_events_server(&events, change->event, stage->svc, change->old);
	hg_events_end(&events, HEADGATE_EVENT_COMMIT);
}

/**
 * hg_txn_commit() - put a transaction in force
 * @txn: the transaction, staged against the present generation
 * @dry: only find out whether it could be
 * @extack: filled in on failure; of a single request only where there is more to say
 *	than hg_request_explain() does
 *
 * Return: 0; or -ENOMEM, -EEXIST (a name) or what hooks are refused with, and then
 * nothing has changed and all is staged as it was.
 */
int hg_txn_commit(struct hg_txn *txn, bool dry, struct netlink_ext_ack *extack)
{
	struct hg_change *change = in_place(txn);
	int err;

	lockdep_assert_held(&txn->ns->lock);
	if (change) {
		if (!dry)
			write_in_place(list_first_entry(&txn->stages, struct hg_stage, list),
				       change);
		return 0;
	}
	err = prepare(txn, extack);
	if (err)
		return err;
	if (dry)
		undo(txn);
	else if (!list_empty(&txn->stages))
		publish(txn);
	return 0;
}
