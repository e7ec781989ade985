// SPDX-License-Identifier: GPL-2.0
/* Netlink policies: what may be in a request, in type, size and range. */
#include "policy.h"

#define REJECT(why)	{ .type = NLA_REJECT, .reject_message = (why) }
#define READ_ONLY	REJECT("read-only attribute")
#define NOT_HERE	REJECT("not in this command, the key is enough")
#define ADDRESS		NLA_POLICY_RANGE(NLA_BINARY, 4, 16)
#define PORT		NLA_POLICY_MIN(NLA_U16, 1)

static const struct nla_policy service_key_policy[] = {
	[HEADGATE_A_SERVICE_FAMILY]	= { .type = NLA_U8 },
	[HEADGATE_A_SERVICE_PROTOCOL]	= { .type = NLA_U8 },
	[HEADGATE_A_SERVICE_ADDRESS]	= ADDRESS,
	[HEADGATE_A_SERVICE_PORT]	= PORT,
	[HEADGATE_A_SERVICE_NAME ... HEADGATE_A_SERVICE_FLAGS] = NOT_HERE,
	[HEADGATE_A_SERVICE_SERVERS ... HEADGATE_A_SERVICE_COUNTERS] = READ_ONLY,
	[HEADGATE_A_SERVICE_TIMEOUTS ... HEADGATE_A_SERVICE_AFFINITY] = NOT_HERE,
};

/* A policy's own limits have 15 bits.  6.1 wants these writable. */
static struct netlink_range_validation slow_start_range __ro_after_init = {
	.max = HEADGATE_SLOW_START_MAX,
};

/* 0 as well, which request.c tells from what is below the least. */
static struct netlink_range_validation own_timeout_range __ro_after_init = {
	.max = HEADGATE_TIMEOUT_MAX,
};

static const struct nla_policy own_timeout_policy[] = {
	[1 ... HEADGATE_A_TIMEOUT_MAX] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &own_timeout_range),
};

static const struct nla_policy affinity_conf_policy[] = {
	[HEADGATE_A_AFFINITY_CONF_TIMEOUT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &own_timeout_range),
	[HEADGATE_A_AFFINITY_CONF_PREFIX] = NLA_POLICY_RANGE(NLA_U8, 1, 128),
	[HEADGATE_A_AFFINITY_CONF_DRAINED] =
		NLA_POLICY_MAX(NLA_U8, __HEADGATE_DRAINED_MAX - 1),
};

static const struct nla_policy service_policy[] = {
	[HEADGATE_A_SERVICE_FAMILY]	= { .type = NLA_U8 },
	[HEADGATE_A_SERVICE_PROTOCOL]	= { .type = NLA_U8 },
	[HEADGATE_A_SERVICE_ADDRESS]	= ADDRESS,
	[HEADGATE_A_SERVICE_PORT]	= PORT,
	[HEADGATE_A_SERVICE_NAME]	= { .type = NLA_NUL_STRING,
					    .len = HEADGATE_NAME_MAX },
	[HEADGATE_A_SERVICE_SCHEDULER]	= { .type = NLA_NUL_STRING,
					    .len = HEADGATE_SCHED_MAX },
	[HEADGATE_A_SERVICE_FLAGS]	=
		NLA_POLICY_BITFIELD32(HEADGATE_SERVICE_F_ALL),
	[HEADGATE_A_SERVICE_SERVERS ... HEADGATE_A_SERVICE_COUNTERS] = READ_ONLY,
	[HEADGATE_A_SERVICE_TIMEOUTS]	= NLA_POLICY_NESTED(own_timeout_policy),
	[HEADGATE_A_SERVICE_SLOW_START] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &slow_start_range),
	[HEADGATE_A_SERVICE_ON_DOWN]	=
		NLA_POLICY_MAX(NLA_U8, __HEADGATE_ON_DOWN_MAX - 1),
	[HEADGATE_A_SERVICE_AFFINITY]	= NLA_POLICY_NESTED(affinity_conf_policy),
};

static const struct nla_policy server_key_policy[] = {
	[HEADGATE_A_SERVER_FAMILY]	= { .type = NLA_U8 },
	[HEADGATE_A_SERVER_ADDRESS]	= ADDRESS,
	[HEADGATE_A_SERVER_PORT]	= PORT,
	[HEADGATE_A_SERVER_MODE ... HEADGATE_A_SERVER_FACTOR] = NOT_HERE,
	[HEADGATE_A_SERVER_RAMP ... HEADGATE_A_SERVER_COUNTERS] = READ_ONLY,
	[HEADGATE_A_SERVER_UPPER ... HEADGATE_A_SERVER_MANAGED] = NOT_HERE,
	[HEADGATE_A_SERVER_MANAGED_WEIGHT ... HEADGATE_A_SERVER_MAX] = READ_ONLY,
};

