/* SPDX-License-Identifier: GPL-2.0 */
/* ICMP errors about packets of our conns, and about our own tunnel packets. */
#ifndef _HG_ICMP_H
#define _HG_ICMP_H

#include "hook.h"

/* Translates an ICMP error and sends it to whom it concerns. */
enum hg_verdict hg_icmp_error(struct hg_ctx *ctx);

/* Is it about a conn of ours that conntrack is not to see, or about a tunnel? */
bool hg_icmp_ours(struct hg_ctx *ctx);

#endif /* _HG_ICMP_H */
