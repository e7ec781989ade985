// SPDX-License-Identifier: GPL-2.0
/* The fake service that the schedulers' self-tests share, and the call of each. */
#include <linux/bottom_half.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "../net.h"
#include "sched_fake.h"

u32 __init hg_fake_random(u32 *state, u32 below)
{
	*state = *state * 1664525 + 1013904223;
	return reciprocal_scale(*state, below);
}

static struct hg_service *__init make_service(void)
{
	struct hg_service *svc = kzalloc(sizeof(*svc), GFP_KERNEL);

	if (!svc)
		return NULL;
	svc->ns = kzalloc(sizeof(*svc->ns), GFP_KERNEL);
	if (!svc->ns) {
		kfree(svc);
		return NULL;
	}
	mutex_init(&svc->ns->lock);
	spin_lock_init(&svc->sched_lock);
	return svc;
}

static void __init make_server(struct hg_fake *fake, u32 i)
{
	struct hg_server *server = &fake->servers[i];

	server->af = AF_INET;
	server->addr.ip = htonl(0x0a010000 + i);
	server->port = htons(80);
	server->conf.factor = HEADGATE_FACTOR_MAX;
	server->conf.layout_factor = HEADGATE_FACTOR_MAX;
	server->conf.weight = 1;
	server->conf.layout = 1;
	server->ramp = HEADGATE_FACTOR_MAX;
	rcu_assign_pointer(server->service, fake->svc);
	fake->order[i] = server;
}

bool __init hg_fake_create(struct hg_fake *fake, const struct hg_sched *sched, u32 n)
{
	u32 i;

	fake->n = n;
	fake->svc = make_service();
	fake->servers = kvcalloc(n, sizeof(*fake->servers), GFP_KERNEL);
	fake->order = kvcalloc(n, sizeof(*fake->order), GFP_KERNEL);
	if (fake->svc && fake->servers && fake->order) {
		for (i = 0; i < n; i++)
			make_server(fake, i);
		if (hg_fake_publish(fake, sched, U32_MAX))
			return true;
	}
	hg_fake_destroy(fake);
	return false;
}

void __init hg_fake_destroy(struct hg_fake *fake)
{
	struct hg_pool *pool = fake->svc ? hg_fake_pool(fake) : NULL;

	if (pool)
		hg_pool_free(pool);
	if (fake->svc)
		kfree(fake->svc->ns);
	kfree(fake->svc);
	kvfree(fake->servers);
	kvfree(fake->order);
}

struct hg_pool *__init hg_fake_pool(struct hg_fake *fake)
{
	return rcu_dereference_protected(fake->svc->pool, true);
}

