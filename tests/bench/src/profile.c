// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU's TCG: how often each block of guest code ran between two marks
 * of gen.c, less how often between two marks of its base.  At the end a line for each
 * block: ADDRESS INSNS LOCKED, the instructions and how many of them had a LOCK prefix.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is needed of qemu-plugin.h (version 1), which Debian does not ship. */
typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*at_translation)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*at_exit)(qemu_plugin_id_t, void *);
typedef void (*at_run)(unsigned int cpu, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, at_translation cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, at_run cb, int flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, at_run cb,
					    int flags, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, at_exit cb, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

extern int qemu_plugin_version;
int qemu_plugin_version = 1;

struct block {
	uint64_t addr;
	int64_t runs;
	int64_t insns;
	int64_t locked;
	struct block *next;
};

static struct block *blocks;
static int64_t weight;	/* of a run: 1 when measured, -1 in the base, else 0 */
static FILE *out;

static void ran(unsigned int cpu, void *block)
{
	(void)cpu;
	((struct block *)block)->runs += weight;
}

static void marked(unsigned int cpu, void *sign)
{
	(void)cpu;
	weight = weight ? 0 : (intptr_t)sign;
}

static bool is(struct qemu_plugin_insn *insn, const char bytes[3])
{
	return qemu_plugin_insn_size(insn) == 3 &&
	       !memcmp(qemu_plugin_insn_data(insn), bytes, 3);
}

static bool is_locked(const struct qemu_plugin_insn *insn)
{
	const unsigned char *d = qemu_plugin_insn_data(insn);

	return d[0] == 0xf0 || (d[1] == 0xf0 && (d[0] == 0x65 || d[0] == 0x3e));
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *block = calloc(1, sizeof(*block));
	int64_t i;

	(void)id;
	if (!block)
		abort();
	block->addr = qemu_plugin_tb_vaddr(tb);
	block->insns = qemu_plugin_tb_n_insns(tb);
	for (i = 0; i < block->insns; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (is(insn, "\x66\x87\xdb"))	/* xchg %bx,%bx */
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, 0, (void *)1);
		if (is(insn, "\x66\x87\xc9"))	/* xchg %cx,%cx */
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, 0, (void *)-1);
		block->locked += is_locked(insn);
	}
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, ran, 0, block);
}

static void done(qemu_plugin_id_t id, void *data)
{
	const struct block *block;

	(void)id;
	(void)data;
	for (block = blocks; block; block = block->next)
		if (block->runs)
			fprintf(out, "%016" PRIx64 " %" PRId64 " %" PRId64 "\n", block->addr,
				block->runs * block->insns, block->runs * block->locked);
	fclose(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	out = argc && !strncmp(argv[0], "out=", 4) ? fopen(argv[0] + 4, "w") : NULL;
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, done, NULL);
	return 0;
}
