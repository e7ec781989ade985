// SPDX-License-Identifier: GPL-2.0
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "net.h"
#include "vip.h"

/* Without holes: it is hashed and compared as bytes. */
struct vip_key {
	union nf_inet_addr	addr;
	u32			af;
};

/**
 * struct vip - an address of services
 * @node: in ns->vips
 * @key: which
 * @services: so many
 * @rcu: frees it
 */
struct vip {
	struct rhash_head	node;
	struct vip_key		key;
	u32			services;
	struct rcu_head		rcu;
};

static const struct rhashtable_params vip_params = {
	.head_offset		= offsetof(struct vip, node),
	.key_offset		= offsetof(struct vip, key),
	.key_len		= sizeof(struct vip_key),
	.automatic_shrinking	= true,
};

static struct vip *find(struct hg_net *ns, u8 af, const union nf_inet_addr *addr)
{
	struct vip_key key = { .addr = *addr, .af = af };

	return rhashtable_lookup_fast(&ns->vips, &key, vip_params);
}

int hg_vip_enter(struct hg_net *ns, u8 af, const union nf_inet_addr *addr)
{
	struct vip *vip;
	int err;

	lockdep_assert_held(&ns->lock);
	vip = find(ns, af, addr);
	if (vip) {
		vip->services++;
		return 0;
	}
	vip = kzalloc(sizeof(*vip), GFP_KERNEL_ACCOUNT);
	if (!vip)
		return -ENOMEM;
	vip->key.addr = *addr;
	vip->key.af = af;
	vip->services = 1;
	err = rhashtable_insert_fast(&ns->vips, &vip->node, vip_params);
	if (err)
		kfree(vip);
	return err;
}

void hg_vip_leave(struct hg_net *ns, u8 af, const union nf_inet_addr *addr)
{
	struct vip *vip;

	lockdep_assert_held(&ns->lock);
	vip = find(ns, af, addr);
	if (--vip->services)
		return;
	rhashtable_remove_fast(&ns->vips, &vip->node, vip_params);
	kfree_rcu(vip, rcu);
}

bool hg_vip_is(struct hg_net *ns, u8 af, const union nf_inet_addr *addr)
{
	return find(ns, af, addr);
}

int hg_vip_net_init(struct hg_net *ns)
{
	return rhashtable_init(&ns->vips, &vip_params);
}

void hg_vip_net_uninit(struct hg_net *ns)
{
	rhashtable_destroy(&ns->vips);
}
