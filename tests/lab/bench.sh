# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What ./dev bench measures, in one dom0: xl and ours in turn. Leaves lines "CASE TOOL DOMAINS VALUE" in $OUT/samples, the value in
# microseconds, or KiB where the case is called memory. Every domain is seen to have run before it counts.
# LAB_ROUNDS: how many measurements of each; LAB_COUNTS: beside how many domains; LAB_PARTS: which of domains, pool, devices, workers, linux.

export WORK=/tmp/lab/bench SCENARIO=bench TAP=/dev/null
mkdir -p "$WORK"
exec 9>&1
# shellcheck source=tests/lab/lib.sh
. "$LAB/lib.sh"

rounds=${LAB_ROUNDS:-9}
counts=${LAB_COUNTS:-0 50 100 200}
parts=${LAB_PARTS:-domains pool devices workers linux}
samples=$OUT/samples

give_up() {
    echo "bench: $*" >&2
    exit 1
}

note() { echo "$*" >>"$samples"; } # CASE TOOL DOMAINS VALUE

timed() { # CASE TOOL DOMAINS COMMAND...: its output is in $WORK/output
    local us
    us=$(stopwatch "$WORK/output" "${@:4}") || give_up "${*:4}: status $?"
    note "$1 $2 $3 $us"
}

note_stages() { # SUFFIX DOMAINS: of the create that was timed last
    jq -r --arg case "stage$1" --arg n "$2" '.timeline[] | "\($case)/\(.stage) pvhd \($n) \(.elapsed_us)"' "$WORK/output" >>"$samples"
    note "request-to-run$1 pvhd $2 $(jq '[.timeline[].elapsed_us] | add' "$WORK/output")"
}

timed_create() { # CASE TOOL DOMAINS FILE
    case $2 in
    xl) timed "$1" xl "$3" xl create -q "$4" ;;
    *) timed "$1" "$2" "$3" pvhctl create -q --trace --json "$4" ;;
    esac
}

await() { poll $((60 * patience)) "$@" || give_up "not in time: $*"; }

has_said_hello() { xen_log_says "$(domid_of "$1")" 'tiny: hello'; }

ready=true # what a create waits for before it is timed

# Creates with each tool in turn, sees the domain run, and destroys it.
take_turns() { # SUFFIX DOMAINS FILE CHECK
    local tool name
    name=$(basename "$3" .cfg)
    for tool in xl pvhctl; do
        "$ready"
        timed_create "create$1" "$tool" "$2" "$3"
        [ "$tool" = xl ] || note_stages "$1" "$2"
        await "$4" "$name"
        timed "destroy$1" "$tool" "$2" "$tool" destroy "$name"
        await gone "$name"
        rm -f "/var/log/xen/console/guest-$name.log" # else the next would seem to have spoken already
        forget_consoles
    done
}

repeat() { # SUFFIX DOMAINS FILE CHECK [TIMES]: after one that does not count
    local i kept=$samples
    samples=/dev/null
    take_turns "$@"
    samples=$kept
    for ((i = 0; i < ${5:-$rounds}; i++)); do take_turns "$@"; done
}

measure_floor() { # DOMAINS
    pvhd-floor "$kernels/tiny" $((rounds + 1)) >"$WORK/floor" || give_up "pvhd-floor"
    tail -n+2 "$WORK/floor" | while read -r us; do note "create floor $1 $us"; done
}

measure_list() { # DOMAINS
    local i tool
    for ((i = 0; i < rounds; i++)); do
        for tool in xl pvhctl; do timed list "$tool" "$1" "$tool" list; done
    done
}

# From before a program that writes another name into xenstore has started until pvhd tells of it.
measure_events() { # DOMAINS
    local i id vm begin
    pvhctl create -q "$(config told "kernel = \"$kernels/tiny\"")" || give_up "no domain to rename"
    id=$(domid_of told) vm=$(xenstore-read "/local/domain/$(domid_of told)/vm")
    for ((i = 0; i < rounds; i++)); do
        begin=$EPOCHREALTIME
        xenstore-write "/local/domain/$id/name" "told$i" "$vm/name" "told$i" # as xl renames
        await is_told "told$i"
        note event pvhd "$1" "$(jq -r --arg begin "$begin" '(.time[0:19] + "Z" | fromdate) * 1000000 + (.time[20:26] | tonumber) - ($begin | tonumber * 1000000 | floor)' "$WORK/event")"
    done
    pvhctl destroy "$id"
}

is_told() { # NAME
    pvhctl --json events --type domain.renamed | grep -F "\"$1\"" | tail -n1 >"$WORK/event"
    [ -s "$WORK/event" ]
}

note_memory() { # DOMAINS
    note "memory pvhd $1 $(awk '$1 == "VmRSS:" {print $2}' "/proc/$(pvhd_pid)/status")"
    note "memory pvhconsoled $1 $(awk '$1 == "VmRSS:" {print $2}' "/proc/$(pvhconsoled_pid)/status")"
}

request() { # METHOD PARAMS: over one connection, since starting a program takes longer than making a domain
    echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":$2}" >&"${pvhd[1]}"
    read -r -t $((30 * patience)) answer <&"${pvhd[0]}" && [[ $answer = *'"result"'* ]] || give_up "$1: ${answer:-no answer}"
}