static struct netlink_range_validation threshold_range __ro_after_init = {
	.max = HEADGATE_THRESHOLD_MAX,
};

static struct netlink_range_validation deadline_range __ro_after_init = {
	.max = HEADGATE_DEADLINE_MAX,
};

static const struct nla_policy drain_policy[] = {
	[HEADGATE_A_DRAIN_DEADLINE] = NLA_POLICY_FULL_RANGE(NLA_U32, &deadline_range),
	[HEADGATE_A_DRAIN_THEN]	= NLA_POLICY_MAX(NLA_U8, __HEADGATE_THEN_MAX - 1),
	[HEADGATE_A_DRAIN_REMOVE] = { .type = NLA_FLAG },
	[HEADGATE_A_DRAIN_LEFT]	= READ_ONLY,
};

static struct netlink_range_validation weight_range __ro_after_init = {
	.max = HEADGATE_WEIGHT_MAX,
};

static const struct nla_policy server_policy[] = {
	[HEADGATE_A_SERVER_FAMILY]	= { .type = NLA_U8 },
	[HEADGATE_A_SERVER_ADDRESS]	= ADDRESS,
	[HEADGATE_A_SERVER_PORT]	= PORT,
	[HEADGATE_A_SERVER_MODE]	=
		NLA_POLICY_MAX(NLA_U8, __HEADGATE_MODE_MAX - 1),
	[HEADGATE_A_SERVER_TUNNEL]	=
		NLA_POLICY_MAX(NLA_U8, __HEADGATE_TUNNEL_MAX - 1),
	[HEADGATE_A_SERVER_WEIGHT]	=
		NLA_POLICY_FULL_RANGE(NLA_U32, &weight_range),
	[HEADGATE_A_SERVER_ADMIN_STATE]	=
		NLA_POLICY_MAX(NLA_U8, __HEADGATE_ADMIN_MAX - 1),
	[HEADGATE_A_SERVER_DOWN]	= NLA_POLICY_BITFIELD32(HEADGATE_DOWN_ALL),
	[HEADGATE_A_SERVER_FACTOR]	=
		NLA_POLICY_MAX(NLA_U32, HEADGATE_FACTOR_MAX),
	[HEADGATE_A_SERVER_RAMP ... HEADGATE_A_SERVER_COUNTERS] = READ_ONLY,
	[HEADGATE_A_SERVER_UPPER]	=
		NLA_POLICY_FULL_RANGE(NLA_U32, &threshold_range),
	[HEADGATE_A_SERVER_LOWER]	=
		NLA_POLICY_FULL_RANGE(NLA_U32, &threshold_range),
	[HEADGATE_A_SERVER_DRAIN]	= NLA_POLICY_NESTED(drain_policy),
	[HEADGATE_A_SERVER_MANAGED]	= { .type = NLA_FLAG },
	[HEADGATE_A_SERVER_MANAGED_WEIGHT ... HEADGATE_A_SERVER_MAX] = READ_ONLY,
};

static struct netlink_range_validation timeout_range __ro_after_init = {
	.min = HEADGATE_TIMEOUT_MIN,
	.max = HEADGATE_TIMEOUT_MAX,
};

static const struct nla_policy timeout_policy[] = {
	[1 ... HEADGATE_A_TIMEOUT_MAX] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &timeout_range),
};

static struct netlink_range_validation conn_limit_range __ro_after_init = {
	.min = 1,
	.max = HEADGATE_CONN_LIMIT_MAX,
};

static struct netlink_range_validation affinity_limit_range __ro_after_init = {
	.min = 1,
	.max = HEADGATE_AFFINITY_LIMIT_MAX,
};

static const struct nla_policy settings_policy[] = {
	[HEADGATE_A_SETTINGS_CONN_LIMIT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &conn_limit_range),
	[HEADGATE_A_SETTINGS_CHECK_MARK_FIRST]	= { .type = NLA_U32 },
	[HEADGATE_A_SETTINGS_CHECK_MARK_LAST]	= { .type = NLA_U32 },
	[HEADGATE_A_SETTINGS_TIMEOUTS] = NLA_POLICY_NESTED(timeout_policy),
	[HEADGATE_A_SETTINGS_AFFINITY_LIMIT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &affinity_limit_range),
};

