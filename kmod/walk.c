// SPDX-License-Identifier: GPL-2.0
#include <linux/rhashtable.h>

#include "conn.h"
#include "walk.h"

void hg_walk_init(struct hg_walk *walk, struct rhashtable *table, unsigned int stride)
{
	memset(walk, 0, sizeof(*walk));
	walk->stride = stride;
	rhashtable_walk_enter(table, &walk->iter);
}

void hg_walk_uninit(struct hg_walk *walk)
{
	rhashtable_walk_exit(&walk->iter);
}

/* The table that is walked is another one. */
static void moved(struct hg_walk *walk)
{
	walk->moves++;
	walk->slot = UINT_MAX;
}

void hg_walk_start(struct hg_walk *walk) __acquires(RCU)
{
	walk->seen = 0;
	walk->slot = UINT_MAX;
	if (rhashtable_walk_start_check(&walk->iter))
		moved(walk);
}

void hg_walk_stop(struct hg_walk *walk) __releases(RCU)
{
	rhashtable_walk_stop(&walk->iter);
}

void hg_walk_rewind(struct hg_walk *walk)
{
	walk->iter.p = NULL;
	walk->iter.skip = 0;
}

void hg_walk_back(struct hg_walk *walk)
{
	walk->iter.p = NULL;
	walk->iter.skip--;
}

void *hg_walk_next(struct hg_walk *walk)
{
	void *node;

	while ((node = rhashtable_walk_next(&walk->iter))) {
		if (IS_ERR(node)) {
			moved(walk);
			continue;
		}
		if (walk->iter.slot != walk->slot) {
			if (walk->seen > walk->stride) {
				hg_walk_rewind(walk);
				return NULL;
			}
			walk->slot = walk->iter.slot;
			walk->bucket++;
		}
		walk->seen++;
		return node;
	}
	walk->end = true;
	return NULL;
}

struct hg_conn *hg_walk_next_conn(struct hg_walk *walk)
{
	struct hg_node *node;

	while ((node = hg_walk_next(walk))) {
		if (node->key.dir == HG_DIR_ORIG)
			return hg_conn_of(node);
		walk->seen--;	/* a conn with NAT counts once */
	}
	return NULL;
}
