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

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
/* 6.12: the header moved out of asm/. */
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif

#endif /* _HG_COMPAT_H */
