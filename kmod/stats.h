/* SPDX-License-Identifier: GPL-2.0 */
/* Counters: per server and CPU, and drops by reason. */
#ifndef _HG_STATS_H
#define _HG_STATS_H

#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>

#include "uapi/headgate.h"
#include "packet.h"

struct hg_net;

/**
 * struct hg_counters - one server's counters on one CPU
 * @conns: conns there have been
 * @packets: packets on the wire, by enum hg_dir
 * @bytes: IP bytes on the wire, by enum hg_dir
 * @syncp: makes them whole on 32-bit machines
 */
struct hg_counters {
	u64_stats_t		conns;
	u64_stats_t		packets[2];
	u64_stats_t		bytes[2];
	struct u64_stats_sync	syncp;
};

/* The plain sum of counters. */
struct hg_totals {
	u64	conns;
	u64	packets[2];
	u64	bytes[2];
};

struct hg_drops {
	u64_stats_t		packets[__HEADGATE_DROP_MAX];
	struct u64_stats_sync	syncp;
};

/* Adds the counters of all CPUs to @sum.  Any context. */
void hg_stats_add(struct hg_totals *sum, struct hg_counters __percpu *counters);

/* Counts a packet as it was on the wire: a GSO packet as its segments.  Called
 * with BH off, before headers are added or taken off.
 */
void hg_stats_packet(struct hg_counters __percpu *counters, enum hg_dir dir,
		     const struct sk_buff *skb, const struct hg_packet *p);

/* Counts a new conn.  BH off. */
void hg_stats_conn(struct hg_counters __percpu *counters);

/* Counts a drop and fires the tracepoint; does not free the packet.  BH off. */
void hg_stats_drop(struct hg_net *ns, const struct sk_buff *skb,
		   enum headgate_drop reason);

u64 hg_stats_dropped(struct hg_net *ns, enum headgate_drop reason);
const char *hg_stats_drop_name(enum headgate_drop reason);

#endif /* _HG_STATS_H */
