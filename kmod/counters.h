/* SPDX-License-Identifier: GPL-2.0 */
/* Where servers' counters live: per-CPU blocks of many. */
#ifndef _HG_COUNTERS_H
#define _HG_COUNTERS_H

#include <linux/init.h>
#include <linux/types.h>

struct hg_block;
struct hg_counters;

/* A server's counters, all 0, and in @block what they are part of; or NULL: no
 * memory.  May sleep.
 */
struct hg_counters __percpu *hg_counters_create(struct hg_block **block);

/* Gives them back, when nobody counts or reads any more.  Any context but an NMI. */
void hg_counters_destroy(struct hg_block *block, struct hg_counters __percpu *counters);

#ifdef DEBUG
bool __init hg_counters_selftest(void);
#endif

#endif /* _HG_COUNTERS_H */
