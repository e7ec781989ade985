// SPDX-License-Identifier: GPL-2.0
/* Part of proto.c: the TCP tables once more, as the facts of ip_vs are written down:
 * by event, which states go where; a state that is not named stays.
 */

static const char *const state_names[] __initconst = {
	"NO", "ES", "SS", "SR", "FW", "TW", "CL", "CW", "LA", "LI", "SA",
};

static const char event_names[] __initconst = "SFAR";	/* by enum hg_tcp_event */

struct tcp_facts {
	bool		half;
	enum hg_dir	dir;
	const char	*rules[4];	/* "from,from>to ..." */
};

static const struct tcp_facts tcp_facts[] __initconst = {
	{ false, HG_DIR_ORIG, {
		"NO,SR,FW,TW,CL,CW,LA,LI,SA>SR SS>ES",
		"NO>CL ES>CW SR,FW,SA>TW",
		"NO,SR,SA>ES LA>CL",
		"NO,ES,SS,FW,TW,CL,CW>CL SA>SR" } },
	{ false, HG_DIR_REPLY, {
		"NO,FW,TW,CL,CW,LA>SS SA>SR",
		"NO,SR,CW,SA>TW ES>FW",
		"NO,SR,SA,LI>ES",
		"NO,ES,SR,FW,CL,CW,LA,LI,SA>CL" } },
	{ true, HG_DIR_ORIG, {
		"NO,SR,FW,TW,CL,CW,LA,LI,SA>SR SS>ES",
		"NO>CL ES>FW SR,SA>TW",
		"NO,SR,SA>ES LA>CL",
		"NO,ES,SS,FW,TW,CL,CW,SA>CL" } },
};

static u8 __init state_of(const char *name)
{
	u8 i;

	for (i = 0; i < ARRAY_SIZE(state_names); i++)
		if (!strncmp(name, state_names[i], 2))
			return i;
	return U8_MAX;
}

/* Where a rule text sends a state: each group is "XX,YY>ZZ", 3 characters a name. */
static u8 __init by_facts(const char *rule, u8 state)
{
	bool named = false;

	for (; *rule; rule += 3) {
		if (state_of(rule) == state)
			named = true;
		if (rule[2] != '>')
			continue;
		rule += 3;
		if (named)
			return state_of(rule);
		if (!rule[2])
			break;
	}
	return state;
}

static bool __init check_cell(const struct tcp_facts *f, u8 event, u8 state)
{
	u8 want = by_facts(f->rules[event], state);
	u8 have = hg_tcp_next(f->half, f->dir, event, state);

	if (have == want)
		return true;
	pr_err("tcp half=%d dir=%d %c in %s: %u, not %s\n", f->half, f->dir,
	       event_names[event], state_names[state], have, state_names[want]);
	return false;
}

bool __init hg_proto_selftest(void)
{
	bool ok = true;
	u8 event, state;
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(state_names) != __HEADGATE_TCP_MAX);
	for (i = 0; i < ARRAY_SIZE(tcp_facts); i++)
		for (event = 0; event < HG_TCP_ODD; event++)
			for (state = 0; state < __HEADGATE_TCP_MAX; state++)
				ok &= check_cell(&tcp_facts[i], event, state);
	for (state = 0; state < __HEADGATE_TCP_MAX; state++)
		ok &= hg_tcp_next(false, HG_DIR_ORIG, HG_TCP_ODD, state) ==
		      HEADGATE_TCP_CLOSE;
	pr_info("tcp tables self-tests: %s\n", ok ? "pass" : "FAIL");
	return ok;
}
