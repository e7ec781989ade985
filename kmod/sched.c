// SPDX-License-Identifier: GPL-2.0
/* The schedulers there are, by name and in the order they are listed in. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "sched.h"

#define HG_SCHED_ENTRY(name) &hg_sched_##name,

static const struct hg_sched *const scheds[] = {
	HEADGATE_SCHEDULERS(HG_SCHED_ENTRY)
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
