// SPDX-License-Identifier: GPL-2.0
/* Self-tests of lc and wlc, and with them of the winner tree. */
#include "sched_fake.h"

/* The definition: the first of the least. */
static int __init least_of_all(const struct hg_fake *fake, bool weighted)
{
	u64 best_load = 0, best_weight = 0;
	int best = -1;
	u32 i;

	for (i = 0; i < fake->n; i++) {
		u64 word = atomic64_read(&fake->servers[i].load);
		u64 load = hg_load_active(word) * 256ULL + hg_load_total(word);
		u64 weight = hg_server_effective(&fake->servers[i]);

		if (!weight)
			continue;
		if (!weighted)
			weight = 1;
		if (best < 0 || load * best_weight < best_load * weight) {
			best = i;
			best_load = load;
			best_weight = weight;
		}
	}
	return best;
}

/* A conn comes to the server that was picked, or changes, or one ends anywhere,
 * or a weight changes.
 */
static bool __init step(struct hg_fake *fake, bool weighted, u32 *seed)
{
	u32 i = hg_fake_random(seed, fake->n);
	u64 word = atomic64_read(&fake->servers[i].load);
	int want = least_of_all(fake, weighted);

	if (hg_fake_pick(fake, 0) != want)
		return false;
	switch (hg_fake_random(seed, 8)) {
	case 0:
		hg_fake_weight(fake, i, hg_fake_random(seed, 4));
		break;
	case 1:
		hg_fake_weight(fake, i, hg_fake_random(seed, HEADGATE_WEIGHT_MAX + 1));
		break;
	case 2:
		if (hg_load_active(word))
			hg_fake_load(fake, i, -HG_LOAD_ACTIVE);
		break;
	case 3:
		if (hg_load_total(word) > hg_load_active(word))
			hg_fake_load(fake, i, -HG_LOAD_TOTAL);
		break;
	default:
		if (want >= 0)
			hg_fake_load(fake, want, HG_LOAD_TOTAL + HG_LOAD_ACTIVE);
	}
	return hg_fake_pick(fake, 0) == least_of_all(fake, weighted);
}

/* Thousands of random steps, and a new pool now and then. */
static bool __init check_random(const struct hg_sched *sched, u32 n, u32 steps)
{
	struct hg_fake fake;
	u32 i, seed = n;
	bool ok = true;

	if (!hg_fake_create(&fake, sched, n))
		return false;
	for (i = 0; ok && i < steps; i++) {
		ok = step(&fake, sched == &hg_sched_wlc, &seed);
		if (i % 500 == 499)
			ok &= hg_fake_publish(&fake, sched, U32_MAX);
	}
	hg_fake_destroy(&fake);
	return ok;
}

/* With nothing else going on the conns end up as the weights say. */
static bool __init check_shares(void)
{
	struct hg_fake fake;
	bool ok = true;
	u32 i;

	if (!hg_fake_create(&fake, &hg_sched_wlc, 4))
		return false;
	for (i = 0; i < 4; i++)
		hg_fake_weight(&fake, i, i + 1);
	for (i = 0; i < 1000; i++)
		hg_fake_load(&fake, hg_fake_pick(&fake, 0), HG_LOAD_TOTAL);
	for (i = 0; i < 4; i++)
		ok &= hg_load_total(atomic64_read(&fake.servers[i].load)) == 100 * (i + 1);
	hg_fake_destroy(&fake);
	return ok;
}

/* The largest loads and weights there can be do not wrap. */
static bool __init check_limits(void)
{
	const u64 full = ~0xfffULL;	/* all but the other references */
	struct hg_fake fake;
	bool ok;

	if (!hg_fake_create(&fake, &hg_sched_wlc, 2))
		return false;
	hg_fake_weight(&fake, 0, HEADGATE_WEIGHT_MAX);
	hg_fake_weight(&fake, 1, HEADGATE_WEIGHT_MAX);
	hg_fake_load(&fake, 0, full);
	hg_fake_load(&fake, 1, full - HG_LOAD_TOTAL);
	ok = hg_fake_pick(&fake, 0) == 1;
	hg_fake_load(&fake, 1, HG_LOAD_TOTAL);
	ok &= hg_fake_pick(&fake, 0) == 0;
	hg_fake_destroy(&fake);
	return ok;
}

bool __init hg_sched_least_selftest(void)
{
	static const u32 sizes[] __initconst = { 1, 2, 3, 7, 8, 9, 100 };
	bool lc = true, wlc = true;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		lc &= check_random(&hg_sched_lc, sizes[i], 3000);
		wlc &= check_random(&hg_sched_wlc, sizes[i], 3000);
	}
	lc = hg_sched_report("lc", lc);
	return hg_sched_report("wlc", wlc && check_shares() && check_limits()) && lc;
}
