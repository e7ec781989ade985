/* SPDX-License-Identifier: GPL-2.0 */
/* How many conns and affinity entries there may be. */
#ifndef _HG_LIMIT_H
#define _HG_LIMIT_H

#include <linux/atomic.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "net.h"

/* What clients make the kernel allocate is not charged to anybody's memory cgroup.  So
 * all namespaces whose owner is not the initial user namespace share one ceiling.
 */
extern unsigned int hg_limit_userns;	/* READ_ONCE */
extern atomic_t hg_limit_userns_count;

static inline bool hg_limit_is_shared(const struct hg_net *ns)
{
	return ns->net->user_ns != &init_user_ns;
}

/* What holds of a limit that was set. */
static inline u32 hg_limit_of(const struct hg_net *ns, u32 limit)
{
	return hg_limit_is_shared(ns) ? min(limit, READ_ONCE(hg_limit_userns)) : limit;
}

static inline void hg_limit_give(struct hg_net *ns, atomic_t *count)
{
	atomic_dec(count);
	if (hg_limit_is_shared(ns))
		atomic_dec(&hg_limit_userns_count);
}

/* One more of what @count counts, if there may be. */
static inline bool hg_limit_take(struct hg_net *ns, atomic_t *count, u32 limit)
{
	bool over = atomic_inc_return(count) > limit;

	if (hg_limit_is_shared(ns))
		over |= atomic_inc_return(&hg_limit_userns_count) >
			READ_ONCE(hg_limit_userns);
	if (over)
		hg_limit_give(ns, count);
	return !over;
}

#endif /* _HG_LIMIT_H */
