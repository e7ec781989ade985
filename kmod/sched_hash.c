// SPDX-License-Identifier: GPL-2.0
/*
 * sh: source hash.  One client goes to one server, for as long as the servers and
 * their weights stay what they are; and what sh and mh share.
 *
 * The table of sh has at least 128 entries for each server (16 when there are more
 * than 8,192).  A server gets one entry for being there, so that none starves, and
 * the rest is cut by weight: its share is right to 1/128 of it and two entries.
 *
 * Tables are laid out by the admin's last weight over 0, times the eighths that the
 * daemon's last factor over 0 is, rounded up.  A server that is down, drained, at weight
 * or factor 0 keeps its entries, and its clients are spread over the others by further
 * hashes, until it is back and they return.
 *
 * All hashes are fixed and the same on each machine: directors with the same
 * servers agree, after a failover too.
 */
#include <linux/compiler.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "sched.h"
#include "sched_hash.h"
#include "server.h"

#define PROBES		8
#define PER_SERVER	128
#define TABLE_MIN	1024u
#define TABLE_MAX	(1024u * 1024)	/* 2 MiB */

/* Words in host order, so that the hash does not depend on the byte order. */
static u32 hash_client(const struct hg_key *key, u32 flags)
{
	u32 port = flags & HEADGATE_SERVICE_F_HASH_PORT ? ntohs(key->sport) : 0;

	if (key->af == AF_INET)
		return jhash_1word(ntohl(key->src.ip), port);
	return jhash_3words(jhash_2words(ntohl(key->src.ip6[0]), ntohl(key->src.ip6[1]),
					 port),
			    ntohl(key->src.ip6[2]), ntohl(key->src.ip6[3]), port);
}

static u16 look(const struct hg_hash_table *table, u32 hash)
{
	return table->entry[reciprocal_scale(hash, table->size)];
}

/* The server of @hash takes none.  Each probe is a hash of its own, so the clients
 * of one server spread over all others by their shares.
 */
static noinline int pick_other(const struct hg_pool *pool, u32 hash)
{
	u32 idx, i;

	for (i = 1; i <= PROBES; i++) {
		idx = look(pool->table, jhash_1word(hash, i));
		if (READ_ONCE(pool->slots[idx].weight))
			return idx;
	}

	idx = hg_pool_next_up(pool, reciprocal_scale(hash, pool->n));
	return idx < pool->n ? idx : HG_SCHED_NONE;
}

/**
 * hg_hash_pick() - the slot that a client's hash points to
 * @pool: the pool, of one server at least
 * @key: the opener's flow
 *
 * Return: its index, that of another where it takes none, or HG_SCHED_NONE.
 */
int hg_hash_pick(struct hg_pool *pool, const struct hg_key *key)
{
	u32 hash = hash_client(key, pool->conf.flags);
	u32 idx = look(pool->table, hash);

	if (likely(READ_ONCE(pool->slots[idx].weight)))
		return idx;
	return pick_other(pool, hash);
}

/**
 * hg_hash_create() - make a table
 * @size: number of entries
 *
 * Return: a table of zeros, to be freed by kvfree(), or NULL: no memory.
 */
struct hg_hash_table *hg_hash_create(u32 size)
{
	struct hg_hash_table *table;

	table = kvzalloc(struct_size(table, entry, size), GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	refcount_set(&table->users, 1);
	table->size = size;
	return table;
}

/**
 * hg_hash_share() - take over the table of the pool before
 * @pool: the pool, in the making
 * @old: the pool before, or NULL
 *
 * A table depends on the servers and their layouts alone: what else changes, such
 * as a server's state, costs no new one.
 *
 * Return: @pool has @old's table now; false: it needs one of its own.
 */
bool hg_hash_share(struct hg_pool *pool, const struct hg_pool *old)
{
	struct hg_hash_table *table;
	u32 i;

	if (!old || old->conf.sched != pool->conf.sched || old->n != pool->n)
		return false;
	for (i = 0; i < pool->n; i++) {
		if (old->slots[i].server != pool->slots[i].server ||
		    old->slots[i].layout != pool->slots[i].layout)
			return false;
	}
	table = old->table;
	refcount_inc(&table->users);
	pool->table = table;
	return true;
}

/**
 * hg_hash_destroy() - give up a pool's table
 * @pool: the pool
 */
void hg_hash_destroy(struct hg_pool *pool)
{
	struct hg_hash_table *table = pool->table;

	if (refcount_dec_and_test(&table->users))
		kvfree(table);
}

static u32 sh_size(u32 n)
{
	u32 size = roundup_pow_of_two(max(n, 1u) * PER_SERVER);

	return clamp(size, TABLE_MIN, TABLE_MAX);
}

/* Each server's entries are in one piece, in address order.  The last one's end
 * is the table's: then @given counts all servers, and @sum is @total.
 */
static void sh_fill(struct hg_hash_table *table, const struct hg_pool *pool,
		    u64 total, u32 weighted)
{
	u32 i, end, pos = 0, given = 0;
	u64 sum = 0;

	for (i = 0; i < pool->n; i++) {
		u32 weight = pool->slots[i].layout;

		if (!weight)
			continue;
		given++;
		sum += weight;
		end = given + div64_u64((table->size - weighted) * sum, total);
		while (pos < end)
			table->entry[pos++] = i;
	}
}

static int sh_build(struct hg_pool *pool, const struct hg_pool *old)
{
	struct hg_hash_table *table;
	u32 i, weighted = 0;
	u64 total = 0;

	if (hg_hash_share(pool, old))
		return 0;
	table = hg_hash_create(sh_size(pool->n));
	if (!table)
		return -ENOMEM;
	for (i = 0; i < pool->n; i++) {
		u32 weight = pool->slots[i].layout;

		total += weight;
		weighted += !!weight;
	}
	sh_fill(table, pool, total, weighted);
	pool->table = table;
	return 0;
}

const struct hg_sched hg_sched_sh = {
	.name		= "sh",
	.build		= sh_build,
	.destroy	= hg_hash_destroy,
	.pick		= hg_hash_pick,
	.by_layout	= true,
};

#ifdef DEBUG
#include "selftest/sched_hash.c"
#endif
