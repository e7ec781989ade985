// SPDX-License-Identifier: GPL-2.0
/*
 * The dump of a table that packets change.  A stretch of the walk ends at the border
 * of buckets, so what the skb cannot hold of a bucket is taken back, and the bucket is
 * begun anew in the next skb.  Only one that no skb holds whole is resumed within.
 *
 * cb->seq follows the table: after a resize the next message says NLM_F_DUMP_INTR.
 */
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <net/genetlink.h>

#include "compat.h"
#include "dump.h"
#include "filter.h"
#include "request.h"
#include "walk.h"

/* Objects looked at between two chances to reschedule. */
#define STRIDE	4096

struct dump {
	struct hg_walk		walk;
	struct hg_filter	filter;
	hg_dump_one_fn		one;
};

/* Where the present bucket began, and what is to be put back to begin it anew. */
struct begun {
	u32		bucket;
	unsigned int	len;		/* of the skb */
	unsigned int	prev_seq;	/* of the callback */
};

u32 hg_dump_msecs(u64 delta)
{
	return min_t(u64, jiffies64_to_msecs(delta), U32_MAX);
}

/* The skb is full at the object that the walk met last. */
static void rewind_full(struct sk_buff *skb, struct netlink_callback *cb,
			struct hg_walk *walk, const struct begun *at)
{
	if (!at->len) {	/* the bucket fills it alone */
		hg_walk_back(walk);
		return;
	}
	/* The walk meets it again. */
	nlmsg_trim(skb, skb->data + at->len);
	cb->prev_seq = at->prev_seq;
	hg_walk_rewind(walk);
}

/* Walks a stretch.  0, or -EMSGSIZE: the skb is full. */
static int dump_stretch(struct sk_buff *skb, struct netlink_callback *cb,
			struct dump *dump)
{
	struct hg_walk *walk = &dump->walk;
	struct begun at = {};
	void *object;
	int err = 0;

	hg_walk_start(walk);
	while (!err && (object = hg_walk_next(walk))) {
		if (walk->bucket != at.bucket)
			at = (struct begun){ walk->bucket, skb->len, cb->prev_seq };
		cb->seq = 1 + walk->moves;
		err = dump->one(skb, cb, &dump->filter, object);
		if (err)
			rewind_full(skb, cb, walk, &at);
	}
	hg_walk_stop(walk);
	cb->seq = 1 + walk->moves;	/* 0 would be no sequence at all */
	return err;
}

static struct dump **dump_of(struct netlink_callback *cb)
{
	return (struct dump **)cb->ctx;
}

int hg_dump_table_start(struct netlink_callback *cb, struct rhashtable *table,
			hg_dump_one_fn one)
{
	struct dump *dump;
	int err;

	dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	if (!dump) {
		hg_request_explain(-ENOMEM, cb->extack);
		return -ENOMEM;
	}
	err = hg_filter_parse(genl_info_dump(cb)->attrs, &dump->filter, cb->extack);
	if (err) {
		kfree(dump);
		return err;
	}
	dump->one = one;
	hg_walk_init(&dump->walk, table, STRIDE);
	*dump_of(cb) = dump;
	return 0;
}

int hg_dump_table(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump *dump = *dump_of(cb);
	int err = 0;

	/* A filter may take few of a million. */
	while (!err && !dump->walk.end) {
		err = fatal_signal_pending(current) ? -EINTR :
						      dump_stretch(skb, cb, dump);
		cond_resched();
	}
	return skb->len ?: err;
}

int hg_dump_table_done(struct netlink_callback *cb)
{
	hg_walk_uninit(&(*dump_of(cb))->walk);
	kfree(*dump_of(cb));
	return 0;
}
