// SPDX-License-Identifier: GPL-2.0
/*
 * The pool: membership and table, immutable, published by RCU; weights in place.
 *
 * Two locks.  ns->lock: who is a member, and which pool is the service's.
 * svc->sched_lock (BH): weights, up bits, the scheduler's table and the servers'
 * idx.  svc->pool changes under both, so holding either keeps it still; under
 * sched_lock server->idx is therefore the slot in just that pool, or is left over
 * from before the server was removed, which slots[idx].server tells.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "net.h"
#include "pool.h"
#include "sched.h"
#include "server.h"
#include "service.h"

/* The pool is the caller's alone, or the caller holds sched_lock.  Pickers read
 * all three without a lock.
 */
static void set_weight(struct hg_pool *pool, u32 idx, u32 weight)
{
	struct hg_slot *slot = &pool->slots[idx];

	if (!slot->weight != !weight) {
		assign_bit(idx, pool->up, weight);
		WRITE_ONCE(pool->n_up, weight ? pool->n_up + 1 : pool->n_up - 1);
	}
	WRITE_ONCE(slot->weight, weight);
}

static bool is_slot_of(const struct hg_pool *pool, u32 idx,
		       const struct hg_server *server)
{
	return idx < pool->n && pool->slots[idx].server == server;
}

/**
 * hg_pool_find() - look for a server by its key
 * @pool: any pool
 * @af: family of the address
 * @addr: address
 * @port: port
 *
 * Return: its slot, or pool->n when there is none.
 */
