# shellcheck shell=bash disable=SC2154 # variables of tests/lab/cluster
# The backend storage: the kernel's NFS server in its own namespace, exporting a tmpfs.

web=$state/web

# 1600 blocks of 64 KiB, each begins with its number: lost, doubled and swapped data all show.
content() {
	mkdir -p "$web/upload"
	chmod 777 "$web/upload"
	echo "the page from the storage" >"$web/index.html"
	python3 - "$web/big" <<-'E'
	import random
	import sys
	block = random.Random(1).randbytes(65536 - 8)
	with open(sys.argv[1], "wb") as file:
	    for number in range(1600):
	        file.write(number.to_bytes(8, "big") + block)
	E
}

# The first open waits for the end of the grace period, 90 s, unless nfsdcld (the book of old
# clients) says that there are none; where the kernel keeps its own book, v4_end_grace ends it.
serve() {
	cat <<-E
	mount -t tmpfs none /var/lib/nfs
	mkdir -p /var/lib/nfs/v4recovery /var/lib/nfs/rpc_pipefs /var/lib/nfs/nfsdcld
	touch /var/lib/nfs/etab /var/lib/nfs/rmtab
	mount -t nfsd nfsd /proc/fs/nfsd
	mount -t rpc_pipefs rpc_pipefs /var/lib/nfs/rpc_pipefs
	nfsdcld -p /var/lib/nfs/rpc_pipefs -s /var/lib/nfs/nfsdcld
	echo 10 >/proc/fs/nfsd/nfsv4leasetime
	echo 10 >/proc/fs/nfsd/nfsv4gracetime
	exportfs -o rw,fsid=0,no_root_squash,no_subtree_check,insecure '*:$web'
	rpc.mountd -N 2 -N 3
	rpc.nfsd -N 3 -V 4.2 -U 8
	echo Y 2>/dev/null >/proc/fs/nfsd/v4_end_grace || true
	E
}

# What takes long and waits for nothing, beside the building of the networks.
storage_prepare() {
	modprobe -a nfsd nfsv4 &
	mkdir -p "$web"
	mount -t tmpfs -o size=1g,mode=755 web "$web"
	content
	wait
}

storage_start() {
	serve >"$batch/storage.serve"
	within storage unshare -m bash -e "$batch/storage.serve"
}

storage_stop() {
	[ -e /run/netns/storage ] || return 0
	within storage unshare -m bash -c 'mount -t nfsd nfsd /proc/fs/nfsd; rpc.nfsd 0' || true
	pkill -x 'rpc.mountd|nfsdcld' || true
	! mountpoint -q "$web" || umount "$web" || umount -l "$web"
}
