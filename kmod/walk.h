/* SPDX-License-Identifier: GPL-2.0 */
/* A walk over all of a table, conns or affinity entries, while packets change it. */
#ifndef _HG_WALK_H
#define _HG_WALK_H

#include <linux/rhashtable-types.h>

struct hg_conn;

/**
 * struct hg_walk - where a walk stands
 * @iter: the table's own cursor
 * @bucket: raised with each bucket that is begun
 * @moves: how often the table was resized: what it holds may have come twice since
 * @stride: nodes looked at before a stretch ends
 * @seen: nodes looked at in this stretch
 * @slot: the bucket's place in the table
 * @end: all were met
 *
 * A walk that stops within a bucket would find its place again by counting, so one
 * that goes meanwhile would make it step over another.  A stretch therefore ends at
 * the border of buckets.  In each stretch the caller is in an RCU section.
 */
struct hg_walk {
	struct rhashtable_iter	iter;
	u32			bucket;
	u32			moves;
	unsigned int		stride;
	unsigned int		seen;
	unsigned int		slot;
	bool			end;
};

/* Process context. */
void hg_walk_init(struct hg_walk *walk, struct rhashtable *table, unsigned int stride);
void hg_walk_uninit(struct hg_walk *walk);

/* A stretch: start, next until NULL, stop; then more is to come unless walk->end.
 * What is dead or over comes too.
 */
void hg_walk_start(struct hg_walk *walk) __acquires(RCU);
void *hg_walk_next(struct hg_walk *walk);
void hg_walk_stop(struct hg_walk *walk) __releases(RCU);

/* Ends the stretch within a bucket, which the next one begins anew. */
void hg_walk_rewind(struct hg_walk *walk);

/* The same, but the next stretch goes on at what was met last. */
void hg_walk_back(struct hg_walk *walk);

/* In the table of conns: the next conn, by its original node. */
struct hg_conn *hg_walk_next_conn(struct hg_walk *walk);

#endif /* _HG_WALK_H */