bool __init hg_fake_publish(struct hg_fake *fake, const struct hg_sched *sched, u32 but)
{
	struct hg_service_conf conf = { .sched = sched };
	struct hg_service *svc = fake->svc;
	struct hg_pool *pool, *old = NULL;
	struct hg_slot *slots;
	u32 i, n = 0;

	slots = kvcalloc(fake->n, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return false;
	for (i = 0; i < fake->n; i++) {
		if (i == but)
			continue;
		slots[n].server = fake->order[i];
		slots[n++].layout = fake->order[i]->conf.layout;
	}
	mutex_lock(&svc->ns->lock);
	pool = hg_pool_build(svc, &conf, slots, n);
	if (pool) {
		spin_lock_bh(&svc->sched_lock);
		old = hg_pool_publish(svc, pool, 0);
		spin_unlock_bh(&svc->sched_lock);
	}
	if (old)
		hg_pool_free_rcu(old);
	mutex_unlock(&svc->ns->lock);
	kvfree(slots);
	return pool;
}

void __init hg_fake_weight(struct hg_fake *fake, u32 i, u32 weight)
{
	struct hg_server_conf conf = fake->servers[i].conf;
	struct hg_service *svc = fake->svc;

	mutex_lock(&svc->ns->lock);
	conf.weight = weight;
	if (weight)
		conf.layout = weight;
	hg_pool_refresh(svc, &fake->servers[i], &conf, HG_RAMP_FULL);
	mutex_unlock(&svc->ns->lock);
}

void __init hg_fake_load(struct hg_fake *fake, u32 i, s64 delta)
{
	struct hg_server *server = &fake->servers[i];

	local_bh_disable();
	rcu_read_lock();
	atomic64_add(delta, &server->load);
	hg_pool_load_changed(server);
	rcu_read_unlock();
	local_bh_enable();
}

int __init hg_fake_pick(struct hg_fake *fake, u32 client)
{
	struct hg_key key = {
		.src.ip = htonl(0xc6120000 + client),
		.af = AF_INET,
	};
	struct hg_server *server;

	local_bh_disable();
	rcu_read_lock();
	server = hg_pool_pick(rcu_dereference(fake->svc->pool), &key);
	rcu_read_unlock();
	local_bh_enable();
	return server ? server - fake->servers : -1;
}

bool __init hg_fake_picks(struct hg_fake *fake, u32 picks, u32 *hits)
{
	u32 i;

	memset(hits, 0, fake->n * sizeof(*hits));
	for (i = 0; i < picks; i++) {
		int idx = hg_fake_pick(fake, i);

		if (idx < 0)
			return false;
		hits[idx]++;
	}
	return true;
}

int *__init hg_fake_picked(struct hg_fake *fake, u32 n)
{
	int *picked = kvcalloc(n, sizeof(*picked), GFP_KERNEL);
	u32 i;

	for (i = 0; picked && i < n; i++)
		picked[i] = hg_fake_pick(fake, i);
	return picked;
}

bool __init hg_sched_report(const char *part, bool ok)
{
	if (ok)
		pr_info("%s self-tests: pass\n", part);
	else
		pr_err("%s self-tests: FAIL\n", part);
	return ok;
}

/* Pools of all sizes with every scheduler: a pick when all have weight, the only
 * one left when the others have none, and none at last.
 */
static bool __init check_sizes(const struct hg_sched *sched, u32 n)
{
	struct hg_fake fake;
	bool ok = false;
	u32 i, last = n / 2;

	if (!hg_fake_create(&fake, sched, n))
		return false;
	if (n ? hg_fake_pick(&fake, 1) < 0 : hg_fake_pick(&fake, 1) >= 0)
		goto out;
	for (i = 0; i < n; i++) {
		if (i != last)
			hg_fake_weight(&fake, i, 0);
	}
	for (i = 0; n && i < 50; i++) {
		if (hg_fake_pick(&fake, i) != last)
			goto out;
	}
	if (n)
		hg_fake_weight(&fake, last, 0);
	ok = hg_fake_pick(&fake, 1) < 0 && !hg_fake_pool(&fake)->n_up;
out:
	hg_fake_destroy(&fake);
	return ok;
}

/* A server that is gone from the pool has an old idx: its news must not be taken
 * for those of the server that has the slot now.
 */
static bool __init check_removed(const struct hg_sched *sched)
{
	struct hg_fake fake;
	bool ok = false;
	u32 i;

	if (!hg_fake_create(&fake, sched, 3))
		return false;
	if (!hg_fake_publish(&fake, sched, 1))
		goto out;
	hg_fake_weight(&fake, 1, 0);
	hg_fake_load(&fake, 1, 1000 * HG_LOAD_ACTIVE);
	ok = hg_fake_pool(&fake)->n_up == 2;
	for (i = 0; i < 200; i++)
		ok &= hg_fake_pick(&fake, i) != 1 && hg_fake_pick(&fake, i) != -1;
out:
	hg_fake_destroy(&fake);
	return ok;
}

static bool __init check_pools(void)
{
	static const u32 sizes[] __initconst = { 0, 1, 2, 3, 64, 65, 1000 };
	const struct hg_sched *sched;
	u32 i, k;

	for (k = 0; (sched = hg_sched_nth(k)); k++) {
		if (hg_sched_find(sched->name) != sched || !check_removed(sched))
			return false;
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			if (!check_sizes(sched, sizes[i]))
				return false;
		}
	}
	return !hg_sched_find("") && !hg_sched_find("r");
}

/**
 * hg_sched_selftest() - test pools and schedulers
 *
 * Return: all of it held.
 */
bool __init hg_sched_selftest(void)
{
	bool ok = hg_sched_report("pool", check_pools());

	ok &= hg_sched_rr_selftest();
	ok &= hg_sched_wrr_selftest();
	ok &= hg_sched_least_selftest();
	ok &= hg_sched_sh_selftest();
	ok &= hg_sched_mh_selftest();

	/* On failure the module goes at once, with the code that frees pools. */
	rcu_barrier();
	return ok;
}
