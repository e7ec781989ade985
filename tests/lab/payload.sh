# shellcheck shell=bash disable=SC2154 # variables of the script that sources this
# What is handed into the guest: module, tools, the lab's own scripts, the command.

# payload DIR: fills the folder that the guest sees as /opt/headgate.
# Reads module_dir tools_dir settings command of tests/lab/run.
payload() {
	local into=$1
	mkdir -p "$into/module" "$into/bin" "$into/tests"
	[ -z "$module_dir" ] || cp "$module_dir/headgate.ko" "$into/module/"
	payload_tools "$into/bin"
	cp -r "$lab" "$into/tests/"
	local part
	for part in system bench; do
		[ ! -d "$root/tests/$part" ] || cp -r "$root/tests/$part" "$into/tests/"
	done
	[ ! -d "$root/userspace/completion" ] || cp -r "$root/userspace/completion" "$into/"
	ln -s ../tests/lab/cluster ../tests/lab/demo-in-guest "$into/bin/"
	settings >"$into/settings"
	printf '%q ' "${command[@]}" >"$into/command"
}

# Every program of the build whose name begins with headgate, without its debug information.
payload_tools() { # DIR
	[ -d "$tools_dir" ] || return 0
	find "$tools_dir" -path '*/CMakeFiles' -prune -o -type f -perm -u+x -name 'headgate*' \
		! -name '*.so*' -print0 | xargs -0 -r cp -t "$1"
	find "$1" -type f -size +1M -exec strip {} +
}
