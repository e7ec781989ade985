// SPDX-License-Identifier: GPL-2.0
/* Headgate, a layer-4 load balancer. */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "conn.h"
#include "counters.h"
#include "net.h"
#include "netlink.h"
#include "packet.h"
#include "proto.h"
#include "sched.h"
#include "version.h"

#ifdef DEBUG
static bool __init selftests_pass(void)
{
	bool ok = hg_packet_selftest();

	ok &= hg_proto_selftest();
	ok &= hg_sched_selftest();
	ok &= hg_conn_selftest();
	ok &= hg_counters_selftest();
	return ok;
}
#else
static bool __init selftests_pass(void)
{
	return true;
}
#endif

static int __init headgate_init(void)
{
	int err;

	err = hg_conn_init();
	if (err)
		return err;
	err = -ENOTRECOVERABLE;
	if (!selftests_pass())
		goto conn;
	err = hg_net_init();
	if (err)
		goto conn;
	err = hg_netlink_init();
	if (err)
		goto net;
	pr_info("loaded, version " HG_VERSION "\n");
	return 0;

net:
	hg_net_uninit();
conn:
	hg_conn_uninit();
	return err;
}

static void __exit headgate_exit(void)
{
	hg_netlink_uninit();
	hg_net_uninit();
	hg_conn_uninit();
	pr_info("unloaded\n");
}

module_init(headgate_init);
module_exit(headgate_exit);

MODULE_DESCRIPTION("Headgate, a layer-4 load balancer");
MODULE_LICENSE("GPL");
MODULE_VERSION(HG_VERSION);
