# shellcheck shell=bash disable=SC2154 # variables of tests/lab/cluster
# Namespaces, networks, addresses, routes: written into batches first, since every ip that is
# started costs 10 to 20 ms in an emulated guest.

batch=$state/batch

within() { # NS COMMAND...
	local ns=$1
	shift
	nsenter --net="/run/netns/$ns" "$@"
}

six() { # 10.a.b.c -> fd00:10:a:b::c
	local IFS=.
	# shellcheck disable=SC2086 # split on purpose
	set -- $1
	echo "fd00:$1:$2:$3::$4"
}

has4() { [ "$family" != 6 ]; }
has6() { [ "$family" != 4 ]; }
vip_of() { case $1 in nat) echo 10.1.0.100 ;; dr) echo 10.2.0.100 ;; tun) echo 10.3.1.100 ;; esac; }

# vips MODE: as a URL has them.
vips() {
	if has4; then vip_of "$1"; fi
	if has6; then echo "[$(six "$(vip_of "$1")")]"; fi
}

host() { # NS
	echo "netns add $1" >>"$batch/root"
	echo "link set lo up" >>"$batch/$1"
}

segment() { # NAME
	echo "link add $1 netns wire type bridge mcast_snooping 0" >>"$batch/links"
	echo "link set $1 up" >>"$batch/wire"
}

# plug NS SEGMENT ADDRESS BITS: a network card, named after its network.
plug() {
	local ns=$1 segment=$2 address=$3 bits=$4
	echo "link add $segment netns $ns type veth peer name $ns.$segment netns wire" >>"$batch/links"
	echo "link set $ns.$segment master $segment up" >>"$batch/wire"
	echo "link set $segment up" >>"$batch/$ns"
	address "$ns" "$segment" "$address" "$bits"
}

address() { # NS DEVICE ADDRESS BITS(32 or a network's)
	local bits6=64 vip=''
	# A VIP that became the source of a tunnel's outer header would be refused at its end, which
	# has the same address: not preferred as a source.
	[ "$4" != 32 ] || { bits6=128 vip=' preferred_lft 0'; }
	if has4 || [ "$2" = stor ]; then echo "addr add $3/$4 dev $2" >>"$batch/$1"; fi
	if has6 && [ "$2" != stor ]; then
		echo "addr add $(six "$3")/$bits6 dev $2 nodad$vip" >>"$batch/$1"
	fi
}

# route NS TO GATEWAY: TO is default or 10.a (all of 10.a.0.0/16).
route() {
	local to4=$2 to6=$2
	[ "$2" = default ] || to4=$2.0.0/16 to6=fd00:${2/./:}::/48
	if has4; then echo "route add $to4 via $3" >>"$batch/$1"; fi
	if has6; then echo "route add $to6 via $(six "$3")" >>"$batch/$1"; fi
}

nat_network() {
	local n
	segment natc; segment nats
	plug client natc 10.1.0.2 24
	plug director natc 10.1.0.1 24
	address director natc 10.1.0.100 32
	plug director nats 10.1.1.1 24
	for ((n = 1; n <= servers; n++)); do
		host "nat-web$n"
		plug "nat-web$n" nats "10.1.1.1$n" 24
		plug "nat-web$n" stor "10.9.1.$n" 16
		route "nat-web$n" default 10.1.1.1
	done
}

dr_network() {
	local n
	segment dr
	plug client dr 10.2.0.2 24
	plug director dr 10.2.0.1 24
	address director dr 10.2.0.100 32
	for ((n = 1; n <= servers; n++)); do
		host "dr-web$n"
		plug "dr-web$n" dr "10.2.0.1$n" 24
		plug "dr-web$n" stor "10.9.2.$n" 16
	done
}

tun_network() {
	local n
	host router
	segment tunc; segment tund; segment tuns
	plug client tunc 10.3.0.2 24
	plug router tunc 10.3.0.254 24
	plug router tund 10.3.1.254 24
	plug router tuns 10.3.2.254 24
	plug director tund 10.3.1.1 24
	address director tund 10.3.1.100 32
	route client 10.3 10.3.0.254
	route director 10.3 10.3.1.254
	for ((n = 1; n <= servers; n++)); do
		host "tun-web$n"
		plug "tun-web$n" tuns "10.3.2.1$n" 24
		plug "tun-web$n" stor "10.9.3.$n" 16
		route "tun-web$n" default 10.3.2.254
	done
}

# Strict reverse path filters, as a careful admin has them. Not in the router, which sees the
# VIP's replies come from the servers' side; a tunnel's end lifts its own (realserver.sh).
settings_for() { # NS
	local all=/proc/sys/net/ipv4/conf/all
	case $1 in
	router) echo "echo 0 >$all/rp_filter" ;;
	tun-*) echo "echo 0 >$all/rp_filter; echo 1 >${all%/all}/tuns/rp_filter" ;;
	*) echo "echo 1 >$all/rp_filter" ;;
	esac
	case $1 in
	router | director)
		echo "echo 1 >/proc/sys/net/ipv4/ip_forward"
		echo "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding"
		;;
	esac
	echo "echo 0 >$all/send_redirects"
}

topology() {
	local mode ns
	mkdir -p "$batch"
	modprobe -a veth bridge
	for ns in wire client director storage; do host "$ns"; done
	segment stor
	plug storage stor 10.9.0.10 16
	plug director stor 10.9.0.1 16
	for mode in "${modes[@]}"; do "${mode}_network"; done
	ip -batch "$batch/root"
	ip -batch "$batch/links"
	for ns in $(namespaces); do
		{ settings_for "$ns"; echo "exec ip -batch $batch/$ns"; } >"$batch/$ns.sh"
		within "$ns" bash -e "$batch/$ns.sh"
	done
}

namespaces() { sed -n 's/^netns add //p' "$batch/root"; }

topology_remove() {
	[ ! -e "$batch/root" ] || sed -n 's/^netns add /netns del /p' "$batch/root" | ip -force -batch -
}
