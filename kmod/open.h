/* SPDX-License-Identifier: GPL-2.0 */
/* Opening conns: from a packet of no conn to a server. */
#ifndef _HG_OPEN_H
#define _HG_OPEN_H

#include "hook.h"

struct hg_server;
struct hg_service;

/* Schedules the packet and sends it on; passes what is for no service of ours. */
enum hg_verdict hg_open(struct hg_ctx *ctx);

/* The server of @svc that a packet of this host is a health check for; NULL: it is none. */
struct hg_server *hg_checked_server(const struct hg_ctx *ctx, const struct hg_service *svc);

#endif /* _HG_OPEN_H */