with_domains() { # FROM TO: makes those in between
    local i text
    text=$(jq -Rs . <"$tiny")
    coproc pvhd { socat - UNIX-CONNECT:/run/pvhd/pvhd.sock; }
    for ((i = $1; i < $2; i++)); do request domain.create "{\"config\":$text,\"directory\":\"/\",\"overrides\":[\"name=other$i\"]}"; done
    exec {pvhd[1]}>&-
    wait "$pvhd_PID" 2>/dev/null
    [ "$(xl list | grep -c '^other')" = "$2" ] || give_up "there are not $2 others"
}

without_domains() {
    pvhctl list | awk '/^other/ {print $1}' | while read -r name; do pvhctl destroy "$name"; done
}

bench_domains() {
    local count last=0
    for count in $counts; do
        with_domains "$last" "$count"
        last=$count
        note_memory "$count"
        repeat "" "$count" "$tiny" has_said_hello
        measure_floor "$count"
        measure_list "$count"
        measure_events "$count"
        echo "bench: beside $count domains is done"
    done
    without_domains
}

# Of domains that are built ahead: a new one is, before the next is wanted.
bench_pool() {
    local usual=$LAB_PVHD_ARGS ready=await_pool LAB_PVHD_ARGS
    LAB_PVHD_ARGS="$usual --settings $WORK/pool.conf"
    echo "pool = [ \"2 $tiny\" ]" >"$WORK/pool.conf"
    start_pvhd_anew
    repeat -pool 0 "$tiny" has_said_hello
    [ "$(figure hits)" -gt "$rounds" ] || give_up "the pool was not of use"
    LAB_PVHD_ARGS=$usual
    start_pvhd_anew
    echo "bench: the pool is done"
}

figure() { pvhctl metrics | awk -v name="pvhd_pool_$1" 'index($1, name) == 1 {sum += $2} END {print sum + 0}'; }
is_pool_full() { [ "$(figure domains_ready)" = 2 ]; }
await_pool() { await is_pool_full; }

bench_devices() {
    local file
    ip link add xenbr0 type bridge && ip link set xenbr0 up
    head -c $((16 << 20)) /dev/zero >"$WORK/disk.img"
    file=$(config devices "kernel = \"$kernels/tiny\"" "disk = [ '$WORK/disk.img,raw,xvda,w' ]" "vif = [ 'bridge=xenbr0' ]")
    repeat -devices 0 "$file" has_said_hello
    ip link delete xenbr0
    echo "bench: devices are done"
}

# The same domains by one worker and by two, all asked for at once; the first round does not count.
bench_workers() {
    local many=40 workers i text busy kept=$samples usual=$LAB_PVHD_ARGS LAB_PVHD_ARGS
    text=$(jq -Rs . <"$tiny")
    for ((i = 0; i < many; i++)); do
        echo "{\"jsonrpc\":\"2.0\",\"id\":$i,\"method\":\"domain.create\",\"params\":{\"config\":$text,\"directory\":\"/\",\"overrides\":[\"name=other$i\"]}}"
    done | jq -sc . >"$WORK/requests"
    samples=/dev/null
    for ((i = 0; i <= rounds; i++)); do
        for workers in $([ $((i % 2)) = 0 ] && echo 1 2 || echo 2 1); do
            LAB_PVHD_ARGS="$usual --workers $workers"
            start_pvhd_anew
            busy=$(cpu_ms xenstored)
            timed create-$many "workers-$workers" 0 socat -t 600 "OPEN:$WORK/requests,rdonly!!STDOUT" UNIX-CONNECT:/run/pvhd/pvhd.sock
            [ "$(jq '[.[] | select(.result)] | length' "$WORK/output")" = $many ] || give_up "not all were made: $(head -c 500 "$WORK/output")"
            note "xenstored-$many workers-$workers 0 $((1000 * ($(cpu_ms xenstored) - busy)))"
            await have_run $many
            without_domains
        done
        samples=$kept
    done
    LAB_PVHD_ARGS=$usual
    start_pvhd_anew
    echo "bench: the workers are done"
}

cpu_ms() { awk '{sub(/.*\) /, ""); print ($12 + $13) * 10}' "/proc/$(pidof "$1" || pidof oxenstored)/stat"; } # COMMAND

# All that are called other. Not by CPU time: Xen has 0 for some that ran, when the emulated CPUs' clocks are apart.
have_run() { # COUNT
    pvhctl list | awk '/^other/ {print "(d" $2 ") tiny: hello"}' >"$WORK/hellos"
    [ "$(xl dmesg | grep -cxFf "$WORK/hellos")" = "$1" ]
}

bench_linux() {
    local file i
    file=$(linux_config linux "kernel = \"$kernels/vmlinuz\"" "ramdisk = \"$kernels/initrd\"" 'vcpus = 2')
    repeat -linux 0 "$file" is_linux 3
    for ((i = 0; i < 3; i++)); do
        start_pvhd_anew
        timed_create create-linux pvhctl-cold 0 "$file"
        await is_linux linux
        pvhctl destroy linux
        await gone linux
        forget_consoles
    done
    echo "bench: linux is done"
}

is_linux() { console_says "$1" 'Linux version'; }

start_pvhd_anew() { stop_pvhd && start_pvhd || give_up "pvhd does not start again"; }

# From memory, as files are on a host that has used them before.
kernels=/tmp/lab/kernels
mkdir -p "$kernels"
cp /guest/tiny "$kernels/tiny"
cp /guest/vmlinuz-xz "$kernels/vmlinuz"
cp /guest/initrd.cpio "$kernels/initrd"
tiny=$(config tiny "kernel = \"$kernels/tiny\"")
for part in $parts; do "bench_$part"; done
