/* SPDX-License-Identifier: GPL-2.0 */
/* Netlink policies. */
#ifndef _HG_POLICY_H
#define _HG_POLICY_H

#include <net/netlink.h>

#include "uapi/headgate.h"

/* The top level, by what a command takes. */
extern const struct nla_policy hg_policy_settings[HEADGATE_A_SETTINGS + 1];
extern const struct nla_policy hg_policy_service_key[HEADGATE_A_SERVICE + 1];
extern const struct nla_policy hg_policy_service[HEADGATE_A_SERVICE + 1];
extern const struct nla_policy hg_policy_server_key[HEADGATE_A_SERVER + 1];
extern const struct nla_policy hg_policy_server[HEADGATE_A_SERVER + 1];
extern const struct nla_policy hg_policy_transaction[HEADGATE_A_TRANSACTION + 1];
extern const struct nla_policy hg_policy_filter[HEADGATE_A_FILTER + 1];
extern const struct nla_policy hg_policy_heartbeat[HEADGATE_A_HEARTBEAT + 1];
extern const struct nla_policy hg_policy_affinity_filter[HEADGATE_A_FILTER + 1];

#endif /* _HG_POLICY_H */
