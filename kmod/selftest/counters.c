// SPDX-License-Identifier: GPL-2.0
/* Part of counters.c: places in blocks.  Two blocks are filled and a third begun. */

#define TEST_COUNTERS	(2 * BLOCK_PLACES + 1)

struct test_counters {
	struct hg_block			*block;
	struct hg_counters __percpu	*counters;
};

static u64 __init test_conns(const struct test_counters *t)
{
	struct hg_totals sum = {};

	hg_stats_add(&sum, t->counters);
	return sum.conns;
}

static void __init count(const struct test_counters *t, unsigned int conns)
{
	local_bh_disable();
	while (conns--)
		hg_stats_conn(t->counters);
	local_bh_enable();
}

static bool __init create(struct test_counters *t)
{
	t->counters = hg_counters_create(&t->block);
	return t->counters;
}

static void __init destroy(struct test_counters *t)
{
	if (t->counters)
		hg_counters_destroy(t->block, t->counters);
	t->counters = NULL;
}

/* Each counts for itself. */
static bool __init are_apart(struct test_counters *t)
{
	bool ok = true;
	u32 i;

	for (i = 0; i < TEST_COUNTERS; i++)
		count(&t[i], i);
	for (i = 0; i < TEST_COUNTERS; i++)
		ok &= test_conns(&t[i]) == i;
	return ok;
}

/* What was given back is taken again before there is another block, and is 0. */
static bool __init are_reused(struct test_counters *t)
{
	struct hg_block *block = t[1].block;

	destroy(&t[1]);
	return create(&t[1]) && t[1].block == block && !test_conns(&t[1]);
}

/* A block goes with its last counters; those of others stay. */
static bool __init are_given_back(struct test_counters *t)
{
	bool ok = true;
	u32 i;

	for (i = 0; i < TEST_COUNTERS; i += 2)
		destroy(&t[i]);
	ok &= list_count_nodes(&open_blocks) == 2;
	for (i = 3; i < TEST_COUNTERS; i += 2)
		ok &= test_conns(&t[i]) == i;
	for (i = 1; i < TEST_COUNTERS; i += 2)
		destroy(&t[i]);
	return ok && list_empty(&open_blocks);
}

bool __init hg_counters_selftest(void)
{
	struct test_counters *t = kcalloc(TEST_COUNTERS, sizeof(*t), GFP_KERNEL);
	bool ok = t;
	u32 i;

	for (i = 0; ok && i < TEST_COUNTERS; i++)
		ok = create(&t[i]);
	ok = ok && are_apart(t) && are_reused(t) && are_given_back(t);
	for (i = 0; t && i < TEST_COUNTERS; i++)
		destroy(&t[i]);
	kfree(t);
	pr_info("counters self-tests: %s\n", ok ? "pass" : "FAIL");
	return ok;
}
