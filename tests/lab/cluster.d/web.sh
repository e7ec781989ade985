# shellcheck shell=bash disable=SC2154 # variables of tests/lab/cluster
# The web servers: an nginx in every server's namespace, its files on the storage.

nginx_conf() { # NS
	local name=${1#*-}
	cat <<-E
	daemon off; master_process off; worker_processes 1; user root;
	pid $state/$1.pid; error_log $state/$1.log;
	events { worker_connections 4096; }
	http {
		access_log off; sendfile on; keepalive_requests 100000;
		default_type application/octet-stream; client_max_body_size 200m;
		client_body_temp_path /srv/web/upload/.$1;
		add_header X-Server $name always;
		server {
			listen [::]:80 ipv6only=off backlog=1024;
			root /srv/web;
			location /upload/ { dav_methods PUT DELETE; }
			location /healthz {
				if (-e $state/$1.slow) { set \$limit_rate 1; }
				if (-e $state/$1.wrong) { return 200 "wrong\n"; }
				return 200 "ok\n";
			}
		}
	}
	E
}

# The mount lives in a mount namespace of the server's own and goes with it. So does a host name:
# NFS clients of one name are one client for the server, and throw out each other's state.
web_server() { # NS
	nginx_conf "$1" >"$state/$1.conf"
	within "$1" unshare -m -u bash -ec "echo $1 >/proc/sys/kernel/hostname
		mkdir -p /srv/web
		mount -t nfs4 -o vers=4.2,soft,timeo=50 10.9.0.10:/ /srv/web
		exec nginx -e $state/$1.log -c $state/$1.conf" </dev/null >"$state/$1.out" 2>&1 &
}

web_restart() { # NS, whose nginx has died
	rm -f "$state/$1.pid"
	web_server "$1"
	web_wait "$1"
}

web_start() {
	local mode n ns started=()
	[[ " ${modes[*]} " != *" tun "* ]] || modprobe -a ipip sit ip6_tunnel
	for mode in "${modes[@]}"; do
		for ((n = 1; n <= servers; n++)); do
			ns=$mode-web$n
			[ "$mode" = nat ] || hold_vip "$ns" "$mode"
			web_server "$ns"
			started+=("$ns")
		done
	done
	web_wait "${started[@]}"
}

# nginx writes its pid when it listens.
web_wait() { # NS...
	local ns tries=0
	for ns in "$@"; do
		until [ -s "$state/$ns.pid" ]; do
			tries=$((tries + 1))
			[ "$tries" -lt 600 ] || { cat "$state"/*.out "$state"/*.log >&2; exit 1; }
			sleep 0.1
		done
	done
}

web_stop() {
	local pid
	for pid in "$state"/*-web*.pid; do
		[ ! -s "$pid" ] || kill "$(<"$pid")" 2>/dev/null || true
	done
	while pgrep -x nginx >/dev/null; do sleep 0.1; done
}
