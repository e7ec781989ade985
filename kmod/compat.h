/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sources are written for 6.12; this file makes 6.1 look like it.  The only
 * place for version checks: shims under the new name, by the release that
 * brought them.  To drop a kernel is to delete a block.
 */
#ifndef _HG_COMPAT_H
#define _HG_COMPAT_H

#include <linux/version.h>
#include <linux/netlink.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/task_work.h>

struct hg_extack_text {
	struct callback_head	work;
	char			text[80];
};

/*
 * 6.2: extack has room for a text.  Before, it is a pointer, followed after the
 * request was handled, but by the same task before that returns to user space:
 * the text lives as long.  It is freed by the kernel's own kfree(), so that the
 * module may be gone by then.  Without memory: the text is the bare format.
 */
static __printf(1, 2) __maybe_unused const char *hg_extack_text(const char *fmt, ...)
{
	struct hg_extack_text *t = kmalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	va_list args;

	if (!t)
		return fmt;
	va_start(args, fmt);
	vsnprintf(t->text, sizeof(t->text), fmt, args);
	va_end(args);

	BUILD_BUG_ON(offsetof(struct hg_extack_text, work));
	init_task_work(&t->work, (task_work_func_t)(void *)kfree);
	if (!task_work_add(current, &t->work, TWA_RESUME))
		return t->text;
	kfree(t);
	return fmt;
}

#define NL_SET_ERR_MSG_FMT(extack, fmt, args...) do {			\
	struct netlink_ext_ack *__extack = (extack);			\
									\
	if (__extack)							\
		__extack->_msg = hg_extack_text(fmt, ##args);		\
} while (0)

#define NL_SET_ERR_MSG_ATTR_FMT(extack, attr, fmt, args...) do {	\
	struct netlink_ext_ack *__attr_extack = (extack);		\
									\
	NL_SET_ERR_MSG_FMT(__attr_extack, fmt, ##args);			\
	NL_SET_BAD_ATTR(__attr_extack, attr);				\
} while (0)
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
/* 6.5: skb_gso_validate_network_len() moved out of skbuff.h. */
#include <net/gso.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
/* 6.7: what a dump was asked with; here its attrs alone. */
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
/* 6.12: the header moved out of asm/. */
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif

#endif /* _HG_COMPAT_H */