u32 hg_pool_find(const struct hg_pool *pool, u8 af, const union nf_inet_addr *addr,
		 __be16 port)
{
	u32 low = 0, high = pool->n;

	while (low < high) {
		u32 mid = (low + high) / 2;
		int diff = hg_server_cmp(af, addr, port, pool->slots[mid].server);

		if (!diff)
			return mid;
		if (diff > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return pool->n;
}

/**
 * hg_pool_slot_of() - look for a server in any of its service's pools
 * @pool: the pool, kept by RCU or a lock
 * @server: a server that was in one of them
 *
 * Its idx is that in the latest pool, which may not be in force yet.
 *
 * Return: its slot, or pool->n when it is not in this one.
 */
u32 hg_pool_slot_of(const struct hg_pool *pool, const struct hg_server *server)
{
	u32 idx = READ_ONCE(server->idx);

	if (is_slot_of(pool, idx, server))
		return idx;
	idx = hg_pool_find(pool, server->af, &server->addr, server->port);
	return is_slot_of(pool, idx, server) ? idx : pool->n;
}

/**
 * hg_pool_build() - make a pool
 * @svc: whose it will be
 * @conf: the service's settings
 * @slots: servers and layouts, in address order
 * @n: how many
 *
 * Return: a pool without weights, which hg_pool_publish() gives it, or NULL: no
 * memory.
 */
struct hg_pool *hg_pool_build(struct hg_service *svc, const struct hg_service_conf *conf,
			      const struct hg_slot *slots, u32 n)
{
	struct hg_pool *pool, *old;
	size_t up_at = struct_size(pool, slots, n);
	u32 i;

	lockdep_assert_held(&svc->ns->lock);

	pool = kvzalloc(up_at + BITS_TO_LONGS(n) * sizeof(long), GFP_KERNEL_ACCOUNT);
	if (!pool)
		return NULL;

	pool->gen = HG_GEN_NEVER;
	pool->n = n;
	pool->conf = *conf;
	pool->service = svc;
	pool->up = (void *)pool + up_at;
	for (i = 0; i < n; i++) {
		pool->slots[i].server = slots[i].server;
		pool->slots[i].layout = slots[i].layout;
	}

	old = rcu_dereference_protected(svc->pool, lockdep_is_held(&svc->ns->lock));
	if (conf->sched->build && conf->sched->build(pool, old)) {
		kvfree(pool);
		return NULL;
	}
	return pool;
}

/**
 * hg_pool_free() - free a pool that no packet can see
 * @pool: the pool
 *
 * Any context that is not an NMI: kvfree() of a big table leaves the work to a
 * worker by itself when it must not sleep.
 */
void hg_pool_free(struct hg_pool *pool)
{
	if (pool->conf.sched->destroy)
		pool->conf.sched->destroy(pool);
	else
		kvfree(pool->table);
	kvfree(pool);
}

static void free_rcu_cb(struct rcu_head *rcu)
{
	hg_pool_free(container_of(rcu, struct hg_pool, rcu));
}

/**
 * hg_pool_free_rcu() - free a pool that packets may still be looking at
 * @pool: the pool, no longer to be found
 */
void hg_pool_free_rcu(struct hg_pool *pool)
{
	call_rcu(&pool->rcu, free_rcu_cb);
}

/* Under sched_lock: has it too many conns? */
static void measure(struct hg_server *server)
{
	const struct hg_server_conf *conf = &server->conf;
	u32 conns = hg_load_total(atomic64_read(&server->load));
	u32 lower = conf->lower ?: conf->upper - conf->upper / 4;

	if (!conf->upper)
		WRITE_ONCE(server->overloaded, false);
	else if (conns >= conf->upper)
		WRITE_ONCE(server->overloaded, true);
	else if (conns < lower)
		WRITE_ONCE(server->overloaded, false);
}

/**
 * hg_pool_relayout() - make a pool like the present one, with the layouts of now
 * @svc: the service
 *
 * Return: the pool, or NULL: no memory.
 */
struct hg_pool *hg_pool_relayout(struct hg_service *svc)
{
	const struct hg_pool *old =
		rcu_dereference_protected(svc->pool, lockdep_is_held(&svc->ns->lock));
	struct hg_slot *slots = kvcalloc(old->n, sizeof(*slots), GFP_KERNEL_ACCOUNT);
	struct hg_pool *pool;
	u32 i;

	if (!slots)
		return NULL;
	for (i = 0; i < old->n; i++) {
		slots[i].server = old->slots[i].server;
		slots[i].layout = hg_server_layout(&slots[i].server->conf,
						   slots[i].server->ramp);
	}
	pool = hg_pool_build(svc, &old->conf, slots, old->n);
	kvfree(slots);
	return pool;
}

/**
 * hg_pool_publish() - make a pool the service's
 * @svc: the service
 * @pool: the new pool
 * @gen: the generation it comes with
 *
 * Loads and weights are taken over in one pass over the servers.  Packets go on
 * with the pool before until the namespace's generation is @gen; news of loads come
 * to the new one already.
 *
 * Return: the pool before, or NULL.
 */
struct hg_pool *hg_pool_publish(struct hg_service *svc, struct hg_pool *pool,
				unsigned long gen)
{
	struct hg_pool *old;
	u32 i;

	lockdep_assert_held(&svc->ns->lock);
	lockdep_assert_held(&svc->sched_lock);

	pool->gen = gen;
	old = rcu_dereference_protected(svc->pool, lockdep_is_held(&svc->sched_lock));
	pool->prev = old;
	for (i = 0; i < pool->n; i++) {
		struct hg_server *server = pool->slots[i].server;

		WRITE_ONCE(server->idx, i);	/* open.c looks at it without */
		measure(server);
		set_weight(pool, i, hg_server_effective(server));
	}
	if (pool->conf.sched->sync)
		pool->conf.sched->sync(pool, old);
	rcu_assign_pointer(svc->pool, pool);
	return old;
}

/* Under sched_lock: the slot's weight is what the server's fields say. */
static void refresh(struct hg_pool *pool, const struct hg_server *server)
{
	u32 weight = hg_server_effective(server), idx = server->idx;

	if (!pool || !is_slot_of(pool, idx, server) || pool->slots[idx].weight == weight)
		return;
	set_weight(pool, idx, weight);
	if (pool->conf.sched->changed)
		pool->conf.sched->changed(pool, idx);
}

/**
 * hg_pool_has() - look for a server
 * @pool: the service's present pool
 * @server: a server of the service
 *
 * Return: it is in the pool.
 */
bool hg_pool_has(const struct hg_pool *pool, const struct hg_server *server)
{
	lockdep_assert_held(&pool->service->ns->lock);
	return is_slot_of(pool, READ_ONCE(server->idx), server);
}

/**
 * hg_pool_refresh() - write a server's fields and its effective weight in its slot
 * @svc: its service
 * @server: the server
 * @conf: what its owners say of it now
 * @ramp: and the kernel
 *
 * Nothing happens to one that is in no published pool yet, or no longer.
 */
void hg_pool_refresh(struct hg_service *svc, struct hg_server *server,
		     const struct hg_server_conf *conf, u32 ramp)
{
	lockdep_assert_held(&svc->ns->lock);

	spin_lock_bh(&svc->sched_lock);
	hg_server_write(server, conf, ramp);
	measure(server);
	refresh(rcu_dereference_protected(svc->pool, lockdep_is_held(&svc->sched_lock)),
		server);
	spin_unlock_bh(&svc->sched_lock);
}

/**
 * hg_pool_moved() - carry a rotation over to the next pool
 * @pool: the pool that follows
 * @old: the pool before
 * @next: the slot of @old that it was to go on at
 *
 * Return: the slot of @pool to go on at, pool->n when there is none.
 */
u32 hg_pool_moved(const struct hg_pool *pool, const struct hg_pool *old, u32 next)
{
	lockdep_assert_held(&pool->service->sched_lock);

	for (; next < old->n; next++) {
		const struct hg_server *server = old->slots[next].server;

		if (is_slot_of(pool, server->idx, server))
			return server->idx;
	}
	return pool->n;
}

/**
 * hg_pool_next_up() - the next slot that has weight
 * @pool: the pool
 * @from: the slot to look at first; from the last on to the first
 *
 * Return: its index, or pool->n when there is none.
 */
u32 hg_pool_next_up(const struct hg_pool *pool, u32 from)
{
	u32 idx;

	/* Bits change under our eyes: whatever a torn look gives, the bounds hold,
	 * and a bit that just went is a pick that came a moment earlier.
	 */
	idx = data_race(find_next_bit(pool->up, pool->n, from));
	if (idx < pool->n)
		return idx;
	/* The same. */
	return data_race(find_first_bit(pool->up, pool->n));
}

/* Out of line: most schedulers never get here. */
static noinline void tell_load(struct hg_service *svc, struct hg_server *server)
{
	struct hg_pool *pool;

	spin_lock(&svc->sched_lock);
	pool = rcu_dereference_protected(svc->pool, lockdep_is_held(&svc->sched_lock));
	if (server->upper) {
		measure(server);
		refresh(pool, server);
	}
	if (pool && pool->conf.sched->by_load && is_slot_of(pool, server->idx, server))
		pool->conf.sched->changed(pool, server->idx);
	spin_unlock(&svc->sched_lock);
}

/**
 * hg_pool_load_changed() - tell the scheduler of a server's new load
 * @server: the server, whose load word has changed before
 *
 * BH off, under RCU.  The scheduler reads the load word itself, under the lock,
 * so of several CPUs that changed one the last to get here has it right.
 */
void hg_pool_load_changed(struct hg_server *server)
{
	struct hg_service *svc = rcu_dereference(server->service);
	struct hg_pool *pool;

	if (!svc)
		return;
	pool = rcu_dereference(svc->pool);
	if (pool && (pool->conf.sched->by_load || READ_ONCE(server->upper)))
		tell_load(svc, server);
}

/**
 * hg_pool_pick() - choose the server for a new conn
 * @pool: the service's pool
 * @key: the opener's flow
 *
 * BH off, under RCU.  Return: the server, or NULL when none takes any.
 */
struct hg_server *hg_pool_pick(struct hg_pool *pool, const struct hg_key *key)
{
	int idx;

	if (!READ_ONCE(pool->n_up))
		return NULL;
	idx = pool->conf.sched->pick(pool, key);
	return idx == HG_SCHED_NONE ? NULL : pool->slots[idx].server;
}
