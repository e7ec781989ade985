// SPDX-License-Identifier: GPL-2.0
/*
 * gen: writes Ethernet frames to the tap device in0, one at a time, and prints what
 * each of them cost.
 *
 * The kernel receives a frame as from a NIC's driver: an skb with a page fragment,
 * 64 bytes of headroom, in softirq context, no GRO.  Under QEMU's -icount shift=0
 * the TSC counts one for each guest instruction.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FRAME		60	/* bytes: the smallest Ethernet frame, without its FCS */
#define CLIENTS		4096	/* flows come from this many addresses */
#define FIRST_PORT	1024
#define ROUNDS		5
#define SETTLE		1	/* seconds of virtual time between warming up and measuring */

/* Offsets in the frame. */
enum {
	AT_MAC = 0,
	AT_IP = 14,
	AT_IP_LEN = AT_IP + 2,
	AT_IP_FRAG = AT_IP + 6,
	AT_IP_TTL = AT_IP + 8,
	AT_IP_PROTO = AT_IP + 9,
	AT_IP_CHECK = AT_IP + 10,
	AT_IP_SRC = AT_IP + 12,
	AT_IP_DST = AT_IP + 16,
	AT_L4 = AT_IP + 20,
	AT_SPORT = AT_L4,
	AT_DPORT = AT_L4 + 2,
	AT_UDP_LEN = AT_L4 + 4,
	AT_UDP_CHECK = AT_L4 + 6,
	AT_TCP_SEQ = AT_L4 + 4,
	AT_TCP_ACKSEQ = AT_L4 + 8,
	AT_TCP_DOFF = AT_L4 + 12,
	AT_TCP_FLAGS = AT_L4 + 13,
	AT_TCP_WINDOW = AT_L4 + 14,
	AT_TCP_CHECK = AT_L4 + 16,
};

enum tcp_flags { SYN = 0x02, ACK = 0x10 };

struct options {
	uint32_t server;	/* the other end: the VIP, or for replies the server */
	unsigned int port;
	uint32_t flows;		/* 0: each frame is a flow of its own */
	uint32_t warm;		/* frames before the measured ones */
	uint32_t count;		/* frames measured */
	bool tcp;
	bool open;		/* TCP: a SYN for each flow before the warming up */
	bool syn;		/* TCP: SYN alone, not ACK */
	bool reply;		/* from the server to the clients */
	bool base;		/* to a MAC address that is not ours: dropped by ip_rcv() */
};

static unsigned char frame[FRAME];
static uint32_t ip_sum, l4_sum;	/* over all that does not change between flows */
static int fd;

static void put16(int at, unsigned int v)
{
	frame[at] = v >> 8;
	frame[at + 1] = v;
}

