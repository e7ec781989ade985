# shellcheck shell=bash disable=SC2154 # variables of the script that sources this
# Debian's kernels, unpacked beside each other into the cache; nothing is installed.

# depends PACKAGE=VERSION PATTERN: the first package among its dependencies that matches.
depends() {
	apt-cache show "$1" | sed -n 's/^Depends: //p' | tr ',' '\n' |
		sed 's/^ *//; s/ .*//' | grep -m 1 -E "$2" ||
		die "apt names no package '$2' that $1 depends on"
}

# version PACKAGE: apt's candidate.
version() { apt-cache policy "$1" | awk '/Candidate:/ {print $2}'; }

need_candidate() {
	if [ "$(id -u)" = 0 ] && { lists_stale || ! apt_candidates "$1"; }; then apt_update; fi
	apt_candidates "$1" && return
	say "apt does not know $1: the 6.12 kernels are in Debian's bookworm-security suite;"
	die "add it to the apt sources and run: apt-get update"
}

# Image and headers of one exact version: a module built against others would not load.
fetch_debian() {
	need_candidate "$1"
	local v abi release common kbuild
	v=$(version "$1")
	abi=$(depends "$1=$v" '^linux-image-[0-9]')
	release=${abi#linux-image-}
	if [ ! -e "$cache/kernels/$release/release" ]; then
		common=$(depends "linux-headers-$release=$v" '^linux-headers-.*-common')
		kbuild=$(depends "linux-headers-$release=$v" '^linux-kbuild-')
		"$lab/preflight" "kernel $release (150 to 500 MB unpacked, about a minute)"
		unpack "$release" "$abi=$v" "linux-headers-$release=$v" "$common=$v" "$kbuild=$v"
	fi
	ln -sfn "$release" "$cache/kernels/$name"
}

unpack() {
	local release=$1 tmp deb
	shift
	tmp=$(mktemp -d "$cache/kernels/.new.XXXXXX")
	# shellcheck disable=SC2064 # the folder of now
	trap "rm -rf '$tmp'" EXIT
	mkdir "$tmp/debs" "$tmp/root"
	(cd "$tmp/debs" && apt-get -qq -o APT::Sandbox::User= download "$@" >&2) ||
		die "cannot download $* (are apt's lists fresh? apt-get update)"
	for deb in "$tmp"/debs/*.deb; do dpkg-deb -x "$deb" "$tmp/root"; done
	relocate "$tmp/root" "$cache/kernels/$release"
	depmod -b "$tmp/root" "$release"
	echo "$cache/kernels/$release/usr/src/linux-headers-$release" >"$tmp/root/build"
	echo "$release" >"$tmp/root/release"
	rm -rf "$tmp/root/usr/share/doc"
	rm -rf "$cache/kernels/$release"
	mv "$tmp/root" "$cache/kernels/$release"
}

# relocate ROOT FINAL: the headers' makefiles and links say /usr/src and /usr/lib.
relocate() {
	local top=$1 final=$2 link target
	grep -rlE --include=Makefile --include='.kernel*' '/usr/(src|lib)/linux-' "$top/usr/src" |
		xargs -r sed -i -E "s#/usr/(src|lib)/linux-#$final/usr/\\1/linux-#g"
	while IFS= read -r link; do
		target=$(readlink "$link")
		case $target in /usr/*) ln -sfn "$final$target" "$link" ;; esac
	done < <(find "$top/usr" "$top/lib" -type l)
}
