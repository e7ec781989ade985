// SPDX-License-Identifier: GPL-2.0
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/xarray.h>

#include "endpoint.h"
#include "net.h"
#include "server.h"

struct tunnel_key {
	union nf_inet_addr	addr;
	u8			af;
};

static u32 tunnel_hash(const void *key, u32 len, u32 seed)
{
	const struct tunnel_key *k = key;

	return jhash2(k->addr.all, ARRAY_SIZE(k->addr.all), seed ^ k->af);
}

static u32 tunnel_obj_hash(const void *obj, u32 len, u32 seed)
{
	const struct hg_server *server = obj;

	return jhash2(server->addr.all, ARRAY_SIZE(server->addr.all), seed ^ server->af);
}

static int tunnel_obj_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct tunnel_key *k = arg->key;
	const struct hg_server *server = obj;

	return k->af != server->af || memcmp(&k->addr, &server->addr, sizeof(k->addr));
}

static const struct rhashtable_params tunnel_params = {
	.head_offset		= offsetof(struct hg_server, tunnel_node),
	.key_len		= sizeof(struct tunnel_key),
	.hashfn			= tunnel_hash,
	.obj_hashfn		= tunnel_obj_hash,
	.obj_cmpfn		= tunnel_obj_cmp,
	.automatic_shrinking	= true,
};

int hg_endpoint_net_init(struct hg_net *ns)
{
	xa_init_flags(&ns->check_ids, XA_FLAGS_ALLOC);
	return rhltable_init(&ns->tunnels, &tunnel_params);
}

void hg_endpoint_net_uninit(struct hg_net *ns)
{
	rhltable_destroy(&ns->tunnels);
	xa_destroy(&ns->check_ids);
}

bool hg_endpoint_is_tunnel(struct hg_net *ns, u8 af, const union nf_inet_addr *addr)
{
	struct tunnel_key key = { .addr = *addr, .af = af };

	return rhltable_lookup(&ns->tunnels, &key, tunnel_params);
}

/* A commit has all the servers of before and of after at once. */
#define CHECK_IDS	XA_LIMIT(0, 2 * HEADGATE_SERVERS_MAX - 1)

int hg_endpoint_add(struct hg_server *server)
{
	struct tunnel_key key = { .addr = server->addr, .af = server->af };
	struct hg_net *ns = server->ns;
	int err;

	err = xa_alloc(&ns->check_ids, &server->check_id, server, CHECK_IDS,
		       GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	if (server->mode != HEADGATE_MODE_TUNNEL)
		return 0;
	err = rhltable_insert_key(&ns->tunnels, &key, &server->tunnel_node,
				  tunnel_params);
	if (err)
		xa_erase(&ns->check_ids, server->check_id);
	return err;
}

void hg_endpoint_show(struct hg_server *server)
{
	/* Pairs with hg_endpoint_of_mark(). */
	smp_store_release(&server->is_shown, true);
}

void hg_endpoint_hide(struct hg_server *server)
{
	xa_erase(&server->ns->check_ids, server->check_id);
}

void hg_endpoint_del(struct hg_server *server)
{
	if (server->mode == HEADGATE_MODE_TUNNEL)
		rhltable_remove(&server->ns->tunnels, &server->tunnel_node,
				tunnel_params);
}

struct hg_server *hg_endpoint_of_mark(struct hg_net *ns, u32 mark)
{
	u32 first = READ_ONCE(ns->check_first);
	struct hg_server *server;

	if (!first || mark < first || mark > READ_ONCE(ns->check_last))
		return NULL;
	server = xa_load(&ns->check_ids, mark - first);
	/* Pairs with hg_endpoint_show(). */
	return server && smp_load_acquire(&server->is_shown) ? server : NULL;
}
