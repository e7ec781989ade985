# shellcheck shell=bash disable=SC2034 # variables for the scripts that source this
# What the checks share.

lint=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$lint/../.." && pwd)
lab=$root/tests/lab
cache=${XDG_CACHE_HOME:-$HOME/.cache}/headgate
export LC_ALL=C

die() { echo "$*" >&2; exit 1; }

# need TOOL...: a check without its tool has not passed.
need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || die "$tool is missing: see tests/lab/packages"
	done
}

# files PATTERN...: what git knows or would add, and is still there.
files() {
	git -C "$root" ls-files --cached --others --exclude-standard -- "$@" |
		while IFS= read -r file; do [ ! -f "$root/$file" ] || echo "$file"; done
}
