// SPDX-License-Identifier: GPL-2.0
/* Self-tests of wrr. */
#include "sched_fake.h"

#define WRR_SERVERS	5

static void __init set_weights(struct hg_fake *fake, const u32 *weights)
{
	u32 i;

	for (i = 0; i < fake->n; i++)
		hg_fake_weight(fake, i, weights[i]);
}

/* @cycles rounds in which each server gets exactly its weight in turns. */
static bool __init exact(struct hg_fake *fake, u32 cycles)
{
	u32 i, k, sum = 0, hits[WRR_SERVERS];

	for (i = 0; i < fake->n; i++)
		sum += fake->servers[i].conf.weight;
	for (k = 0; k < cycles; k++) {
		if (!hg_fake_picks(fake, sum, hits))
			return false;
		for (i = 0; i < fake->n; i++) {
			if (hits[i] != fake->servers[i].conf.weight)
				return false;
		}
	}
	return true;
}

/* From the first round on, after many, and after each change of weights in
 * the middle of a round.
 */
static bool __init check_exact(void)
{
	static const u32 sets[][WRR_SERVERS] __initconst = {
		{ 3, 2, 1, 0, 0 }, { 1, 1, 1, 1, 1 }, { 5, 0, 1, 0, 1 },
		{ 7, 3, 2, 11, 13 }, { 0, 0, 9, 0, 0 }, { 100, 1, 1, 1, 97 },
		{ 1000, 300, 7, 1, 2 }, { 1, 2, 3, 5, 8 },
	};
	struct hg_fake fake;
	bool ok = false;
	u32 i, k;

	if (!hg_fake_create(&fake, &hg_sched_wrr, WRR_SERVERS))
		return false;
	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		set_weights(&fake, sets[i]);
		if (!exact(&fake, 20))
			goto out;
		for (k = 0; k < i; k++)
			hg_fake_pick(&fake, 0);
	}
	set_weights(&fake, sets[0]);
	ok = exact(&fake, 20000);
out:
	hg_fake_destroy(&fake);
	return ok;
}

/* The order itself, from the top of wrr, for three cycles. */
static bool __init check_order(void)
{
	static const int want[] __initconst = { 0, 1, 0, 2, 1, 0 };
	struct hg_fake fake;
	bool ok = true;
	u32 i;

	if (!hg_fake_create(&fake, &hg_sched_wrr, 3))
		return false;
	hg_fake_weight(&fake, 0, 3);
	hg_fake_weight(&fake, 1, 2);
	for (i = 0; i < 3 * ARRAY_SIZE(want); i++)
		ok &= hg_fake_pick(&fake, 0) == want[i % ARRAY_SIZE(want)];
	hg_fake_destroy(&fake);
	return ok;
}

/* One that was away for long gets its share again and not more; and one that
 * comes and goes within a turn does not get that turn twice.
 */
static bool __init check_back(void)
{
	struct hg_fake fake;
	u32 i, hits[3];
	bool ok = false;

	if (!hg_fake_create(&fake, &hg_sched_wrr, 3))
		return false;
	hg_fake_weight(&fake, 1, 0);
	if (!hg_fake_picks(&fake, 10001, hits) || hits[1])
		goto out;
	hg_fake_weight(&fake, 1, 1);
	if (!hg_fake_picks(&fake, 30, hits) || hits[1] != 10)
		goto out;
	ok = true;
	for (i = 0; i < 30; i++) {
		int idx = hg_fake_pick(&fake, 0);

		hg_fake_weight(&fake, idx, 0);
		hg_fake_weight(&fake, idx, 1);
		ok &= hg_fake_pick(&fake, 0) != idx;
	}
out:
	hg_fake_destroy(&fake);
	return ok;
}

/* A new pool in the middle of a round goes on there; and one without the second
 * server has the places 0 1/6, 0 1/2, 2 1/2, 0 5/6.
 */
static bool __init check_pool_change(void)
{
	static const int want[] __initconst = { 0, 1, 0, 2, 1, 0 };
	struct hg_fake fake;
	bool ok = true;
	u32 i;

	if (!hg_fake_create(&fake, &hg_sched_wrr, 3))
		return false;
	hg_fake_weight(&fake, 0, 3);
	hg_fake_weight(&fake, 1, 2);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		ok &= hg_fake_pick(&fake, 0) == want[i];
		ok &= hg_fake_publish(&fake, &hg_sched_wrr, U32_MAX);
	}
	ok &= hg_fake_publish(&fake, &hg_sched_wrr, 1);
	for (i = 0; i < 400; i++)
		ok &= hg_fake_pick(&fake, 0) == (i % 4 == 2 ? 2 : 0);
	hg_fake_destroy(&fake);
	return ok;
}

/* Counting the cycles from 0 again changes nothing. */
static bool __init check_restart(void)
{
	static const u32 weights[WRR_SERVERS] __initconst = { 3, 2, 1, 4, 5 };
	struct hg_fake fake;
	struct wrr *wrr;
	bool ok;

	if (!hg_fake_create(&fake, &hg_sched_wrr, WRR_SERVERS))
		return false;
	wrr = hg_fake_pool(&fake)->table;
	set_weights(&fake, weights);
	wrr->now = NOW_MAX - CYCLE / 100;
	put_all(hg_fake_pool(&fake));
	ok = exact(&fake, 1000) && wrr->now < NOW_MAX / 2;
	hg_fake_destroy(&fake);
	return ok;
}

/* turn_from() against its definition, at the edges of what it is given. */
static bool __init check_turns(void)
{
	static const u32 weights[] __initconst = { 1, 2, 3, 255, 256, 65535 * 256 };
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(weights); i++) {
		u32 w = weights[i];
		u64 t = NOW_MAX, first = turn_from(NOW_MAX, w);

		for (k = 0; k < min(w, 1000u); k++) {
			t = turn_from(t, w);
			if (t != NOW_MAX + div_u64((2 * k + 1) * (CYCLE / 2), w) ||
			    turn_from(t, w) != t)
				return false;
			t++;
		}
		if (turn_from(NOW_MAX - 1, w) != first ||
		    turn_from(NOW_MAX + CYCLE - 1, w) != first + CYCLE)
			return false;
	}
	return true;
}

bool __init hg_sched_wrr_selftest(void)
{
	return hg_sched_report("wrr", check_turns() && check_exact() && check_order() &&
				      check_back() && check_pool_change() &&
				      check_restart());
}
