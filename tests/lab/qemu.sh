# shellcheck shell=bash disable=SC2154 # variables of the script that sources this
# The virtual machine of tests/lab/run: disks, ports, kernel parameters, QEMU itself.

disks=()

disk() { # SERIAL FILE
	disks+=(-drive "file=$2,if=none,id=$1,format=raw,readonly=on"
		-device "virtio-blk-pci,drive=$1,serial=$1")
}

squash() { # DIR FILE: stored, not packed: it lives for one run
	mksquashfs "$1" "$2" -quiet -no-progress -all-root -comp zstd -noI -noD -noF -noX >/dev/null
}

prepare_disks() {
	local share
	disk root "$("$lab/image")"
	disk modules "$("$lab/modules-image" "$kernel")"
	mkdir "$dir/payload"
	payload "$dir/payload"
	squash "$dir/payload" "$dir/payload.sqfs"
	disk payload "$dir/payload.sqfs"
	for share in "${shares[@]}"; do
		squash "${share%:*}" "$dir/share-${share##*:}.sqfs"
		disk "${share##*:}" "$dir/share-${share##*:}.sqfs"
	done
}

port() { # NAME FILE
	printf '%s\n' -chardev "file,id=$1,path=$2" -device "virtserialport,chardev=$1,name=hg.$1"
}

ports() {
	echo -device
	echo virtio-serial-pci
	port result "$dir/result"
	port dmesg "$dir/dmesg"
	port files "$dir/files"
	port err "$dir/err"
	if [ -n "$interactive" ]; then
		printf '%s\n' -chardev stdio,id=tty,signal=off -device virtconsole,chardev=tty
	else
		port out "$dir/out"
	fi
}

# Ordinary runs check the slab; measuring ones must not be bent by that, and repeat exactly.
parameters() {
	echo "console=ttyS0 quiet panic=-1 oops=panic log_buf_len=4M"
	echo "apparmor=0 lsm=capability cryptomgr.notests=1"	# a second of boot
	# The emulator keeps what it has translated by address: a program that is loaded at another
	# each time is translated anew each time, and takes twice as long to start.
	echo "norandmaps"
	[ "$kernel" = kcsan ] || echo "panic_on_warn=1"
	[ -z "$icount$virtual_clock" ] || echo "tsc=reliable"
	case $icount$kernel in
	1*)
		echo "nokaslr noreplace-smp"
		echo "mitigations=off"
		;;
	kasan | kcsan) ;;
	*) echo "slub_debug=FZPU kfence.sample_interval=1" ;;
	esac
	echo "$append"
}

# Without "rep movsb", which is emulated byte by byte and is half the time of a large copy.
machine() {
	local accel tcg_cpu=max,-erms,-fsrm
	if [ -n "$icount" ]; then
		echo -accel tcg -cpu "$tcg_cpu"
		echo -icount shift=0,sleep=off -rtc base=2025-01-01,clock=vm
		return
	fi
	accel=$("$lab/accel" "$kernel")
	if [ "$accel" = kvm ]; then
		echo -accel kvm -cpu host
	elif [ -n "$virtual_clock" ]; then
		echo -accel tcg -cpu "$tcg_cpu" -icount shift=0,sleep=off -rtc clock=vm
	else
		echo -accel tcg,thread=multi -cpu "$tcg_cpu"
	fi
}

qemu_arguments() {
	local vmlinuz
	vmlinuz=$("$lab/kernel" "$kernel" --print vmlinuz)
	read -r -a machine_arguments < <(machine | paste -sd' ')
	mapfile -t port_arguments < <(ports)
	arguments=(-M q35 "${machine_arguments[@]}" -smp "$cpus" -m "$mem"
		-nodefaults -display none -no-reboot -serial "file:$dir/console"
		-kernel "$vmlinuz" -initrd "$("$lab/initramfs" "$kernel")"
		-append "$(parameters | paste -sd' ')" "${disks[@]}" "${port_arguments[@]}")
}

# The guest's stdout and stderr come through pipes, so that they are live and never truncate
# what ours are redirected to.
boot() {
	local status=0 out_pid='' err_pid
	qemu_arguments
	mkfifo "$dir/out" "$dir/err"
	cat "$dir/err" >&2 &
	err_pid=$!
	if [ -n "$interactive" ]; then
		qemu-system-x86_64 "${arguments[@]}" 2>"$dir/qemu.err" || status=$?
	else
		cat "$dir/out" &
		out_pid=$!
		timeout "$timeout" qemu-system-x86_64 "${arguments[@]}" \
			</dev/null >/dev/null 2>"$dir/qemu.err" &
		qemu_pid=$!
		wait "$qemu_pid" || status=$?
		qemu_pid=
	fi
	settle "$out_pid" "$err_pid"
	return "$status"
}

# QEMU that failed before it opened the pipes leaves their readers waiting.
settle() {
	local pid
	for pid in "$@"; do
		[ -z "$pid" ] || [ -s "$dir/console" ] || kill "$pid" 2>/dev/null || true
		[ -z "$pid" ] || wait "$pid" 2>/dev/null || true
	done
}
