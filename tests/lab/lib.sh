# shellcheck shell=bash disable=SC2034 # variables for the scripts that source this
# What the lab's scripts share: the cache, its locks, words for the user, apt.

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$lab/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/headgate
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin	# depmod and modprobe: not in an ordinary user's

say() { echo "lab: $*" >&2; }
die() { say "$*"; exit 1; }
usage() { echo "usage: $*" >&2; exit 2; }

# The names in a list file: comments and blanks out.
list() { sed 's/#.*//' "$1" | tr -s ' \t\n' '\n' | sed '/^$/d'; }

# locked NAME COMMAND...: two makes at once build a thing once.
locked() {
	local lock=$1
	shift
	mkdir -p "$cache/lock"
	(
		flock -n 9 || { say "waiting for another process to finish '$lock'"; flock 9; }
		"$@"
	) 9>"$cache/lock/$lock"
}

# lists_stale: apt's lists are absent or over a day old. The files in lists/ carry the
# archive's dates, so the directories and our own mark are asked.
lists_stale() {
	compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || return 0
	[ -z "$(find /var/lib/apt/lists /var/lib/apt/lists/partial /var/lib/apt/headgate-updated \
		-maxdepth 0 -mtime -1 2>/dev/null)" ]
}

# A broken third-party source makes update fail; what is asked for next decides.
apt_update() {
	say "apt-get update"
	apt-get -qq -o DPkg::Lock::Timeout=600 update >&2 || say "apt-get update complained; going on"
	touch /var/lib/apt/headgate-updated
}

# apt_candidates NAME...: fails when one of the packages is unknown here.
apt_candidates() {
	local known
	known=$(apt-cache madison "$@" 2>/dev/null | awk '{print $1}' | sort -u | wc -l)
	[ "$known" -ge $# ]
}
