# shellcheck shell=bash disable=SC2154 # variables of tests/lab/cluster
# The load balancer in the director's namespace: headgate, or ip_vs to compare with.

balancer() {
	case $lb in
	headgate) headgate --netns director apply "$here/demo.yaml" ;;
	ipvs) modprobe ip_vs; ipvs_rules | within director ipvsadm -R ;;
	esac
}

server_address() { # MODE N
	case $1 in nat) echo "10.1.1.1$2" ;; dr) echo "10.2.0.1$2" ;; tun) echo "10.3.2.1$2" ;; esac
}

ipvs_rules() {
	local mode n vip address letter
	for mode in "${modes[@]}"; do
		case $mode in nat) letter=m ;; dr) letter=g ;; tun) letter=i ;; esac
		for vip in $(vips "$mode"); do
			echo "-A -t $vip:80 -s rr"
			for ((n = 1; n <= servers; n++)); do
				address=$(server_address "$mode" "$n")
				case $vip in \[*) address="[$(six "$address")]" ;; esac
				echo "-a -t $vip:80 -r $address:80 -$letter"
			done
		done
	done
}
