// SPDX-License-Identifier: GPL-2.0
/* Part of conn.c: what the hash and the comparison take for the same flow. */

static bool __init same_flow(const struct hg_key *a, const struct hg_key *b)
{
	struct rhashtable_compare_arg arg = { .key = a };
	struct hg_node node = { .key = *b };
	bool same = !node_cmp(&arg, &node);

	/* Equal keys must hash alike, or a conn is never found. */
	return same && key_hash(a, HG_KEY_LEN, 1) == node_hash(&node, HG_KEY_LEN, 1);
}

static bool __init each_field_counts(u8 af)
{
	struct hg_key a = { .proto = IPPROTO_TCP, .af = af }, b;
	unsigned int i, len = af == AF_INET ? 4 : 16;
	bool ok = true;

	get_random_bytes(&a.src, len);
	get_random_bytes(&a.dst, len);
	a.sport = htons(1024);
	a.dport = htons(80);
	ok &= same_flow(&a, &a);
	for (i = 0; i < HG_KEY_LEN; i++) {
		bool unused = af == AF_INET && i < 32 && i % 16 >= 4;

		b = a;
		((u8 *)&b)[i] ^= 1;
		/* The family of an IPv4 key decides what else is looked at. */
		ok &= unused || !same_flow(&a, &b);
	}
	b = a;
	b.dir = HG_DIR_REPLY;
	ok &= same_flow(&a, &b);
	return ok;
}

bool __init hg_conn_selftest(void)
{
	bool ok = each_field_counts(AF_INET) && each_field_counts(AF_INET6);

	pr_info("conn self-tests: %s\n", ok ? "pass" : "FAIL");
	return ok;
}
