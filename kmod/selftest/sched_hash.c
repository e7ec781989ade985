// SPDX-License-Identifier: GPL-2.0
/* Self-tests of sh, and of what it shares with mh. */
#include "sched_fake.h"

#define CLIENTS		10000
#define HASH_SERVERS	10
#define DOWN		3

u32 *__init hg_hash_count(struct hg_fake *fake)
{
	const struct hg_hash_table *table = hg_fake_pool(fake)->table;
	u32 *count = kvcalloc(fake->n, sizeof(*count), GFP_KERNEL);
	u32 i;

	for (i = 0; count && i < table->size; i++)
		count[table->entry[i]]++;
	return count;
}

/* Shares of the table are right to 1/128 of them and two entries. */
static bool __init check_shares(u32 n, u32 spread)
{
	u32 i, sum = 0, *count = NULL;
	struct hg_fake fake;
	bool ok = false;

	if (!hg_fake_create(&fake, &hg_sched_sh, n))
		return false;
	for (i = 0; i < n; i++) {
		hg_fake_weight(&fake, i, 1 + i % spread);
		sum += 1 + i % spread;
	}
	if (hg_fake_publish(&fake, &hg_sched_sh, U32_MAX))
		count = hg_hash_count(&fake);
	ok = count;
	for (i = 0; ok && i < n; i++) {
		u32 due = div_u64((u64)sh_size(n) * (1 + i % spread), sum);

		ok = count[i] && abs((int)(count[i] - due)) <= due / 128 + 2;
	}
	kvfree(count);
	hg_fake_destroy(&fake);
	return ok;
}

/* The greatest difference of weights: the small one gets its two entries. */
static bool __init check_small(void)
{
	u32 *count = NULL;
	struct hg_fake fake;
	bool ok;

	if (!hg_fake_create(&fake, &hg_sched_sh, 2))
		return false;
	hg_fake_weight(&fake, 0, HEADGATE_WEIGHT_MAX);
	if (hg_fake_publish(&fake, &hg_sched_sh, U32_MAX))
		count = hg_hash_count(&fake);
	ok = count && count[0] == TABLE_MIN - 2 && count[1] == 2;
	kvfree(count);
	hg_fake_destroy(&fake);
	return ok;
}

/* Real clients, one after the other in their network, reach all of 1,000 servers,
 * none of which gets twice its share.
 */
static bool __init check_starving(void)
{
	u32 i, *hits = kvcalloc(1000, sizeof(*hits), GFP_KERNEL);
	struct hg_fake fake;
	bool ok;

	if (!hits || !hg_fake_create(&fake, &hg_sched_sh, 1000)) {
		kvfree(hits);
		return false;
	}
	ok = hg_fake_picks(&fake, 60000, hits);
	for (i = 0; i < 1000; i++)
		ok &= hits[i] > 0 && hits[i] < 120;
	hg_fake_destroy(&fake);
	kvfree(hits);
	return ok;
}

/* Only the clients of the server that is down move, and to all others alike. */
static bool __init spread(const int *before, const int *after)
{
	u32 i, got[HASH_SERVERS] = { 0 }, orphans = 0;
	bool ok = true;

	for (i = 0; i < CLIENTS; i++) {
		if (before[i] != DOWN) {
			ok &= after[i] == before[i];
			continue;
		}
		orphans++;
		got[after[i]]++;
	}
	for (i = 0; i < HASH_SERVERS; i++) {
		u32 due = orphans / (HASH_SERVERS - 1);

		ok &= i == DOWN ? !got[i] : got[i] > due / 2 && got[i] < due * 3 / 2;
	}
	return ok;
}

bool __init hg_hash_check_down(const struct hg_sched *sched)
{
	int *before = NULL, *after = NULL, *back = NULL;
	struct hg_fake fake;
	bool ok;

	if (!hg_fake_create(&fake, sched, HASH_SERVERS))
		return false;
	before = hg_fake_picked(&fake, CLIENTS);
	hg_fake_weight(&fake, DOWN, 0);
	after = hg_fake_picked(&fake, CLIENTS);
	hg_fake_weight(&fake, DOWN, 1);
	back = hg_fake_picked(&fake, CLIENTS);
	ok = before && after && back && spread(before, after) &&
	     !memcmp(before, back, CLIENTS * sizeof(*before));

	/* A pool that is built meanwhile has the same table. */
	hg_fake_weight(&fake, DOWN, 0);
	ok &= hg_fake_publish(&fake, sched, U32_MAX);
	hg_fake_weight(&fake, DOWN, 1);
	kvfree(back);
	back = hg_fake_picked(&fake, CLIENTS);
	ok = ok && back && !memcmp(before, back, CLIENTS * sizeof(*before));

	kvfree(before);
	kvfree(after);
	kvfree(back);
	hg_fake_destroy(&fake);
	return ok;
}

/* Directors that agree today must agree with those of tomorrow: these numbers are
 * for ever.  The port counts with HASH_PORT only; every word of IPv6 does.
 */
static bool __init check_fixed(void)
{
	struct hg_key key = {
		.src.ip = htonl(0xc0000201), .sport = htons(4711), .af = AF_INET,
	};
	u32 i, plain = hash_client(&key, 0);
	bool ok = plain == 0x751c0de7;

	ok &= hash_client(&key, HEADGATE_SERVICE_F_HASH_PORT) == 0x61710750;
	key.sport = 0;
	ok &= hash_client(&key, 0) == plain;
	key.af = AF_INET6;
	plain = hash_client(&key, 0);
	ok &= plain == 0x3f557fc5;
	for (i = 0; i < 4; i++) {
		key.src.ip6[i] ^= htonl(1);
		ok &= hash_client(&key, 0) != plain;
		key.src.ip6[i] ^= htonl(1);
	}
	return ok;
}

bool __init hg_sched_sh_selftest(void)
{
	return hg_sched_report("sh", check_fixed() && check_shares(1, 1) &&
				     check_shares(3, 3) && check_shares(10, 1) &&
				     check_shares(1000, 1) && check_shares(1000, 100) &&
				     check_small() && check_starving() &&
				     hg_hash_check_down(&hg_sched_sh));
}
