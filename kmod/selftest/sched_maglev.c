// SPDX-License-Identifier: GPL-2.0
/* Self-tests of mh. */
#include <linux/jhash.h>

#include "sched_fake.h"

/* Entries of the table: equal shares differ by one, and no order of one server's
 * is like another's.
 */
static bool __init check_balance(u32 n)
{
	u32 i, low = U32_MAX, high = 0, *count = NULL;
	struct hg_fake fake;
	bool ok;

	if (!hg_fake_create(&fake, &hg_sched_mh, n))
		return false;
	count = hg_hash_count(&fake);
	ok = count;
	for (i = 0; ok && i < n; i++) {
		low = min(low, count[i]);
		high = max(high, count[i]);
	}
	kvfree(count);
	hg_fake_destroy(&fake);
	return ok && high - low <= 1 && (n > 1310 || low >= PER_SERVER);
}

/* A share is at most one entry above what is due and a hundredth below. */
static bool __init check_weights(u32 n, u32 spread)
{
	u32 i, sum = 0, *count = NULL;
	struct hg_fake fake;
	bool ok;

	if (!hg_fake_create(&fake, &hg_sched_mh, n))
		return false;
	for (i = 0; i < n; i++) {
		hg_fake_weight(&fake, i, 1 + i * spread);
		sum += 1 + i * spread;
	}
	if (hg_fake_publish(&fake, &hg_sched_mh, U32_MAX))
		count = hg_hash_count(&fake);
	ok = count;
	for (i = 0; ok && i < n; i++) {
		u32 due = div_u64((u64)mh_size(n) * (1 + i * spread), sum);

		ok = count[i] && count[i] <= due + 2 && count[i] + 1 >= due - due / 100;
	}
	kvfree(count);
	hg_fake_destroy(&fake);
	return ok;
}

/* Entries that point to another server now, though theirs is still there, in
 * 1/1000 of the table.
 */
static u32 __init moved(const struct hg_hash_table *a, const struct hg_hash_table *b,
			u32 gone)
{
	u32 i, count = 0;

	for (i = 0; i < a->size; i++) {
		u32 now = b->entry[i] + (b->entry[i] >= gone);

		count += a->entry[i] != gone && a->entry[i] != now;
	}
	return count * 1000 / a->size;
}

/* A server that goes for good moves less than 4 % of the entries of the others;
 * and when it returns the table is what it was.
 */
static bool __init check_disruption(u32 n)
{
	struct hg_hash_table *before, *after;
	struct hg_fake fake;
	size_t bytes = struct_size(before, entry, mh_size(n));
	bool ok = true;
	u32 gone;

	before = kvmalloc(bytes, GFP_KERNEL);
	if (!before || !hg_fake_create(&fake, &hg_sched_mh, n)) {
		kvfree(before);
		return false;
	}
	memcpy(before, hg_fake_pool(&fake)->table, bytes);
	for (gone = 0; ok && gone < n; gone++) {
		ok = hg_fake_publish(&fake, &hg_sched_mh, gone);
		after = hg_fake_pool(&fake)->table;
		ok = ok && after->size == before->size && moved(before, after, gone) < 40;
		ok = ok && hg_fake_publish(&fake, &hg_sched_mh, U32_MAX) &&
		     !memcmp(before, hg_fake_pool(&fake)->table, bytes);
	}
	hg_fake_destroy(&fake);
	kvfree(before);
	return ok;
}

/* The table of 10.1.0.0:80 to 10.1.0.2:80, for ever: see sched_hash.c. */
static bool __init check_fixed(void)
{
	const struct hg_hash_table *table;
	struct hg_fake fake;
	bool ok;

	if (!hg_fake_create(&fake, &hg_sched_mh, 3))
		return false;
	table = hg_fake_pool(&fake)->table;
	ok = table->size == 4093 &&
	     jhash(table->entry, 4093 * sizeof(u16), 0) == 0xb562c680;
	hg_fake_destroy(&fake);
	return ok;
}

bool __init hg_sched_mh_selftest(void)
{
	return hg_sched_report("mh", check_fixed() && check_balance(1) &&
				     check_balance(2) && check_balance(10) &&
				     check_balance(1000) && check_weights(3, 1) &&
				     check_weights(5, 13000) && check_weights(300, 7) &&
				     check_disruption(3) && check_disruption(6) &&
				     check_disruption(20) && hg_hash_check_down(&hg_sched_mh));
}