static const struct nla_policy transaction_policy[] = {
	[HEADGATE_A_TRANSACTION_GENERATION]	= { .type = NLA_U32 },
	[HEADGATE_A_TRANSACTION_MESSAGES]	= { .type = NLA_U32 },
};

const struct nla_policy hg_policy_transaction[HEADGATE_A_TRANSACTION + 1] = {
	[HEADGATE_A_TRANSACTION] = NLA_POLICY_NESTED(transaction_policy),
};

const struct nla_policy hg_policy_settings[HEADGATE_A_SETTINGS + 1] = {
	[HEADGATE_A_SETTINGS]	= NLA_POLICY_NESTED(settings_policy),
};

static struct netlink_range_validation heartbeat_range __ro_after_init = {
	.min = 1,
	.max = HEADGATE_HEARTBEAT_MAX,
};

const struct nla_policy hg_policy_heartbeat[HEADGATE_A_HEARTBEAT + 1] = {
	[HEADGATE_A_HEARTBEAT] = NLA_POLICY_FULL_RANGE(NLA_U32, &heartbeat_range),
};

const struct nla_policy hg_policy_service_key[HEADGATE_A_SERVICE + 1] = {
	[HEADGATE_A_SERVICE]	= NLA_POLICY_NESTED(service_key_policy),
};

const struct nla_policy hg_policy_service[HEADGATE_A_SERVICE + 1] = {
	[HEADGATE_A_SERVICE]	= NLA_POLICY_NESTED(service_policy),
};

const struct nla_policy hg_policy_server_key[HEADGATE_A_SERVER + 1] = {
	[HEADGATE_A_SERVICE]	= NLA_POLICY_NESTED(service_key_policy),
	[HEADGATE_A_SERVER]	= NLA_POLICY_NESTED(server_key_policy),
};

const struct nla_policy hg_policy_server[HEADGATE_A_SERVER + 1] = {
	[HEADGATE_A_SERVICE]	= NLA_POLICY_NESTED(service_key_policy),
	[HEADGATE_A_SERVER]	= NLA_POLICY_NESTED(server_policy),
};

/* What conns and affinity entries have in common. */
#define FILTER_OF_BOTH									\
	[HEADGATE_A_FILTER_FLAGS]	= NLA_POLICY_MASK(NLA_U32, HEADGATE_FILTER_F_ALL), \
	[HEADGATE_A_FILTER_FAMILY]	= { .type = NLA_U8 },				\
	[HEADGATE_A_FILTER_PROTOCOL]	= { .type = NLA_U8 },				\
	[HEADGATE_A_FILTER_SERVICE_ADDRESS] = ADDRESS,					\
	[HEADGATE_A_FILTER_SERVICE_PORT] = PORT,					\
	[HEADGATE_A_FILTER_SERVER_FAMILY] = { .type = NLA_U8 },				\
	[HEADGATE_A_FILTER_SERVER_ADDRESS] = ADDRESS,					\
	[HEADGATE_A_FILTER_SERVER_PORT]	= PORT,						\
	[HEADGATE_A_FILTER_CLIENT_ADDRESS] = ADDRESS,					\
	[HEADGATE_A_FILTER_CLIENT_PREFIX] = NLA_POLICY_MAX(NLA_U8, 128)

static const struct nla_policy filter_policy[] = {
	FILTER_OF_BOTH,
	[HEADGATE_A_FILTER_CLIENT_PORT]	= PORT,
	[HEADGATE_A_FILTER_STATES]	=
		NLA_POLICY_MASK(NLA_U32, HEADGATE_CONN_STATE_F_ALL),
	[HEADGATE_A_FILTER_AGE_MIN]	= { .type = NLA_U32 },
	[HEADGATE_A_FILTER_AGE_MAX]	= { .type = NLA_U32 },
};

static const struct nla_policy affinity_filter_policy[] = {
	FILTER_OF_BOTH,
	[HEADGATE_A_FILTER_CLIENT_PORT ... HEADGATE_A_FILTER_MAX] =
		REJECT("affinity entries do not have that"),
};

const struct nla_policy hg_policy_affinity_filter[HEADGATE_A_FILTER + 1] = {
	[HEADGATE_A_FILTER]	= NLA_POLICY_NESTED(affinity_filter_policy),
};

const struct nla_policy hg_policy_filter[HEADGATE_A_FILTER + 1] = {
	[HEADGATE_A_FILTER]	= NLA_POLICY_NESTED(filter_policy),
};
