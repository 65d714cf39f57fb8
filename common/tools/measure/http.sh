# http.sh: read with `.` by bench: what tiny-http costs beside nginx with one worker, for the same file, with the same limit of 100
# requests a connection. wrk asks. The servers run on one core and wrk on the other, in interleaved rounds.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317 # what bench reads and sets; wait_for calls some of these

# Microseconds of CPU that these processes have used.
cpu_of() {
	for process; do cat "/proc/$process/stat"; done | sed 's/.*) //' |
		awk -v tick="$(getconf CLK_TCK)" '{ all += $12 + $13 } END { printf "%d", all * 1000000 / tick }'
}

# start_nginx PORT: nginx takes no port 0. Fails when somebody has this port.
start_nginx() {
	cat >"$room/nginx.conf" <<-CONF
		daemon off; worker_processes 1; pid $room/nginx.pid; error_log $room/nginx.errors;
		events { worker_connections 256; }
		http {
			access_log $room/nginx.log; keepalive_requests 100; client_body_temp_path $room/1; proxy_temp_path $room/2;
			fastcgi_temp_path $room/3; uwsgi_temp_path $room/4; scgi_temp_path $room/5;
			server { listen 127.0.0.1:$1; root $room/site; }
		}
	CONF
	# shellcheck disable=SC2086 # words, or nothing
	$on_first nginx -e "$room/nginx.errors" -c "$room/nginx.conf" &
	nginx=$!
	wait_for 10 has_a_worker_or_ended
	pgrep -P "$nginx" >/dev/null
}

has_a_worker_or_ended() {
	pgrep -P "$nginx" >/dev/null || ! kill -0 "$nginx" 2>/dev/null
}

# http_round NAME PORT PROCESS...: one run of wrk. Its figures become lines as those of measure, for summary.
http_round() {
	name=$1 at=$2
	shift 2
	progress "round $round of $rounds: $name"
	before=$(cpu_of "$@")
	# shellcheck disable=SC2086 # words, or nothing
	$on_second wrk -t 1 -c 10 -d "${EACH:-2}s" "http://127.0.0.1:$at/page.html" >"$room/wrk" || return 1
	after=$(cpu_of "$@")
	awk -v name="$name" -v cpu=$((after - before)) '
		/requests in/ { requests = $1 }
		/^Requests\/sec/ { rate = $2 }
		/Non-2xx/ { failed += $NF }
		/Socket errors/ { gsub(/[^0-9 ]/, ""); n = split($0, e, " "); for (i = 1; i <= n; i++) failed += e[i] }
		END {
			if (!requests) { print "no request to " name " was answered" | "cat >&2"; exit 1 }
			printf "http 10 %s requests-a-second %.0f\nhttp 10 %s CPU-us-a-request %.1f\n", name, rate, name, cpu / requests
			if (failed) print failed " requests to " name " failed" | "cat >&2"
			exit failed > 0
		}' "$room/wrk" >>"$build/figures"
}

clean_up() {
	# shellcheck disable=SC2086 # words, or nothing
	kill ${tiny:-} ${nginx:-} 2>/dev/null || :
}

http() {
	for tool in nginx wrk; do
		command -v $tool >/dev/null || { echo "bench: $tool is missing. This installs it:  make deps FOR=http" >&2; exit 1; }
	done
	rounds=${ROUNDS:-5} round=0 tiny='' nginx=''
	make_room http
	mkdir "$room/site"
	head -c 10240 /dev/zero | tr '\0' x >"$room/site/page.html"
	chmod -R a+rX "$room" # nginx's worker is another user when root starts it
	# shellcheck disable=SC2086 # words, or nothing
	$on_first lessons/further/tiny-http/server 127.0.0.1 0 "$room/site" >"$room/tiny" 2>&1 &
	tiny=$!
	wait_for 10 grep -q '^listening on' "$room/tiny"
	at_tiny=$(sed -n 's/^listening on .*://p' "$room/tiny" | head -n 1)
	at_nginx=$((at_tiny + 1))
	until start_nginx $at_nginx 2>/dev/null; do
		[ $((at_nginx += 1)) -lt $((at_tiny + 20)) ] || { cat "$room/nginx.errors" >&2; exit 1; }
	done
	while [ $((round += 1)) -le "$rounds" ]; do
		http_round tiny-http "$at_tiny" $tiny || failed=1
		# shellcheck disable=SC2046 # words
		http_round nginx $at_nginx $(pgrep -P $nginx) || failed=1
	done
	clean_up
	wait $tiny $nginx 2>/dev/null || :
	progress ''
	echo "A file of 10 KiB, 10 connections with at most 100 requests each, $rounds rounds: medians (least to greatest)"
	summary | awk -F , 'NR > 1 { printf "%-10s %-18s %8s (%s to %s)\n", $3, $4, $5, $6, $7 }'
}
