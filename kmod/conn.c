// SPDX-License-Identifier: GPL-2.0
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "affinity.h"
#include "conn.h"
#include "event.h"
#include "limit.h"
#include "net.h"
#include "pool.h"
#include "server.h"
#include "service.h"

/* What docs/architecture.md promises, and what a million of them cost. */
static_assert(sizeof(struct hg_conn) <= 128);
static_assert(sizeof(struct hg_conn_nat) <= 192);

#define KILLED_TIME	(10 * HZ)

/* Buckets that a full table is searched in for a half-open conn to evict. */
#define EVICT_BUCKETS	8

static struct kmem_cache *conn_cache __read_mostly;
static struct kmem_cache *nat_cache __read_mostly;

static inline u32 key_hash(const void *data, u32 len, u32 seed)
{
	const struct hg_key *k = data;
	u32 ports = (__force u32)k->sport << 16 | (__force u32)k->dport;

	seed ^= k->proto;
	if (k->af == AF_INET)
		return jhash_3words((__force u32)k->src.ip, (__force u32)k->dst.ip,
				    ports, seed);
	BUILD_BUG_ON(offsetof(struct hg_key, dst) != sizeof(k->src));
	return jhash2((const u32 *)k, 8, seed ^ ports);
}

static u32 node_hash(const void *data, u32 len, u32 seed)
{
	const struct hg_node *node = data;

	return key_hash(&node->key, len, seed);
}

static int node_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct hg_key *a = arg->key;
	const struct hg_key *b = &((const struct hg_node *)obj)->key;

	if (a->src.all[0] != b->src.all[0] || a->dst.all[0] != b->dst.all[0] ||
	    a->sport != b->sport || a->dport != b->dport ||
	    a->proto != b->proto || a->af != b->af)
		return 1;
	if (a->af == AF_INET)
		return 0;
	return memcmp(&a->src, &b->src, sizeof(a->src)) ||
	       memcmp(&a->dst, &b->dst, sizeof(a->dst));
}

static const struct rhashtable_params conn_params = {
	.head_offset		= offsetof(struct hg_node, rhash),
	.key_offset		= offsetof(struct hg_node, key),
	.key_len		= HG_KEY_LEN,
	.hashfn			= key_hash,
	.obj_hashfn		= node_hash,
	.obj_cmpfn		= node_cmp,
	.automatic_shrinking	= true,
};

int hg_conn_init(void)
{
	int err = hg_affinity_init();

	if (err)
		return err;
	conn_cache = kmem_cache_create("headgate_conn", sizeof(struct hg_conn), 0,
				       SLAB_HWCACHE_ALIGN, NULL);
	if (!conn_cache)
		goto affinity;
	nat_cache = kmem_cache_create("headgate_conn_nat", sizeof(struct hg_conn_nat), 0,
				      SLAB_HWCACHE_ALIGN, NULL);
	if (!nat_cache)
		goto conns;
	return 0;

conns:
	kmem_cache_destroy(conn_cache);
affinity:
	hg_affinity_uninit();
	return -ENOMEM;
}

/* All namespaces are gone.  A server's end takes two callbacks, one after the
 * other: its configuration's reference, then its memory.
 */
void hg_conn_uninit(void)
{
	rcu_barrier();
	rcu_barrier();
	hg_affinity_uninit();
	kmem_cache_destroy(nat_cache);
	kmem_cache_destroy(conn_cache);
}

int hg_conn_table_init(struct hg_net *ns)
{
	return rhashtable_init(&ns->conns, &conn_params);
}

/* Its server was deleted with its service; or is down, and the conn is one that its
 * next packet can open anew.  A check's is not: it is to find out whether the server is
 * still down.
 */
static bool is_given_up(const struct hg_conn *conn, u8 flags)
{
	u32 word = READ_ONCE(conn->word);

	return flags & HG_SERVER_ORPHAN ||
	       (flags & HG_SERVER_RESCHEDULE && !(word & HG_CONN_CHECK) &&
		(conn->orig.key.proto == IPPROTO_UDP || !(word & HG_CONN_ASSURED)));
}

bool hg_conn_over(const struct hg_conn *conn)
{
	u8 flags = READ_ONCE(conn->server->flags);

	return (s32)(READ_ONCE(conn->expires) - (u32)jiffies) <= 0 ||
	       (unlikely(flags) && is_given_up(conn, flags));
}

