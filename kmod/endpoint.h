/* SPDX-License-Identifier: GPL-2.0 */
/* Finding a server by something other than its service: by a health check's mark,
 * and by the far address of a tunnel.
 */
#ifndef _HG_ENDPOINT_H
#define _HG_ENDPOINT_H

#include <linux/netfilter.h>
#include <linux/types.h>

struct hg_net;
struct hg_server;

int hg_endpoint_net_init(struct hg_net *ns);
void hg_endpoint_net_uninit(struct hg_net *ns);

/* A configured server enters and leaves; under ns->lock.  Its mark finds it from
 * hg_endpoint_show() on, which cannot fail, to hg_endpoint_hide().
 */
int hg_endpoint_add(struct hg_server *server);
void hg_endpoint_show(struct hg_server *server);
void hg_endpoint_hide(struct hg_server *server);

/* Once it has no conns either: errors about their tunnel packets are ours until then. */
void hg_endpoint_del(struct hg_server *server);

/* The server whose check mark this is, or NULL.  Under RCU. */
struct hg_server *hg_endpoint_of_mark(struct hg_net *ns, u32 mark);

/* Is this the far end of a tunnel of ours?  Under RCU. */
bool hg_endpoint_is_tunnel(struct hg_net *ns, u8 af, const union nf_inet_addr *addr);

#endif /* _HG_ENDPOINT_H */
