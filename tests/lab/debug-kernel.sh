# shellcheck shell=bash disable=SC2154 # variables of the script that sources this
# The kernels with sanitizers: prebuilt ones where there are any, our own build otherwise.

prebuilt=${HEADGATE_DEBUG_KERNELS:-$root/../shared/kernels}

# fetch_debug kasan|kcsan: from three files, vmlinuz-R, build-R.tar.xz, modules-R.tar.xz.
fetch_debug() {
	local from=$prebuilt/$1 vmlinuz release
	compgen -G "$from/vmlinuz-*" >/dev/null || from=$cache/debug/$1
	compgen -G "$from/vmlinuz-*" >/dev/null || "$lab/build-debug-kernel" "$1"
	vmlinuz=$(echo "$from"/vmlinuz-*)
	release=${vmlinuz##*/vmlinuz-}
	[ -e "$cache/kernels/$release/release" ] || unpack_debug "$from" "$release"
	ln -sfn "$release" "$cache/kernels/$1"
}

unpack_debug() {
	local from=$1 release=$2 tmp
	tmp=$(mktemp -d "$cache/kernels/.new.XXXXXX")
	# shellcheck disable=SC2064 # the folder of now
	trap "rm -rf '$tmp'" EXIT
	mkdir -p "$tmp/boot" "$tmp/build.tree" "$tmp/lib/modules"
	cp "$from/vmlinuz-$release" "$tmp/boot/"
	tar -C "$tmp/lib/modules" -xf "$from/modules-$release.tar.xz"
	tar -C "$tmp/build.tree" -xf "$from/build-$release.tar.xz"
	chmod -R u+w "$tmp"
	build_in "$tmp/build.tree" "$cache/kernels/$release/build.tree" >"$tmp/build"
	echo "$release" >"$tmp/release"
	rm -rf "$cache/kernels/$release"
	chmod 755 "$tmp"
	mv "$tmp" "$cache/kernels/$release"
}

# build_in TREE FINAL: where the Makefile is, told as the path it will have.
build_in() {
	local makefile
	makefile=$(find "$1" -maxdepth 2 -name Makefile | sort | head -n 1)
	echo "$2${makefile:${#1}}" | sed 's#/Makefile$##'
}
