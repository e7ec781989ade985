// SPDX-License-Identifier: GPL-2.0
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/percpu.h>
#include <linux/tcp.h>

#include "net.h"
#include "stats.h"
#include "trace.h"

static const struct trace_print_flags drop_names[] = {
	hg_trace_drop_names
};

static_assert(ARRAY_SIZE(drop_names) == __HEADGATE_DROP_MAX);

const char *hg_stats_drop_name(enum headgate_drop reason)
{
	return drop_names[reason].name;
}

static void sum_cpu(struct hg_totals *sum, const struct hg_counters *c)
{
	struct hg_totals now;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&c->syncp);
		now.conns = u64_stats_read(&c->conns);
		now.packets[0] = u64_stats_read(&c->packets[0]);
		now.packets[1] = u64_stats_read(&c->packets[1]);
		now.bytes[0] = u64_stats_read(&c->bytes[0]);
		now.bytes[1] = u64_stats_read(&c->bytes[1]);
	} while (u64_stats_fetch_retry(&c->syncp, start));

	sum->conns += now.conns;
	sum->packets[0] += now.packets[0];
	sum->packets[1] += now.packets[1];
	sum->bytes[0] += now.bytes[0];
	sum->bytes[1] += now.bytes[1];
}

void hg_stats_add(struct hg_totals *sum, struct hg_counters __percpu *counters)
{
	int cpu;

	for_each_possible_cpu(cpu)
		sum_cpu(sum, per_cpu_ptr(counters, cpu));
}

/* Length of the headers that each segment of a GSO packet repeats. */
static unsigned int segment_headers(const struct sk_buff *skb,
				    const struct hg_packet *p)
{
	const struct tcphdr *th;
	struct tcphdr buf;

	if (p->key.proto != IPPROTO_TCP)
		return p->thoff - p->nhoff + sizeof(struct udphdr);
	th = skb_header_pointer(skb, p->thoff, sizeof(buf), &buf);
	return p->thoff - p->nhoff + (th ? th->doff * 4 : sizeof(buf));
}

void hg_stats_packet(struct hg_counters __percpu *counters, enum hg_dir dir,
		     const struct sk_buff *skb, const struct hg_packet *p)
{
	struct hg_counters *c = this_cpu_ptr(counters);
	unsigned int segs = 1, bytes = skb->len - p->nhoff;

	if (skb_is_gso(skb)) {
		segs = max_t(unsigned int, 1, skb_shinfo(skb)->gso_segs);
		bytes += (segs - 1) * segment_headers(skb, p);
	}
	u64_stats_update_begin(&c->syncp);
	u64_stats_add(&c->packets[dir], segs);
	u64_stats_add(&c->bytes[dir], bytes);
	u64_stats_update_end(&c->syncp);
}

void hg_stats_conn(struct hg_counters __percpu *counters)
{
	struct hg_counters *c = this_cpu_ptr(counters);

	u64_stats_update_begin(&c->syncp);
	u64_stats_inc(&c->conns);
	u64_stats_update_end(&c->syncp);
}

void hg_stats_drop(struct hg_net *ns, const struct sk_buff *skb,
		   enum headgate_drop reason)
{
	struct hg_drops *d = this_cpu_ptr(ns->drops);

	u64_stats_update_begin(&d->syncp);
	u64_stats_inc(&d->packets[reason]);
	u64_stats_update_end(&d->syncp);
	trace_drop(skb, reason);
}

u64 hg_stats_dropped(struct hg_net *ns, enum headgate_drop reason)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct hg_drops *d = per_cpu_ptr(ns->drops, cpu);
		unsigned int start;
		u64 now;

		do {
			start = u64_stats_fetch_begin(&d->syncp);
			now = u64_stats_read(&d->packets[reason]);
		} while (u64_stats_fetch_retry(&d->syncp, start));
		sum += now;
	}
	return sum;
}
