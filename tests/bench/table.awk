# Joins the results of two load balancers into a table; see table.
# Result: KIND MODE PROTO FLOWS SCHED SERVERS CONNTRACK LB FIGURE.  Variables: reference, ours.

function unit(kind) {
	return kind == "memory" ? "bytes" : kind ~ /restore|list|conns/ ? "ms" : "insns"
}

function or_dash(figure) { return figure == "" ? "-" : figure }

function row(a, b, ratio, note) {
	printf "%-4s %-11s %-4s %-5s %7s %-5s %7s  %8s %8s %6s  %s\n",
		part[1], part[2], part[3], part[4], part[5], part[6], part[7], a, b, ratio, note
}

function compare(key,    a, b, ratio, note) {
	a = figure[key, reference]
	b = figure[key, ours]
	ratio = a && b != "" ? b / a : 0
	if (ratio > (key in allowed ? allowed[key] : 1)) {
		over++
		note = "  OVER"
	} else if (ratio > 1) {
		note = "  known"
	}
	split(key, part, " ")
	row(or_dash(a), or_dash(b), ratio ? sprintf("%.3f", ratio) : "-", unit(part[2]) note)
}

# The list of cases that may be over: MOST CASE # REASON.
FNR == NR {
	sub(/#.*/, "")
	most = $1
	$1 = ""
	sub(/^ +/, "")
	if (NF) allowed[$0] = most
	next
}

{
	key = $7 " " $1 " " $2 " " $3 " " $4 " " $5 " " $6
	if (!(key in seen)) keys[++n] = key
	seen[key] = 1
	figure[key, $8] = $9
}

END {
	split("ct kind mode proto flows sched servers", part, " ")
	row(reference, ours, "ratio", "unit")
	for (i = 1; i <= n; i++) compare(keys[i])
	if (ours != "-") printf "bench: %d cases, %d over %s\n", n, over, reference
	exit over > 0
}
