/* SPDX-License-Identifier: GPL-2.0 */
/* Opening conns: from a packet of no conn to a server. */
#ifndef _HG_OPEN_H
#define _HG_OPEN_H

#include "hook.h"

/* Schedules the packet and sends it on; passes what is for no service of ours. */
enum hg_verdict hg_open(struct hg_ctx *ctx);

#endif /* _HG_OPEN_H */
