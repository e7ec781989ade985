// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "limit.h"

unsigned int hg_limit_userns = 65536;
atomic_t hg_limit_userns_count = ATOMIC_INIT(0);

module_param_named(userns_conns, hg_limit_userns, uint, 0644);
MODULE_PARM_DESC(userns_conns,
		 "most conns and affinity entries of all namespaces outside the initial user namespace together");
