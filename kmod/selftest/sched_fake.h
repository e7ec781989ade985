/* SPDX-License-Identifier: GPL-2.0 */
/* What the self-tests of the schedulers share: a service made of nothing. */
#ifndef _HG_SELFTEST_SCHED_FAKE_H
#define _HG_SELFTEST_SCHED_FAKE_H

#include <linux/init.h>
#include <linux/types.h>

#include "../sched.h"
#include "../server.h"
#include "../service.h"

/**
 * struct hg_fake - a service in no namespace
 * @svc: the service, with a pool
 * @servers: its servers, 10.1.0.0 and on, of weight 1
 * @order: pointers to them, in address order
 * @n: how many
 */
struct hg_fake {
	struct hg_service	*svc;
	struct hg_server	*servers;
	struct hg_server	**order;
	u32			n;
};

/* Each returns false, or NULL, when there is no memory. */
bool __init hg_fake_create(struct hg_fake *fake, const struct hg_sched *sched, u32 n);
void __init hg_fake_destroy(struct hg_fake *fake);

/* A new pool without the server @but (U32_MAX: of all). */
bool __init hg_fake_publish(struct hg_fake *fake, const struct hg_sched *sched, u32 but);

/* Weight of a server, in place, as the admin's; 0 leaves its layout. */
void __init hg_fake_weight(struct hg_fake *fake, u32 i, u32 weight);

/* Adds to a server's load word. */
void __init hg_fake_load(struct hg_fake *fake, u32 i, s64 delta);

/* The server for client number @client, or -1. */
int __init hg_fake_pick(struct hg_fake *fake, u32 client);

/* Picks @picks times and counts in @hits; false: a pick failed. */
bool __init hg_fake_picks(struct hg_fake *fake, u32 picks, u32 *hits);

/* Each pick of the first @n clients, in a new array. */
int *__init hg_fake_picked(struct hg_fake *fake, u32 n);

/* Pools of sh and mh: what a server that is down does, and does not, to others. */
bool __init hg_hash_check_down(const struct hg_sched *sched);

/* How many entries of a table each server has, in a new array. */
u32 *__init hg_hash_count(struct hg_fake *fake);

struct hg_pool *__init hg_fake_pool(struct hg_fake *fake);

/* Numbers that look random and are the same each time. */
u32 __init hg_fake_random(u32 *state, u32 below);

bool __init hg_sched_report(const char *part, bool ok);

bool __init hg_sched_rr_selftest(void);
bool __init hg_sched_wrr_selftest(void);
bool __init hg_sched_least_selftest(void);
bool __init hg_sched_sh_selftest(void);
bool __init hg_sched_mh_selftest(void);

#endif /* _HG_SELFTEST_SCHED_FAKE_H */