struct hg_node *hg_conn_lookup(struct hg_net *ns, const struct hg_key *key)
{
	struct hg_node *node = rhashtable_lookup(&ns->conns, key, conn_params);
	struct hg_conn *conn;

	if (!node)
		return NULL;
	conn = hg_conn_of(node);
	if (READ_ONCE(conn->word) & HG_CONN_DEAD)
		return NULL;
	if (unlikely(hg_conn_over(conn))) {
		hg_conn_reap(ns, conn);
		return NULL;
	}
	return node;
}

u32 hg_conn_limit(const struct hg_net *ns)
{
	return hg_limit_of(ns, READ_ONCE(ns->conn_limit));
}

static void unreserve(struct hg_net *ns)
{
	hg_limit_give(ns, &ns->conn_count);
}

static bool reserve(struct hg_net *ns)
{
	return hg_limit_take(ns, &ns->conn_count, READ_ONCE(ns->conn_limit));
}

static void free_conn(struct hg_conn *conn)
{
	if (hg_word_mode(READ_ONCE(conn->word)) == HEADGATE_MODE_NAT)
		kmem_cache_free(nat_cache, hg_conn_nat(conn));
	else
		kmem_cache_free(conn_cache, conn);
}

static void free_conn_rcu(struct rcu_head *head)
{
	free_conn(container_of(head, struct hg_conn, rcu));
}

static void unhash(struct hg_net *ns, struct hg_conn *conn)
{
	if (hg_word_mode(READ_ONCE(conn->word)) == HEADGATE_MODE_NAT)
		rhashtable_remove_fast(&ns->conns, &hg_conn_nat(conn)->reply.rhash,
				       conn_params);
	rhashtable_remove_fast(&ns->conns, &conn->orig.rhash, conn_params);
}

/* What a conn in that state weighs in its server's load word. */
static s64 weight_of(u32 word)
{
	if (word & HG_CONN_CHECK)
		return HG_LOAD_REF;
	return word & HG_CONN_ACTIVE ? HG_LOAD_TOTAL + HG_LOAD_ACTIVE : HG_LOAD_TOTAL;
}

/* Health checks' conns are counted nowhere, and not told of. */
static void tell(struct hg_net *ns, enum headgate_event type, const struct hg_conn *conn,
		 u32 word)
{
	if (hg_event_wanted(ns) && !(word & HG_CONN_CHECK))
		hg_event_conn(ns, type, conn, word);
}

/* Does it give its client the time to come back?  A handshake that came to nothing does
 * not, or forged ones would fill the table.
 */
static bool is_lasting(const struct hg_conn *conn, u32 word)
{
	return conn->orig.key.proto == IPPROTO_UDP || word & HG_CONN_ASSURED;
}

bool hg_conn_reap(struct hg_net *ns, struct hg_conn *conn)
{
	u32 word = READ_ONCE(conn->word);

	do {
		if (word & HG_CONN_DEAD)
			return false;
	} while (!try_cmpxchg(&conn->word, &word, word | HG_CONN_DEAD));

	if (READ_ONCE(conn->timeout))	/* else it never came to be */
		tell(ns, HEADGATE_EVENT_CONN_GONE, conn, word);
	unhash(ns, conn);
	if (conn->affinity)
		hg_affinity_put(conn->affinity, is_lasting(conn, word));
	hg_server_load_add(conn->server, -weight_of(word));
	unreserve(ns);
	call_rcu(&conn->rcu, free_conn_rcu);
	return true;
}

static void set_killed_time(struct hg_conn *conn)
{
	WRITE_ONCE(conn->timeout, KILLED_TIME);
	WRITE_ONCE(conn->expires, (u32)jiffies + KILLED_TIME);
}

bool hg_conn_kill(struct hg_net *ns, struct hg_conn *conn)
{
	u32 word = READ_ONCE(conn->word), next;

	do {
		if (word & (HG_CONN_DEAD | HG_CONN_KILLED))
			return false;
		next = (word & ~(HG_CONN_ACTIVE | HG_CONN_ASSURED)) | HG_CONN_KILLED;
	} while (!try_cmpxchg(&conn->word, &word, next));

	set_killed_time(conn);
	if (conn->affinity && is_lasting(conn, word))
		hg_affinity_extend(conn->affinity);
	if (weight_of(next) != weight_of(word))
		hg_server_load_add(conn->server, weight_of(next) - weight_of(word));
	tell(ns, HEADGATE_EVENT_CONN_STATE, conn, next);
	return true;
}

