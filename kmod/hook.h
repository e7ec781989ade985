/* SPDX-License-Identifier: GPL-2.0 */
/* The netfilter hooks, and what their decision lists hand down. */
#ifndef _HG_HOOK_H
#define _HG_HOOK_H

#include <linux/netfilter.h>

#include "packet.h"
#include "stats.h"

struct hg_net;

/* What becomes of a packet; made into NF_* in one place. */
enum hg_verdict {
	HG_PASS,	/* goes on as it is now */
	HG_DROP,
	HG_STOLEN,	/* sent on its way, or freed */
};

/**
 * struct hg_ctx - a packet on its way through a hook
 * @skb: the packet
 * @ns: its namespace
 * @hook: NF_INET_*
 * @p: what was read of it
 */
struct hg_ctx {
	struct sk_buff		*skb;
	struct hg_net		*ns;
	unsigned int		hook;
	struct hg_packet	p;
};

static inline enum hg_verdict hg_drop(struct hg_ctx *ctx, enum headgate_drop reason)
{
	hg_stats_drop(ctx->ns, ctx->skb, reason);
	return HG_DROP;
}

/* From the first service of a namespace to the last; under ns->lock or when the
 * namespace ends.  Stopping twice does nothing.
 */
int hg_hook_net_start(struct hg_net *ns);
void hg_hook_net_stop(struct hg_net *ns);

#endif /* _HG_HOOK_H */
