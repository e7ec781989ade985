/* SPDX-License-Identifier: GPL-2.0 */
/* The module's tracepoints.  Names and fields are stable. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM headgate

#if !defined(_HG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _HG_TRACE_H

#include <linux/skbuff.h>
#include <linux/tracepoint.h>

#include "uapi/headgate.h"

#define hg_trace_drop_names \
	{ HEADGATE_DROP_NO_SERVER,	"no_server" },		\
	{ HEADGATE_DROP_NO_CONN,	"no_conn" },		\
	{ HEADGATE_DROP_LIMIT,		"limit" },		\
	{ HEADGATE_DROP_COLLISION,	"collision" },		\
	{ HEADGATE_DROP_NO_MEMORY,	"no_memory" },		\
	{ HEADGATE_DROP_NO_ROUTE,	"no_route" },		\
	{ HEADGATE_DROP_NOT_ON_LINK,	"not_on_link" },	\
	{ HEADGATE_DROP_LOCAL_CLIENT,	"local_client" },	\
	{ HEADGATE_DROP_TTL,		"ttl" },		\
	{ HEADGATE_DROP_TOO_BIG,	"too_big" },		\
	{ HEADGATE_DROP_MALFORMED,	"malformed" },		\
	{ HEADGATE_DROP_CT_NAT,		"ct_nat" },		\
	{ HEADGATE_DROP_KILLED,		"killed" },		\
	{ HEADGATE_DROP_NO_AFFINITY,	"no_affinity" }

/* A packet that goes no further, or was passed by, and why. */
TRACE_EVENT(drop,
	TP_PROTO(const struct sk_buff *skb, u32 reason),
	TP_ARGS(skb, reason),
	TP_STRUCT__entry(
		__field(const void *, skb)
		__field(u32, len)
		__field(u32, reason)
	),
	TP_fast_assign(
		__entry->skb = skb;
		__entry->len = skb->len;
		__entry->reason = reason;
	),
	TP_printk("skb=%p len=%u reason=%s", __entry->skb, __entry->len,
		  __print_symbolic(__entry->reason, hg_trace_drop_names))
);

#endif /* _HG_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
