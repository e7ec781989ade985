// SPDX-License-Identifier: GPL-2.0
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "name.h"
#include "net.h"

static const struct rhashtable_params name_params = {
	.head_offset		= offsetof(struct hg_name, node),
	.key_offset		= offsetof(struct hg_name, text),
	.key_len		= sizeof_field(struct hg_name, text),
	.automatic_shrinking	= true,
};

int hg_name_net_init(struct hg_net *ns)
{
	return rhashtable_init(&ns->names, &name_params);
}

void hg_name_net_uninit(struct hg_net *ns)
{
	rhashtable_destroy(&ns->names);
}

struct hg_name *hg_name_create(const char *text)
{
	struct hg_name *name = kzalloc(sizeof(*name), GFP_KERNEL_ACCOUNT);

	if (name)
		strscpy(name->text, text, sizeof(name->text));
	return name;
}

struct hg_name *hg_name_enter(struct hg_net *ns, struct hg_name *name)
{
	struct hg_name *old;

	lockdep_assert_held(&ns->lock);
	rcu_read_lock();
	old = rhashtable_lookup_get_insert_fast(&ns->names, &name->node, name_params);
	rcu_read_unlock();
	return old ?: name;
}

void hg_name_leave(struct hg_net *ns, struct hg_name *name)
{
	lockdep_assert_held(&ns->lock);
	rhashtable_remove_fast(&ns->names, &name->node, name_params);
}

const char *hg_name_text(const struct hg_name *name)
{
	return name ? name->text : "";
}
