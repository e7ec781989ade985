# shellcheck shell=bash disable=SC2154 # variables of the scripts that source this
# What run and profile share: a guest that measures.

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$bench/../.." && pwd)
lab=$root/tests/lab

# The module and the tools as they are now: others may build while guests run.
snapshot() {
	[ -e "$module/headgate.ko" ] || make -s -C "$root" "module-$kernel" tools >&2
	mkdir -p "$work/module" "$work/tools"
	cp "$module/headgate.ko" "$work/module/"
	cp "$(find "$tools" -type f -name headgate -perm -u+x | head -n 1)" "$work/tools/"
	gcc -O2 -Wall -Wextra -static -o "$work/gen" "$bench/src/gen.c"
}

# guest LB CONNTRACK SHARE [OPTION...]: measures SHARE/cases in one boot.
guest() {
	local lb=$1 conntrack=$2 share=$3 options=(--no-module)
	shift 3
	cp "$work/gen" "$share/"
	[ "$lb" != headgate ] || options=(--module "$work/module")
	"$lab/run" --kernel "$kernel" --icount --timeout 3600 --mem 3G --tools "$work/tools" \
		--share "$share:bench" "${options[@]}" "$@" -- \
		/opt/headgate/tests/bench/guest/bench "$lb" "$conntrack"
}
