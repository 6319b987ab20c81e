#!/bin/bash
# Measures isthmus (two gateways: SMTP in, xproto between, SMTP out) and Postfix (one relay) one after the other on this
# machine, with the same messages from the same generator (smtp-source) into the same sink (smtp-sink), and prints both
# with their ratios (docs/performance.md).
#
#     tests/bench/compare_postfix.sh [-m SIZE:COUNT]... [-r ROUNDS] [-s SESSIONS] [-o RESULTS.json] [PROGRAM]
#
# PROGRAM is build/release/gateway/isthmus unless named. Of the rounds of each size, the first warms up and is not
# counted; what is printed is the median of the others. Needs root, as Postfix does, and Debian's package postfix. Runs a
# Postfix of its own in a folder of its own; one that is installed and running is left alone.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
sizes=() rounds=4 sessions=10 results=""
while getopts m:r:s:o:h option; do
    case $option in
    m) sizes+=("$OPTARG") ;;
    r) rounds=$OPTARG ;;
    s) sessions=$OPTARG ;;
    o) results=$OPTARG ;;
    *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2 ;;
    esac
done
shift $((OPTIND - 1))
program=${1:-$here/../../build/release/gateway/isthmus}
[ ${#sizes[@]} -gt 0 ] || sizes=(1kB:10000 10kB:8000 100kB:2000 5MB:60)

fail() { echo "compare_postfix: $*" >&2; exit 1; }
[ -x "$program" ] || fail "$program is not there; build it with: cmake --workflow --preset release"
[ "$(id -u)" -eq 0 ] || fail "Postfix can only be started by root"
for tool in smtp-source smtp-sink /usr/lib/postfix/sbin/master; do
    command -v "$tool" >/dev/null || fail "$tool is not there; install Debian's package postfix"
done

folder=$(mktemp -d)
chmod 755 "$folder"
master=""
finish() {
    if [ -n "$master" ] && kill -TERM "$master" 2>/dev/null; then wait "$master" || true; fi
    rm -rf "$folder"
}
trap finish EXIT

# Two ports that nobody listens on.
read -r smtp_port sink_port < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))')

# Postfix as it comes, but for what would slow it down here: in_flow_delay makes senders wait while deliveries lag behind.
mkdir -p "$folder/etc" "$folder/queue" "$folder/data"
chown postfix "$folder/data"
cat >"$folder/etc/main.cf" <<END
compatibility_level = 3.6
queue_directory = $folder/queue
data_directory = $folder/data
maillog_file = $folder/maillog
maillog_file_prefixes = $folder
mail_owner = postfix
setgid_group = postdrop
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
sendmail_path = /usr/sbin/sendmail
mailq_path = /usr/bin/mailq
newaliases_path = /usr/bin/newaliases
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.edge.example
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [127.0.0.1]:$sink_port
smtp_dns_support_level = disabled
smtp_tls_security_level = none
minimal_backoff_time = 1s
queue_run_delay = 1s
message_size_limit = 100000000
in_flow_delay = 0
END
cat >"$folder/etc/master.cf" <<END
$smtp_port inet  n - n - - smtpd
pickup     unix  n - n 60 1 pickup
cleanup    unix  n - n - 0 cleanup
qmgr       unix  n - n 300 1 qmgr
tlsmgr     unix  - - n 1000? 1 tlsmgr
rewrite    unix  - - n - - trivial-rewrite
bounce     unix  - - n - 0 bounce
defer      unix  - - n - 0 bounce
trace      unix  - - n - 0 bounce
proxymap   unix  - - n - - proxymap
smtp       unix  - - n - - smtp
relay      unix  - - n - - smtp
error      unix  - - n - - error
retry      unix  - - n - - error
scache     unix  - - n - 1 scache
anvil      unix  - - n - 1 anvil
postlog    unix-dgram n - n - 1 postlogd
END
postfix -c "$folder/etc" check </dev/null 2>"$folder/check.log" || fail "$(cat "$folder/check.log")"
setpriv --pdeathsig TERM /usr/lib/postfix/sbin/master -c "$folder/etc" -d </dev/null >"$folder/master.log" 2>&1 &
master=$!
for _ in $(seq 100); do
    if exec 3<>"/dev/tcp/127.0.0.1/$smtp_port" && read -r -t 5 greeting <&3; then break; fi
    sleep 0.1
done 2>/dev/null
exec 3<&- || true
[[ ${greeting:-} == 220* ]] || fail "Postfix does not answer: $(tail -5 "$folder/maillog" 2>/dev/null)"

for entry in "${sizes[@]}"; do
    size=${entry%%:*} count=${entry##*:}
    common=(--postfix-tools --json --size "$size" --messages "$count" --sessions "$sessions" --rounds "$rounds")
    echo "$size: isthmus" >&2
    "$program" bench path "${common[@]}" | sed 's/^/isthmus /' >>"$folder/results"
    echo "$size: Postfix" >&2
    "$program" bench relay "${common[@]}" --to "127.0.0.1:$smtp_port" --sink "127.0.0.1:$sink_port" --pid "$master" |
        sed 's/^/postfix /' >>"$folder/results"
done

python3 - "$folder/results" "$results" <<'END'
import json, statistics, sys

rows = {}
for line in open(sys.argv[1], encoding="utf-8"):
    who, text = line.split(" ", 1)
    run = json.loads(text)
    rows.setdefault(run["octets"], {}).setdefault(who, []).append(run)
if sys.argv[2]:
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1)

def median(runs, key):
    counted = runs[1:] or runs  # the first warmed up
    return statistics.median(run[key] for run in counted)

print("| octets | messages | isthmus /s | Postfix /s | ratio | isthmus CPU s/1000 | Postfix CPU s/1000 | ratio |")
print("|---|---|---|---|---|---|---|---|")
for octets, runs in rows.items():
    rate = {who: median(runs[who], "messages_per_second") for who in runs}
    cpu = {who: median(runs[who], "cpu_seconds_per_1000") for who in runs}
    print(f"| {octets} | {runs['isthmus'][0]['messages']} | {rate['isthmus']:.0f} | {rate['postfix']:.0f} "
          f"| {rate['isthmus'] / rate['postfix']:.2f} | {cpu['isthmus']:.3f} | {cpu['postfix']:.3f} "
          f"| {cpu['isthmus'] / max(cpu['postfix'], 1e-9):.2f} |")
END