static void put32(int at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static uint32_t sum(int from, int to)
{
	uint32_t s = 0;

	for (; from < to; from += 2)
		s += frame[from] << 8 | frame[from + 1];
	return s;
}

static unsigned int fold(uint32_t s)
{
	s = (s & 0xffff) + (s >> 16);
	return ~(s + (s >> 16)) & 0xffff;
}

static uint64_t tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Instructions without an effect: they switch the profiler's counters (profile.c). */
static void mark(bool base)
{
	if (base)
		__asm__ volatile("xchgw %%cx,%%cx" : : : "memory");
	else
		__asm__ volatile("xchgw %%bx,%%bx" : : : "memory");
}

static void put_transport(const struct options *o, int flags)
{
	memset(frame + AT_UDP_LEN, 0, FRAME - AT_UDP_LEN);
	if (!o->tcp) {
		put16(AT_UDP_LEN, FRAME - AT_L4);
		return;
	}
	put32(AT_TCP_SEQ, 1);
	put32(AT_TCP_ACKSEQ, flags & ACK ? 1 : 0);
	frame[AT_TCP_DOFF] = 0x50;
	frame[AT_TCP_FLAGS] = flags;
	put16(AT_TCP_WINDOW, 65535);
}

/* All of the frame but the client's address and port. */
static void make_frame(const struct options *o, int flags)
{
	static const unsigned char mac[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45 };

	memset(frame, 0, AT_IP_SRC);
	memcpy(frame, mac, sizeof(mac));
	frame[AT_MAC + 5] += o->base;
	put16(AT_IP_LEN, FRAME - AT_IP);
	put16(AT_IP_FRAG, 0x4000);
	frame[AT_IP_TTL] = 64;
	frame[AT_IP_PROTO] = o->tcp ? IPPROTO_TCP : IPPROTO_UDP;
	put32(o->reply ? AT_IP_DST : AT_IP_SRC, 0);
	put32(o->reply ? AT_IP_SRC : AT_IP_DST, o->server);
	put16(o->reply ? AT_DPORT : AT_SPORT, 0);
	put16(o->reply ? AT_SPORT : AT_DPORT, o->port);
	put_transport(o, flags);
	ip_sum = sum(AT_IP, AT_L4);
	l4_sum = sum(AT_IP_SRC, AT_L4) + frame[AT_IP_PROTO] + FRAME - AT_L4 + sum(AT_L4, FRAME);
}

static void send_flow(const struct options *o, uint32_t flow)
{
	uint32_t client = 0x0a800001 + flow % CLIENTS;	/* 10.128.0.1 and on */
	uint32_t port = FIRST_PORT + flow / CLIENTS;
	uint32_t s = (client >> 16) + (client & 0xffff);

	put32(o->reply ? AT_IP_DST : AT_IP_SRC, client);
	put16(o->reply ? AT_DPORT : AT_SPORT, port);
	put16(AT_IP_CHECK, fold(ip_sum + s));
	put16(o->tcp ? AT_TCP_CHECK : AT_UDP_CHECK, fold(l4_sum + s + port));
	if (write(fd, frame, FRAME) != FRAME) {
		perror("write");
		exit(1);
	}
}

/* @n frames, of flow after flow, beginning with @first where each is its own. */
static void send_frames(const struct options *o, uint32_t first, uint32_t n)
{
	uint32_t i, flow = o->flows ? 0 : first;

	for (i = 0; i < n; i++, flow++) {
		if (o->flows && flow == o->flows)
			flow = 0;
		send_flow(o, flow);
	}
}

static double measure_round(const struct options *o, uint32_t first, uint32_t n)
{
	uint64_t start = tsc();

	send_frames(o, first, n);
	return (double)(tsc() - start) / n;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of some rounds: a kernel thread that woke up in one of them is not the
 * director's.  Where each frame opens a conn the mean of all: tables that grow, timers
 * and workers are part of the price.
 */
static double measure(const struct options *o)
{
	double cost[ROUNDS];
	int i;

	mark(o->base);
	if (!o->flows) {
		cost[ROUNDS / 2] = measure_round(o, o->warm, o->count);
	} else {
		for (i = 0; i < ROUNDS; i++)
			cost[i] = measure_round(o, 0, o->count / ROUNDS);
		qsort(cost, ROUNDS, sizeof(*cost), by_value);
	}
	mark(o->base);
	return cost[ROUNDS / 2];
}

static void attach(const char *dev)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	strncpy(ifr.ifr_name, dev, IFNAMSIZ - 1);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr)) {
		perror(dev);
		exit(1);
	}
}

static void parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "d:p:n:w:c:tosrb")) != -1)
		switch (c) {
		case 'd': o->server = ntohl(inet_addr(optarg)); break;
		case 'p': o->port = atoi(optarg); break;
		case 'n': o->flows = atoi(optarg); break;
		case 'w': o->warm = atoi(optarg); break;
		case 'c': o->count = atoi(optarg); break;
		case 't': o->tcp = true; break;
		case 'o': o->open = true; break;
		case 's': o->syn = true; break;
		case 'r': o->reply = true; break;
		case 'b': o->base = true; break;
		default: exit(2);
		}
}

int main(int argc, char **argv)
{
	struct options o = { .flows = 1, .count = 1 };

	parse(&o, argc, argv);
	attach("in0");
	if (o.open && o.tcp) {
		make_frame(&o, SYN);
		send_frames(&o, 0, o.flows);
	}
	make_frame(&o, o.syn ? SYN : ACK);
	send_frames(&o, 0, o.warm);
	sleep(SETTLE);
	printf("%.1f\n", measure(&o));
	return 0;
}
