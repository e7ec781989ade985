/* SPDX-License-Identifier: GPL-2.0 */
/* The commands that change services and servers. */
#ifndef _HG_CONFIGURE_H
#define _HG_CONFIGURE_H

struct genl_info;
struct sk_buff;

int hg_configure_new_service(struct sk_buff *skb, struct genl_info *info);
int hg_configure_set_service(struct sk_buff *skb, struct genl_info *info);
int hg_configure_del_service(struct sk_buff *skb, struct genl_info *info);
int hg_configure_flush(struct sk_buff *skb, struct genl_info *info);
int hg_configure_new_server(struct sk_buff *skb, struct genl_info *info);
int hg_configure_set_server(struct sk_buff *skb, struct genl_info *info);
int hg_configure_del_server(struct sk_buff *skb, struct genl_info *info);
int hg_configure_reset_server(struct sk_buff *skb, struct genl_info *info);

int hg_configure_begin(struct sk_buff *skb, struct genl_info *info);
int hg_configure_check(struct sk_buff *skb, struct genl_info *info);
int hg_configure_commit(struct sk_buff *skb, struct genl_info *info);
int hg_configure_abort(struct sk_buff *skb, struct genl_info *info);

#endif /* _HG_CONFIGURE_H */
