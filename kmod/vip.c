// SPDX-License-Identifier: GPL-2.0
#include <linux/in6.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "net.h"
#include "service.h"
#include "vip.h"

/**
 * struct vip - an address of services
 * @node: in ns->vips
 * @addr: which
 * @services: so many
 * @rcu: frees it
 */
struct vip {
	struct rhash_head	node;
	struct in6_addr		addr;
	u32			services;
	struct rcu_head		rcu;
};

static const struct rhashtable_params vip_params = {
	.head_offset		= offsetof(struct vip, node),
	.key_offset		= offsetof(struct vip, addr),
	.key_len		= sizeof(struct in6_addr),
	.automatic_shrinking	= true,
};

static struct vip *find(struct hg_net *ns, const struct in6_addr *addr)
{
	return rhashtable_lookup_fast(&ns->vips, addr, vip_params);
}

int hg_vip_enter(struct hg_net *ns, const struct hg_service_key *key)
{
	struct vip *vip;
	int err;

	lockdep_assert_held(&ns->lock);
	if (key->af != AF_INET6)
		return 0;
	vip = find(ns, &key->addr.in6);
	if (vip) {
		vip->services++;
		return 0;
	}
	vip = kzalloc(sizeof(*vip), GFP_KERNEL_ACCOUNT);
	if (!vip)
		return -ENOMEM;
	vip->addr = key->addr.in6;
	vip->services = 1;
	err = rhashtable_insert_fast(&ns->vips, &vip->node, vip_params);
	if (err)
		kfree(vip);
	return err;
}

void hg_vip_leave(struct hg_net *ns, const struct hg_service_key *key)
{
	struct vip *vip;

	lockdep_assert_held(&ns->lock);
	if (key->af != AF_INET6)
		return;
	vip = find(ns, &key->addr.in6);
	if (--vip->services)
		return;
	rhashtable_remove_fast(&ns->vips, &vip->node, vip_params);
	kfree_rcu(vip, rcu);
}

bool hg_vip_is(struct hg_net *ns, const struct in6_addr *addr)
{
	return find(ns, addr);
}

int hg_vip_net_init(struct hg_net *ns)
{
	return rhashtable_init(&ns->vips, &vip_params);
}

void hg_vip_net_uninit(struct hg_net *ns)
{
	rhashtable_destroy(&ns->vips);
}
