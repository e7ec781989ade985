# shellcheck shell=bash disable=SC2154 # variables of tests/lab/cluster
# What makes a host a real server of a VIP that is also the director's.

hold_vip() { # NS MODE
	local vip
	vip=$(vip_of "$2")
	{
		echo "ip -batch $batch/$1.vip"
		# Answer ARP only for what is on the asked card, and never ask in the VIP's name.
		echo "echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore"
		echo "echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce"
		[ "$2" != tun ] || printf 'echo 0 >/proc/sys/net/ipv4/conf/%s/rp_filter\n' hgipip hgsit hgtnl6
	} >"$batch/$1.rs"
	: >"$batch/$1.vip"
	[ "$2" != tun ] || tunnels "$1" >>"$batch/$1.vip"
	if has4; then echo "addr add $vip/32 dev lo" >>"$batch/$1.vip"; fi
	if has6; then echo "addr add $(six "$vip")/128 dev lo nodad" >>"$batch/$1.vip"; fi
	within "$1" bash -e "$batch/$1.rs"
}

# The ends of all four kinds: 4 in 4, 6 in 4, 4 and 6 in 6; from any director.
tunnels() { # NS
	local own=10.3.2.1${1#tun-web}
	echo "link add hgipip type ipip local $own"
	echo "link add hgsit type sit local $own"
	echo "link add hgtnl6 type ip6tnl mode any local $(six "$own") remote ::"
	printf 'link set %s up\n' hgipip hgsit hgtnl6
}
