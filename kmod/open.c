// SPDX-License-Identifier: GPL-2.0
#include <net/netfilter/nf_conntrack.h>

#include "affinity.h"
#include "conn.h"
#include "endpoint.h"
#include "net.h"
#include "open.h"
#include "pool.h"
#include "proto.h"
#include "server.h"
#include "service.h"
#include "xmit.h"

/* Servers that are tried for a conn whose reply flow another conn has in use. */
#define COLLISION_TRIES	8

static struct hg_service *find_service(const struct hg_ctx *ctx)
{
	const struct hg_key *key = &ctx->p.key;
	struct hg_service_key wanted = {
		.addr = key->dst,
		.port = key->dport,
		.proto = key->proto,
		.af = key->af,
	};

	return hg_service_lookup(ctx->ns, &wanted);
}

/* Somebody's DNAT or SNAT has a hold on it: two translations do not mix. */
static bool has_conntrack_nat(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	return ct && READ_ONCE(ct->status) & IPS_NAT_MASK;
}

struct hg_server *hg_checked_server(const struct hg_ctx *ctx, const struct hg_service *svc)
{
	struct hg_server *server;

	if (likely(!ctx->skb->mark))
		return NULL;
	server = hg_endpoint_of_mark(ctx->ns, ctx->skb->mark);
	return server && rcu_access_pointer(server->service) == svc ? server : NULL;
}

/* A client on the director has an address that the server has too, the VIP, when
 * the mode leaves the packet as it is: its answer would never come here.
 */
static bool refuses_local(const struct hg_ctx *ctx, const struct hg_server *server)
{
	u8 mode = READ_ONCE(server->mode);

	return ctx->hook == NF_INET_LOCAL_OUT &&
	       (mode == HEADGATE_MODE_DIRECT || mode == HEADGATE_MODE_TUNNEL);
}

/* The next server in address order that takes conns, after @server; NULL: that is
 * @first again, or none.
 */
static struct hg_server *next_server(const struct hg_pool *pool,
				     const struct hg_server *server,
				     const struct hg_server *first)
{
	u32 idx = hg_pool_next_up(pool, READ_ONCE(server->idx) + 1);

	if (idx >= pool->n || pool->slots[idx].server == first)
		return NULL;
	return pool->slots[idx].server;
}

/* @first has been asked whether it takes this client.  Inline, as hg_conn_new() and
 * hg_conn_new_affine() are two functions.
 */
static __always_inline struct hg_conn *new_conn(struct hg_ctx *ctx, struct hg_pool *pool,
						struct hg_server *first,
						struct hg_affinity *affinity)
{
	struct hg_server *server = first;
	struct hg_conn *conn;
	unsigned int tries;

	for (tries = 0; server && tries < COLLISION_TRIES; tries++) {
		if (server == first || !refuses_local(ctx, server)) {
			/* Another server's conn must not hold the entry of this one. */
			conn = affinity && server == first ?
				hg_conn_new_affine(ctx->ns, &ctx->p.key, server, affinity) :
				hg_conn_new(ctx->ns, &ctx->p.key, server);
			if (conn != ERR_PTR(-EEXIST))
				return conn;
		}
		server = next_server(pool, server, first);
	}
	return ERR_PTR(-EEXIST);
}

static enum hg_verdict refused(struct hg_ctx *ctx, long err)
{
	switch (err) {
	case -EEXIST:
		return hg_drop(ctx, HEADGATE_DROP_COLLISION);
	case -ENOSPC:
		return hg_drop(ctx, HEADGATE_DROP_LIMIT);
	default:
		return hg_drop(ctx, HEADGATE_DROP_NO_MEMORY);
	}
}

static enum hg_verdict no_server(struct hg_ctx *ctx)
{
	hg_xmit_error(ctx->skb, ctx->p.key.af, HG_ERROR_PORT, 0);
	return hg_drop(ctx, HEADGATE_DROP_NO_SERVER);
}

static enum hg_verdict start_conn(struct hg_ctx *ctx, struct hg_conn *conn)
{
	if (IS_ERR(conn))
		return refused(ctx, PTR_ERR(conn));
	/* Dead at birth: the client will send again. */
	if (!hg_proto_packet(ctx->ns, conn, &ctx->p, HG_DIR_ORIG))
		return hg_drop(ctx, HEADGATE_DROP_NO_MEMORY);
	return hg_xmit(ctx, conn);
}

static __always_inline enum hg_verdict open_to(struct hg_ctx *ctx, struct hg_pool *pool,
					       struct hg_server *server,
					       struct hg_affinity *affinity)
{
	if (!server)
		return no_server(ctx);
	if (refuses_local(ctx, server))
		return hg_drop(ctx, HEADGATE_DROP_LOCAL_CLIENT);
	return start_conn(ctx, new_conn(ctx, pool, server, affinity));
}

static noinline enum hg_verdict open_affine(struct hg_ctx *ctx, struct hg_pool *pool)
{
	struct hg_affinity *affinity;
	struct hg_server *server;
	enum hg_verdict verdict;

	server = hg_affinity_pick(ctx->ns, pool, &ctx->p.key, &affinity);
	if (server && !affinity)
		hg_stats_drop(ctx->ns, ctx->skb, HEADGATE_DROP_NO_AFFINITY);
	verdict = open_to(ctx, pool, server, affinity);
	if (affinity)
		hg_affinity_put(affinity, false);
	return verdict;
}

enum hg_verdict hg_open(struct hg_ctx *ctx)
{
	struct hg_server *server;
	struct hg_service *svc;
	struct hg_pool *pool;
	unsigned long gen;

	/* Pairs with hg_net_next_gen(): the pools of that generation are seen. */
	gen = smp_load_acquire(&ctx->ns->gen);
	svc = find_service(ctx);
	if (!svc)
		return HG_PASS;
	pool = hg_service_pool_at(svc, gen);
	if (!pool)
		return HG_PASS;
	/* The stack answers with a RST: better than to let the client wait. */
	if (!ctx->p.opener) {
		hg_stats_drop(ctx->ns, ctx->skb, HEADGATE_DROP_NO_CONN);
		return HG_PASS;
	}
	if (has_conntrack_nat(ctx->skb)) {
		hg_stats_drop(ctx->ns, ctx->skb, HEADGATE_DROP_CT_NAT);
		return HG_PASS;
	}
	if (ctx->hook == NF_INET_LOCAL_OUT) {
		server = hg_checked_server(ctx, svc);
		if (server)
			return start_conn(ctx, hg_conn_new_check(ctx->ns, &ctx->p.key,
								 server));
	}
	if (unlikely(pool->conf.affinity.timeout))
		return open_affine(ctx, pool);
	return open_to(ctx, pool, hg_pool_pick(pool, &ctx->p.key), NULL);
}