/* A full table: ends one conn that is half open, or over, near where the new one
 * would go.  Where in the table that is only the hash knows, so nobody can choose
 * whom to evict.
 */
static bool evict(struct hg_net *ns, const struct hg_key *key)
{
	const struct bucket_table *tbl = rht_dereference_rcu(ns->conns.tbl, &ns->conns);
	u32 hash = rht_key_hashfn(&ns->conns, tbl, key, conn_params);
	struct rhash_head *pos;
	struct hg_node *node;
	u32 i;

	for (i = 0; i < EVICT_BUCKETS; i++) {
		rht_for_each_entry_rcu(node, pos, tbl, (hash + i) & (tbl->size - 1), rhash) {
			struct hg_conn *conn = hg_conn_of(node);
			u32 word = READ_ONCE(conn->word);

			if (word & HG_CONN_DEAD)
				continue;
			if (word & HG_CONN_ASSURED && !hg_conn_over(conn))
				continue;
			hg_conn_reap(ns, conn);
			return true;
		}
	}
	return false;
}

static struct hg_conn *alloc_conn(const struct hg_key *key, struct hg_server *server,
				  bool check)
{
	u8 mode = READ_ONCE(server->mode);
	struct hg_conn_nat *nat;
	struct hg_conn *conn;

	if (mode == HEADGATE_MODE_NAT) {
		nat = kmem_cache_zalloc(nat_cache, GFP_ATOMIC);
		if (!nat)
			return NULL;
		conn = &nat->conn;
		nat->reply.key.src = server->addr;
		nat->reply.key.dst = key->src;
		nat->reply.key.sport = server->port;
		nat->reply.key.dport = key->sport;
		nat->reply.key.proto = key->proto;
		nat->reply.key.af = key->af;
		nat->reply.key.dir = HG_DIR_REPLY;
	} else {
		conn = kmem_cache_zalloc(conn_cache, GFP_ATOMIC);
		if (!conn)
			return NULL;
	}
	conn->orig.key = *key;
	conn->server = server;
	conn->word = mode << 8 | (check ? HG_CONN_CHECK : 0);
	conn->born = jiffies;
	return conn;
}

/* Puts a node in the table.  Where its key is taken: the conn that has it, if that
 * is of the same original flow (another CPU was faster), else -EEXIST.
 */
static struct hg_conn *insert(struct hg_net *ns, struct hg_node *node,
			      const struct hg_key *orig)
{
	struct rhashtable_compare_arg arg = { .ht = &ns->conns, .key = orig };
	struct hg_node *old;
	struct hg_conn *conn;
	unsigned int tries;

	for (tries = 0; tries < 2; tries++) {
		old = rhashtable_lookup_get_insert_key(&ns->conns, &node->key,
						       &node->rhash, conn_params);
		if (!old)
			return NULL;
		if (IS_ERR(old))
			return ERR_PTR(-ENOMEM);
		conn = hg_conn_of(old);
		if (hg_conn_over(conn))
			hg_conn_reap(ns, conn);
		else if (!node_cmp(&arg, &conn->orig))
			return conn;
		else
			break;
	}
	return ERR_PTR(-EEXIST);
}

/* The reply first: when the original is found, replies are too. */
static struct hg_conn *insert_both(struct hg_net *ns, struct hg_conn *conn)
{
	struct hg_conn *winner;

	if (hg_word_mode(READ_ONCE(conn->word)) == HEADGATE_MODE_NAT) {
		winner = insert(ns, &hg_conn_nat(conn)->reply, &conn->orig.key);
		if (winner)
			return winner;
	}
	return insert(ns, &conn->orig, &conn->orig.key);
}

/* Inline: who needs neither of the two pays for neither. */
static __always_inline struct hg_conn *make(struct hg_net *ns, const struct hg_key *key,
					    struct hg_server *server, bool check,
					    struct hg_affinity *affinity)
{
	struct hg_conn *conn, *winner;

