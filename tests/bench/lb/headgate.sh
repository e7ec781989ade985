# shellcheck shell=bash disable=SC2154 # vip is guest/case's
# Headgate; the guest has loaded the module.

lb_start() { :; }

# lb_rules MODE PROTO SCHED SERVICES SERVERS: the configuration that lb_restore reads.
lb_rules() {
	local forward
	case $1 in nat) forward=nat ;; dr) forward=direct ;; tun) forward=tunnel ;; esac
	echo "defaults: { scheduler: $3, forward: $forward }"
	echo "services:"
	pairs "$4" "$5" "$(server_port "$1")" | awk -v proto="$2" '
		$1 == "service" { printf "  - listen: %s://%s\n    servers:\n", proto, $2 }
		$1 == "server" { printf "      - { address: %s }\n", $2 }'
}

lb_restore() { headgate apply /dev/stdin; }
lb_list() { headgate show; }
lb_conns() { headgate conn list --limit 0; }
lb_target() { echo "$vip"; }
