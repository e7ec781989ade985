// SPDX-License-Identifier: GPL-2.0
/* The schedulers there are, by name and in the order they are listed in. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "sched.h"

static const struct hg_sched *const scheds[] = {
	&hg_sched_rr,
	&hg_sched_wrr,
	&hg_sched_lc,
	&hg_sched_wlc,
	&hg_sched_sh,
	&hg_sched_mh,
};

/**
 * hg_sched_find() - a scheduler by name
 * @name: as in the netlink attribute
 *
 * Return: the scheduler, or NULL when there is none of that name.
 */
const struct hg_sched *hg_sched_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scheds); i++) {
		if (!strcmp(scheds[i]->name, name))
			return scheds[i];
	}
	return NULL;
}

/**
 * hg_sched_nth() - a scheduler by number
 * @i: from 0
 *
 * Return: the scheduler, or NULL past the last.
 */
const struct hg_sched *hg_sched_nth(unsigned int i)
{
	return i < ARRAY_SIZE(scheds) ? scheds[i] : NULL;
}

#ifdef DEBUG
#include "selftest/sched.c"
#endif
