/* SPDX-License-Identifier: GPL-2.0 */
/* Names of services: unique in a namespace, apart from the services so that a
 * transaction can pass them on in any order.
 */
#ifndef _HG_NAME_H
#define _HG_NAME_H

#include <linux/rhashtable-types.h>

#include "uapi/headgate.h"

struct hg_net;

/**
 * struct hg_name - a name
 * @node: in ns->names
 * @text: the name
 * @owner: the service that has it
 * @heir: the staged service that is to have it; of a commit under way
 *
 * Under ns->lock.
 */
struct hg_name {
	struct rhash_head	node;
	char			text[HEADGATE_NAME_MAX + 1];
	struct hg_service	*owner;
	struct hg_stage		*heir;
};

int hg_name_net_init(struct hg_net *ns);
void hg_name_net_uninit(struct hg_net *ns);

/* A name that is in no table yet; to be freed by kfree(). */
struct hg_name *hg_name_create(const char *text);

/* Puts it in the table, and returns it; or the one of that text that is there, or an
 * ERR_PTR.
 */
struct hg_name *hg_name_enter(struct hg_net *ns, struct hg_name *name);

/* Out of the table.  Nobody looks at it without ns->lock: it may be freed at once. */
void hg_name_leave(struct hg_net *ns, struct hg_name *name);

/* A service's name, or "". */
const char *hg_name_text(const struct hg_name *name);

#endif /* _HG_NAME_H */
