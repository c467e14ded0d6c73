#!/usr/bin/env bash
# Syncs the simulated company of ten thousand people through the real handler, killed on the way, and prints memory and
# time per page as it goes on.
#
#   tests/large-sync.sh [FOLDER]
#
# FOLDER holds the three programs (target/release, where a build has put them). Settings, from the environment:
#   PEOPLE=10000     WEEKS=28       the company; 28 weeks of ten thousand people are 2 million entries
#   SYNC_FROM=…                     first day that is read; by default all of the company's history
#   MINUTES=600                     when to stop, done or not; what was measured until then is printed all the same
#   EVERY=10                        seconds between two samples
#   KILL_AFTER=6                    after so many samples the handler is killed, once
#   MOST_MB=150                     resident memory that the handler may take
# Ends with status 0 only if memory stayed below that and no page took longer at the end than at the start.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
programs=$(cd "${1:-$here/target/release}" && pwd)
people=${PEOPLE:-10000} weeks=${WEEKS:-28} minutes=${MINUTES:-600} every=${EVERY:-10}
kill_after=${KILL_AFTER:-6} most_mb=${MOST_MB:-150}
export CLOCKING_NOW=${CLOCKING_NOW:-2026-11-16T12:00:00Z}

data=$(mktemp -d)
started=()
finish() {
    for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$data"
}
trap finish EXIT

# Waits for a line of a program's output and prints what stands behind its first word.
said() {
    for _ in $(seq 600); do
        local line
        line=$(grep -m1 "^$2 " "$1" 2>/dev/null || true)
        if [ -n "$line" ]; then
            echo "$line" | sed 's/^[^ ]* *//'
            return
        fi
        read -rt 0.1 <> <(:) || true
    done
    echo "nothing was said of $2: $(cat "$1")" >&2
    return 1
}

"$programs/clockify-sim" --port 0 --people "$people" --weeks "$weeks" --requests-per-second 0 >"$data/sim.out" &
started+=($!)
CLOCKIFY_API_URL=$(said "$data/sim.out" API)
CLOCKIFY_REPORTS_URL=$(said "$data/sim.out" reports)
CLOCKIFY_API_KEY=$(said "$data/sim.out" key)
export CLOCKIFY_API_URL CLOCKIFY_REPORTS_URL CLOCKIFY_API_KEY
export CLOCKIFY_REQUESTS_PER_SECOND=50 LOCAL_RESTART_BUDGET=0
export SYNC_FROM=${SYNC_FROM:-$(date -u -d "$CLOCKING_NOW - $((weeks * 7 + 14)) days" +%F)}

"$programs/local-host" --port 0 --data "$data/host" --app "$here" --handler "$programs/handlers" \
    >"$data/host.out" 2>"$data/host.err" &
host=$!
started+=("$host")
address=$(said "$data/host.out" address)
key=$(said "$data/host.out" key)

job=$(curl -sf -X POST "$address/api/sync/all" -H "x-api-key: $key" -H 'content-type: application/json' \
    -d '{"full":true}' | jq -r .jobId)
echo "$people people, $weeks weeks, from $SYNC_FROM; job $job"
printf '%8s %10s %12s %12s %10s %14s %10s\n' seconds status rows 'of them new' 'RSS MB' 'ms/200 rows' ''

began=$SECONDS before_rows=0 before_new=0 before_seconds=0 samples=0 killed=no peak=0
# Rows that are new cost more than rows that are as they were: each kind is held against itself.
new_rates=() known_rates=()
while :; do
    sleep "$every"
    samples=$((samples + 1))
    state=$(curl -s -m 20 "$address/api/jobs/$job" -H "x-api-key: $key" || true)
    status=$(echo "$state" | jq -r '.status // "away"' 2>/dev/null || echo away)
    rows=$(echo "$state" | jq -r '.stats.read // empty' 2>/dev/null || true)
    rows=${rows:-$before_rows}
    new=$(echo "$state" | jq -r '.stats.inserted // empty' 2>/dev/null || true)
    new=${new:-$before_new}
    seconds=$((SECONDS - began))
    handler=$(pgrep -P "$host" -x handlers | head -1 || true)
    kilobytes=$(awk '/^VmRSS:/ { print $2 }' "/proc/${handler:-none}/status" 2>/dev/null || true)
    megabytes=$((${kilobytes:-0} / 1024))
    if [ "$megabytes" -gt "$peak" ]; then peak=$megabytes; fi
    read_now=$((rows - before_rows)) new_now=$((new - before_new)) took=$((seconds - before_seconds))
    page=- kind=''
    # Pages of people and projects come first; entries are nearly all of it.
    if [ "$read_now" -gt 0 ] && [ "$rows" -gt $((people * 2)) ]; then
        page=$((took * 200000 / read_now))
        if [ $((new_now * 10)) -gt $((read_now * 9)) ]; then
            kind=new new_rates+=("$page")
        elif [ $((new_now * 10)) -lt "$read_now" ]; then
            kind=known known_rates+=("$page")
        fi
    fi
    printf '%8d %10s %12d %12d %10d %14s %10s\n' "$seconds" "$status" "$rows" "$new" "$megabytes" "$page" "$kind"
    before_rows=$rows before_new=$new before_seconds=$seconds
    if [ "$samples" -eq "$kill_after" ] && [ -n "$handler" ]; then
        kill -9 "$handler"
        killed=yes
        echo "         the handler was killed; it goes on from its checkpoint"
    fi
    case $status in succeeded | failed) break ;; esac
    if [ "$seconds" -ge $((minutes * 60)) ]; then
        echo "         $minutes minutes are over, the sync is not"
        break
    fi
done

echo "$state" | jq -c '{status, stats, error}'
# The middle value of a third of the samples.
middle() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
faults=0
echo "peak of resident memory: $peak MB (at most $most_mb), killed on the way: $killed"
if [ "$peak" -gt "$most_mb" ]; then faults=1; fi
# compare KIND TIMES…: the last third against the first.
compare() {
    local kind=$1 third=$((($# - 1) / 3))
    shift
    if [ "$third" -eq 0 ]; then return; fi
    local first last
    first=$(middle "${@:1:third}") last=$(middle "${@: -third}")
    echo "time per 200 $kind rows: $first ms in the first third, $last ms in the last"
    if [ "$last" -gt $((first * 3 / 2)) ]; then faults=1; fi
}
compare new ${new_rates[@]+"${new_rates[@]}"}
compare known ${known_rates[@]+"${known_rates[@]}"}
if [ "$status" = failed ]; then faults=1; fi
exit $faults
