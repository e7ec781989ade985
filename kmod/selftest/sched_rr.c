// SPDX-License-Identifier: GPL-2.0
/* Self-tests of rr. */
#include "sched_fake.h"

static bool __init expect_round(struct hg_fake *fake, const int *want, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		if (hg_fake_pick(fake, 0) != want[i])
			return false;
	}
	return true;
}

/* The round from the first server on; around a hole; on as before. */
static bool __init check_holes(struct hg_fake *fake)
{
	static const int whole[] __initconst = { 0, 1, 2, 3, 4, 0, 1 };
	static const int hole[] __initconst = { 3, 4, 0, 1, 3 };
	static const int back[] __initconst = { 4, 0, 1, 2, 3, 4 };

	if (!expect_round(fake, whole, ARRAY_SIZE(whole)))
		return false;
	hg_fake_weight(fake, 2, 0);
	if (!expect_round(fake, hole, ARRAY_SIZE(hole)))
		return false;
	hg_fake_weight(fake, 2, 7);
	return expect_round(fake, back, ARRAY_SIZE(back));
}

/* A new pool goes on with whom it would have been: next is 0 at first. */
static bool __init check_pool_change(struct hg_fake *fake)
{
	static const int start[] __initconst = { 0, 1 };
	static const int without[] __initconst = { 3, 4, 0, 1, 3 };
	static const int whole[] __initconst = { 4, 0, 1, 2, 3, 4, 0, 1 };

	return expect_round(fake, start, ARRAY_SIZE(start)) &&
	       hg_fake_publish(fake, &hg_sched_rr, 2) &&
	       expect_round(fake, without, ARRAY_SIZE(without)) &&
	       hg_fake_publish(fake, &hg_sched_rr, U32_MAX) &&
	       expect_round(fake, whole, ARRAY_SIZE(whole));
}

bool __init hg_sched_rr_selftest(void)
{
	struct hg_fake fake;
	bool ok;

	if (!hg_fake_create(&fake, &hg_sched_rr, 5))
		return hg_sched_report("rr", false);
	ok = check_holes(&fake) && check_pool_change(&fake);
	hg_fake_destroy(&fake);
	return hg_sched_report("rr", ok);
}
