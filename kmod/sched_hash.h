/* SPDX-License-Identifier: GPL-2.0 */
/* What sh and mh share: a table of slots that a client's hash points into. */
#ifndef _HG_SCHED_HASH_H
#define _HG_SCHED_HASH_H

#include <linux/refcount.h>
#include <linux/types.h>

#include "packet.h"

struct hg_pool;

/**
 * struct hg_hash_table - the table of sh and mh
 * @users: pools that have it
 * @size: number of entries
 * @entry: indices of slots
 *
 * Never written once the pool is published; pools of the same layout share it.
 */
struct hg_hash_table {
	refcount_t	users;
	u32		size;
	u16		entry[];
};

/* A table of zeros, or NULL.  May sleep.  To be freed by kvfree(). */
struct hg_hash_table *hg_hash_create(u32 size);

/* Gives @pool the table of @old, when it would be the same. */
bool hg_hash_share(struct hg_pool *pool, const struct hg_pool *old);

/* The destroy() of a pool whose table is a struct hg_hash_table. */
void hg_hash_destroy(struct hg_pool *pool);

/* The pick() of a pool whose table is a struct hg_hash_table. */
int hg_hash_pick(struct hg_pool *pool, const struct hg_key *key);

#endif /* _HG_SCHED_HASH_H */
