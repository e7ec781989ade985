/* SPDX-License-Identifier: GPL-2.0 */
/* The module's version; the file VERSION says the same, and a lint compares. */
#ifndef _HG_VERSION_H
#define _HG_VERSION_H

#define HG_VERSION "0.1.0"

#endif /* _HG_VERSION_H */
