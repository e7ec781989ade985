// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <net/netns/generic.h>

#include "affinity.h"
#include "conn.h"
#include "hook.h"
#include "net.h"
#include "route.h"
#include "service.h"
#include "txn.h"
#include "upkeep.h"

#define CONN_LIMIT_DEFAULT	1048576
#define AFFINITY_LIMIT_DEFAULT	1048576

static unsigned int net_id __read_mostly;

static const unsigned int timeout_defaults[__HEADGATE_A_TIMEOUT_MAX] = {
	[HEADGATE_A_TIMEOUT_TCP_NONE]		= 2,
	[HEADGATE_A_TIMEOUT_TCP_ESTABLISHED]	= 900,
	[HEADGATE_A_TIMEOUT_TCP_SYN_SENT]	= 120,
	[HEADGATE_A_TIMEOUT_TCP_SYN_RECV]	= 60,
	[HEADGATE_A_TIMEOUT_TCP_FIN_WAIT]	= 120,
	[HEADGATE_A_TIMEOUT_TCP_TIME_WAIT]	= 120,
	[HEADGATE_A_TIMEOUT_TCP_CLOSE]		= 10,
	[HEADGATE_A_TIMEOUT_TCP_CLOSE_WAIT]	= 60,
	[HEADGATE_A_TIMEOUT_TCP_LAST_ACK]	= 30,
	[HEADGATE_A_TIMEOUT_TCP_LISTEN]		= 120,
	[HEADGATE_A_TIMEOUT_TCP_SYNACK]		= 120,
	[HEADGATE_A_TIMEOUT_UDP]		= 300,
};

struct hg_net *hg_net(const struct net *net)
{
	return net_generic(net, net_id);
}

void hg_net_next_gen(struct hg_net *ns)
{
	lockdep_assert_held(&ns->lock);
	/* Pairs with the acquire in open.c: who sees it sees the pools of it. */
	smp_store_release(&ns->gen, ns->gen + 1);
}

void hg_net_wait(void)
{
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net) {
		mutex_lock(&hg_net(net)->lock);
		mutex_unlock(&hg_net(net)->lock);
	}
	up_read(&net_rwsem);
}

static int __net_init net_start(struct net *net)
{
	struct hg_net *ns = hg_net(net);
	unsigned int i;
	int err;

	ns->net = net;
	ns->conn_limit = CONN_LIMIT_DEFAULT;
	ns->affinity_limit = AFFINITY_LIMIT_DEFAULT;
	mutex_init(&ns->lock);
	hg_route_net_init(ns);
	hg_txn_net_init(ns);
	hg_upkeep_net_init(ns);
	for (i = 0; i < ARRAY_SIZE(timeout_defaults); i++)
		ns->timeouts[i] = timeout_defaults[i] * HZ;
	ns->drops = alloc_percpu(struct hg_drops);
	if (!ns->drops)
		return -ENOMEM;
	err = hg_conn_net_init(ns);
	if (err)
		goto free_drops;
	err = hg_affinity_net_init(ns);
	if (err)
		goto uninit_conns;
	err = hg_service_net_init(ns);
	if (err)
		goto uninit_affinity;
	return 0;

uninit_affinity:
	hg_affinity_net_uninit(ns);
uninit_conns:
	hg_conn_net_uninit(ns);
free_drops:
	free_percpu(ns->drops);
	return err;
}

/* The namespace is ending: no more packets after the grace period that the core
 * waits for between this and net_exit().
 */
static void __net_exit net_pre_exit(struct net *net)
{
	struct hg_net *ns = hg_net(net);

	WRITE_ONCE(ns->stop, true);
	hg_hook_net_stop(ns);
	hg_upkeep_net_stop(ns);
	hg_affinity_net_stop(ns);
	hg_conn_net_stop(ns);
}

static void __net_exit net_exit(struct net *net)
{
	struct hg_net *ns = hg_net(net);

	hg_txn_net_uninit(ns);
	/* Conns first: they hold on to affinity entries, and both to servers. */
	hg_conn_net_uninit(ns);
	hg_affinity_net_uninit(ns);
	hg_service_net_uninit(ns);
	free_percpu(ns->drops);
}

static struct pernet_operations net_ops = {
	.init		= net_start,
	.pre_exit	= net_pre_exit,
	.exit		= net_exit,
	.id		= &net_id,
	.size		= sizeof(struct hg_net),
};

/* As a device's operations, whose exit comes before the namespace's devices go: by
 * then no route may hold on to one.
 */
int hg_net_init(void)
{
	int err;

	err = register_pernet_device(&net_ops);
	if (err)
		return err;
	err = hg_route_init();
	if (err)
		goto net;
	err = hg_txn_init();
	if (err)
		goto route;
	return 0;

route:
	hg_route_uninit();
net:
	unregister_pernet_device(&net_ops);
	return err;
}

void hg_net_uninit(void)
{
	hg_txn_uninit();
	hg_route_uninit();
	unregister_pernet_device(&net_ops);
}
