# Counts one VIP's log: a line a request, "CODE SERVER ERROR".
$1 == 200 && $2 != "" { good++; share[$2]++; next }
{ failed++; if (why == "") why = $0 }
END {
	for (n = 1; n <= 3; n++) {
		server = "web" n
		text = text sprintf("%s %d (%d%%)  ", server, share[server], good ? 100 * share[server] / good : 0)
		if (!share[server]) idle = 1
	}
	printf "%-5s %9d %9d   %s%s\n", name, good + failed, failed, text, why
	exit failed || idle
}
