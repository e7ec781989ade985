// SPDX-License-Identifier: GPL-2.0
#include <net/genetlink.h>

#include "affinity.h"
#include "conn.h"
#include "dump.h"
#include "filter.h"
#include "kill.h"
#include "net.h"
#include "netlink.h"

/* Does it to those that the request's filter chooses, and answers by @type how many they
 * were.
 */
static int do_chosen(struct genl_info *info, int type,
		     u32 (*act)(struct hg_net *ns, const struct hg_filter *filter))
{
	struct hg_filter filter;
	struct sk_buff *reply;
	void *hdr;
	int err;

	err = hg_filter_parse_chosen(info->attrs, &filter, info->extack);
	if (err)
		return err;
	/* First: without memory nothing is to happen. */
	reply = hg_dump_reply_begin(info, &hdr);
	if (!reply)
		return -ENOMEM;
	return hg_dump_reply_number(info, reply, hdr, type,
				    act(hg_net(genl_info_net(info)), &filter));
}

static u32 kill(struct hg_net *ns, const struct hg_filter *filter)
{
	return hg_kill_all(ns, hg_filter_match, filter);
}

int hg_netlink_kill_conn(struct sk_buff *skb, struct genl_info *info)
{
	return do_chosen(info, HEADGATE_A_KILLED, kill);
}

static u32 flush(struct hg_net *ns, const struct hg_filter *filter)
{
	return hg_affinity_flush(ns, hg_filter_match_affinity, filter);
}

int hg_netlink_flush_affinity(struct sk_buff *skb, struct genl_info *info)
{
	return do_chosen(info, HEADGATE_A_FLUSHED, flush);
}

int hg_netlink_sweep(struct sk_buff *skb, struct genl_info *info)
{
	hg_conn_sweep(hg_net(genl_info_net(info)));
	return 0;
}
