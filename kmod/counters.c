// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks of counters.
 *
 * With many servers a call of the per-CPU allocator costs 10,000 instructions, so the
 * counters of 64 are allocated at once.  Blocks are the module's and not a namespace's,
 * since a server may outlive its namespace.  Those with a place left are in a list; one
 * that was full until now is put first, to be full again soon, so that the others can
 * run empty.  An empty one is freed.
 */
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "counters.h"
#include "stats.h"

#define BLOCK_PLACES	64

/**
 * struct hg_block - the counters of up to BLOCK_PLACES servers
 * @node: in open_blocks while it has a place left
 * @counters: an array of places
 * @used: a bit for each place that is taken
 */
struct hg_block {
	struct list_head		node;
	struct hg_counters __percpu	*counters;
	DECLARE_BITMAP(used, BLOCK_PLACES);
};

static DEFINE_SPINLOCK(blocks_lock);	/* BH; open_blocks and what is in blocks */
static LIST_HEAD(open_blocks);

static struct hg_block *create_block(void)
{
	struct hg_block *block = kzalloc(sizeof(*block), GFP_KERNEL_ACCOUNT);

	if (!block)
		return NULL;
	block->counters = __alloc_percpu_gfp(BLOCK_PLACES * sizeof(struct hg_counters),
					     __alignof__(struct hg_counters),
					     GFP_KERNEL_ACCOUNT);
	if (!block->counters) {
		kfree(block);
		return NULL;
	}
	return block;
}

static void destroy_block(struct hg_block *block)
{
	free_percpu(block->counters);
	kfree(block);
}

/* Under blocks_lock, and a block has a place left. */
static struct hg_counters __percpu *take(struct hg_block **from)
{
	struct hg_block *block = list_first_entry(&open_blocks, struct hg_block, node);
	u32 place = find_first_zero_bit(block->used, BLOCK_PLACES);

	__set_bit(place, block->used);
	if (bitmap_full(block->used, BLOCK_PLACES))
		list_del(&block->node);
	*from = block;
	return block->counters + place;
}

static void clear(struct hg_counters __percpu *counters)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct hg_counters *c = per_cpu_ptr(counters, cpu);

		memset(c, 0, sizeof(*c));
		u64_stats_init(&c->syncp);
	}
}

struct hg_counters __percpu *hg_counters_create(struct hg_block **block)
{
	struct hg_counters __percpu *counters;

	spin_lock_bh(&blocks_lock);
	if (list_empty(&open_blocks)) {
		struct hg_block *new;

		spin_unlock_bh(&blocks_lock);
		new = create_block();
		if (!new)
			return NULL;
		spin_lock_bh(&blocks_lock);
		list_add(&new->node, &open_blocks);
	}
	counters = take(block);
	spin_unlock_bh(&blocks_lock);
	clear(counters);
	return counters;
}

void hg_counters_destroy(struct hg_block *block, struct hg_counters __percpu *counters)
{
	bool empty;

	spin_lock_bh(&blocks_lock);
	if (bitmap_full(block->used, BLOCK_PLACES))
		list_add(&block->node, &open_blocks);
	__clear_bit(counters - block->counters, block->used);
	empty = bitmap_empty(block->used, BLOCK_PLACES);
	if (empty)
		list_del(&block->node);
	spin_unlock_bh(&blocks_lock);
	if (empty)
		destroy_block(block);
}

#ifdef DEBUG
#include "selftest/counters.c"
#endif