	if (check && hg_load_refs(atomic64_read(&server->load)) >= HG_LOAD_REFS_MAX)
		return ERR_PTR(-ENOSPC);
	if (!reserve(ns) && !(evict(ns, key) && reserve(ns)))
		return ERR_PTR(-ENOSPC);
	conn = alloc_conn(key, server, check);
	if (!conn) {
		unreserve(ns);
		return ERR_PTR(-ENOMEM);
	}
	/* The opener's own change of state sets a timeout at once. */
	conn->expires = (u32)jiffies + READ_ONCE(ns->timeouts[HEADGATE_A_TIMEOUT_TCP_NONE]);
	if (affinity) {
		hg_affinity_get(affinity);
		conn->affinity = affinity;
	}
	hg_server_load_add(server, weight_of(conn->word));

	winner = insert_both(ns, conn);
	if (winner) {
		/* A reply may have met it, moved it, even ended it meanwhile. */
		hg_conn_reap(ns, conn);
		return winner;
	}
	/* Found by its reply key and reaped before the original was in?  Then
	 * nobody else takes that out.
	 */
	if (unlikely(READ_ONCE(conn->word) & HG_CONN_DEAD))
		unhash(ns, conn);
	else if (!check)
		hg_stats_conn(server->counters);
	return conn;
}

struct hg_conn *hg_conn_new(struct hg_net *ns, const struct hg_key *key,
			    struct hg_server *server)
{
	return make(ns, key, server, false, NULL);
}

struct hg_conn *hg_conn_new_check(struct hg_net *ns, const struct hg_key *key,
				  struct hg_server *server)
{
	return make(ns, key, server, true, NULL);
}

struct hg_conn *hg_conn_new_affine(struct hg_net *ns, const struct hg_key *key,
				   struct hg_server *server, struct hg_affinity *affinity)
{
	return make(ns, key, server, false, affinity);
}

/* By the service's word or the namespace's. */
static u32 timeout_of(const struct hg_net *ns, const struct hg_conn *conn,
		      unsigned int timeout)
{
	const struct hg_service *svc = rcu_dereference(conn->server->service);
	const struct hg_pool *pool = svc ? rcu_dereference(svc->pool) : NULL;
	u32 own = pool ? pool->conf.timeouts[timeout] : 0;

	return own ?: READ_ONCE(ns->timeouts[timeout]);
}

bool hg_conn_move(struct hg_net *ns, struct hg_conn *conn, u8 state, bool active,
		  bool assured, unsigned int timeout)
{
	u32 word = READ_ONCE(conn->word), next;
	u32 granted = timeout_of(ns, conn, timeout);
	bool first = !READ_ONCE(conn->timeout);

	do {
		if (word & HG_CONN_DEAD)
			return false;
		if (word & HG_CONN_KILLED) {	/* just now: the packet came before */
			set_killed_time(conn);
			return true;
		}
		next = (word & ~0xffu & ~HG_CONN_ACTIVE) | state;
		if (active && !(word & HG_CONN_CHECK))
			next |= HG_CONN_ACTIVE;
		if (assured)
			next |= HG_CONN_ASSURED;
		/* Before the word: who kills it then writes its time after us. */
		WRITE_ONCE(conn->timeout, granted);
		WRITE_ONCE(conn->expires, (u32)jiffies + granted);
	} while (!try_cmpxchg(&conn->word, &word, next));

	if (weight_of(next) != weight_of(word))
		hg_server_load_add(conn->server, weight_of(next) - weight_of(word));
	if (first || hg_word_state(next) != hg_word_state(word))
		tell(ns, first ? HEADGATE_EVENT_CONN_NEW : HEADGATE_EVENT_CONN_STATE,
		     conn, next);
	return true;
}

void hg_conn_touch(struct hg_conn *conn)
{
	u32 timeout = READ_ONCE(conn->timeout);
	u32 expires = (u32)jiffies + timeout;
	s32 step = min_t(u32, HZ, timeout / 8);

	/* The line is shared with other CPUs: written once a second at most. */
	if ((s32)(expires - READ_ONCE(conn->expires)) < step)
		return;
	WRITE_ONCE(conn->expires, expires);
	/* Was it killed meanwhile?  Either we see that, or hg_conn_kill(), whose
	 * cmpxchg is a barrier too, writes its time after us.
	 */
	smp_mb();
	if (unlikely(READ_ONCE(conn->word) & HG_CONN_KILLED))
		set_killed_time(conn);
}

#ifdef DEBUG
#include "selftest/conn.c"
#endif
