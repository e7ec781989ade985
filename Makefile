# Headgate: the one door. `make help` lists what can be asked for.

KERNELS      ?= 6.1 6.12
TEST_KERNELS ?= $(KERNELS)
LOAD_KERNELS ?= 6.1-generic 6.12-generic
PREFIX       ?= /usr/local
KDIR         ?= /lib/modules/$(shell uname -r)/build
ARGS         ?=
export V

lab   := tests/lab
build := build
Q     := $(if $(V),,@)

mandir        := $(PREFIX)/share/man
completiondir := $(PREFIX)/share/bash-completion/completions
moddir         = /lib/modules/$(shell uname -r)/updates

.DEFAULT_GOAL := all
.PHONY: all help hostdeps modules module tools system-tests unit selftest system test check \
	bench demo lab test-fresh test-lab install uninstall clean clean-cache
.DELETE_ON_ERROR:

all: modules tools ## build the module for every kernel of KERNELS, and the tools (default)

help: ## this list; V=1 shows the commands that run
	@sed -n 's/^\([a-z%-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

hostdeps: # the packages of tests/lab/packages; installs them when root
	$(Q)$(lab)/hostdeps

modules: $(KERNELS:%=module-%) ## headgate.ko for every kernel of KERNELS, in build/kmod-*/

module-%: hostdeps ## headgate.ko for one: 6.1 6.12 6.1-generic 6.12-generic kasan kcsan
	$(Q)$(lab)/module $*

debug-module-%: hostdeps ## the same with self-tests (DEBUG=1)
	$(Q)$(lab)/module $* --debug

module: hostdeps ## headgate.ko for the running kernel, or KDIR=...; in build/kmod-host/
	$(Q)$(lab)/module $(KDIR) $(if $(DEBUG),--debug)

tools: hostdeps ## the programs, in build/release/
	$(Q)$(lab)/tools release

system-tests: hostdeps
	$(Q)$(lab)/tools release headgate-system-tests

build-unit: hostdeps
	$(Q)$(lab)/tools asan headgate-unit

unit: build-unit ## unit tests on this machine, under ASan and UBSan
	$(Q)$(lab)/part unit

selftest: $(patsubst %,selftest-%,$(TEST_KERNELS) $(LOAD_KERNELS)) ## the module's self-tests on every kernel

build-selftest-%: debug-module-% tools ;

selftest-%: build-selftest-%
	$(Q)$(lab)/part selftest $*

system: $(TEST_KERNELS:%=system-%) $(TEST_KERNELS:%=smp-%) ## system-* and smp-* on every kernel; ARGS=--gtest_filter=...

build-system-% build-smp-% build-tracked-% build-limits-% build-noipv6-%: module-% tools system-tests ;

build-load-%: module-% tools ;

system-%: build-system-% ## system tests on one kernel (kasan and kcsan too)
	$(Q)$(lab)/part system $* $(ARGS)

smp-%: build-smp-% ## those of them that want two CPUs, or all that ARGS name
	$(Q)$(lab)/part smp $* $(ARGS)

tracked-%: build-tracked-%
	$(Q)$(lab)/part tracked $*

limits-%: build-limits-%
	$(Q)$(lab)/part limits $*

noipv6-%: build-noipv6-%
	$(Q)$(lab)/part noipv6 $*

test: hostdeps ## unit, self-tests and system tests; ends with "N passed, N failed"
	$(Q)$(lab)/suite $(TEST_KERNELS) -- $(LOAD_KERNELS)

check: hostdeps ## formats, sparse, checkpatch, shellcheck, clang-tidy, layers, UAPI
	$(Q)tests/lint/run

bench: module-6.12 tools ## instructions per packet, beside ip_vs
	$(Q)tests/bench/run $(ARGS)

demo: module-6.12 tools ## the whole cluster alive in a guest; ends by itself without a terminal
	$(Q)$(lab)/demo

lab: module-6.12 tools ## a shell in the same cluster
	$(Q)$(lab)/demo --shell

test-lab: module-6.12 tools ## the lab's own tests: machine, reports, crashes, timeouts, Ctrl-C
	$(Q)$(lab)/test-machine
	$(Q)$(lab)/test-run

test-fresh: hostdeps ## builds in a minimal Debian that has just tests/lab/packages
	$(Q)$(lab)/test-fresh

install: module tools ## module for the running kernel, tools, man pages; PREFIX, DESTDIR
	$(Q)install -D -m 644 -t $(DESTDIR)$(moddir) $(build)/kmod-host/headgate.ko
	$(Q)cmake --install $(build)/release --prefix $(PREFIX) >/dev/null
	$(Q)$(lab)/install-files $(DESTDIR)$(mandir) $(DESTDIR)$(completiondir)
	$(Q)$(if $(DESTDIR),,/sbin/depmod)
	$(Q)$(if $(DESTDIR),,! command -v systemd-sysusers >/dev/null || systemd-sysusers headgated.conf)

uninstall: ## what install has put there
	$(Q)rm -f $(DESTDIR)$(moddir)/headgate.ko
	$(Q)sed 's#^#$(DESTDIR)#' $(build)/release/install_manifest.txt | xargs -r rm -f
	$(Q)$(lab)/install-files --remove $(DESTDIR)$(mandir) $(DESTDIR)$(completiondir)
	$(Q)$(if $(DESTDIR),,/sbin/depmod)

clean: ## what was built here
	$(Q)rm -rf $(build)

clean-cache: ## kernels, guest images: they are fetched again when needed
	$(Q)$(lab)/clean-cache
