// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's heartbeat.  The masks of a daemon that died stay in force, so it has to
 * be seen how old they are; only the kernel outlives every daemon.
 */
#include <linux/jiffies.h>
#include <net/genetlink.h>

#include "compat.h"
#include "dump.h"
#include "heartbeat.h"
#include "net.h"
#include "request.h"

int hg_netlink_heartbeat(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *interval = info->attrs[HEADGATE_A_HEARTBEAT];
	struct hg_net *ns = hg_net(genl_info_net(info));

	if (!interval)
		return hg_request_missing(NULL, HEADGATE_A_HEARTBEAT,
					  "within what time the next heartbeat comes",
					  info->extack);
	guard(mutex)(&ns->lock);
	ns->beat_interval = nla_get_u32(interval);
	ns->beat_at = get_jiffies_64();
	return 0;
}

int hg_heartbeat_put(struct sk_buff *skb, const struct hg_net *ns)
{
	if (!ns->beat_interval)
		return 0;
	if (nla_put_u32(skb, HEADGATE_A_INFO_HEARTBEAT, ns->beat_interval) ||
	    nla_put_u32(skb, HEADGATE_A_INFO_HEARTBEAT_AGE,
			hg_dump_msecs(get_jiffies_64() - ns->beat_at)))
		return -EMSGSIZE;
	return 0;
}
