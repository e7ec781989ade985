# shellcheck shell=bash disable=SC2154 # vip is guest/case's
# The kernel's own ip_vs.

lb_start() { # SCHED
	# A table as large as the flows are many: its chains are not what is measured.
	modprobe ip_vs conn_tab_bits=20
	modprobe "ip_vs_$1"
}

# lb_rules MODE PROTO SCHED SERVICES SERVERS: the configuration that lb_restore reads.
lb_rules() {
	local flag letter
	case $1 in nat) flag=m ;; dr) flag=g ;; tun) flag=i ;; esac
	case $2 in udp) letter=u ;; tcp) letter=t ;; esac
	pairs "$4" "$5" "$(server_port "$1")" |
		awk -v flag="$flag" -v letter="$letter" -v sched="$3" '
			$1 == "service" { vip = $2; print "-A", "-" letter, vip, "-s", sched }
			$1 == "server" { print "-a", "-" letter, vip, "-r", $2, "-" flag, "-w", 1 }'
}

lb_restore() { ipvsadm -R; }
lb_list() { ipvsadm -Ln; }
lb_conns() { ipvsadm -Lnc; }
lb_target() { echo "$vip"; }
