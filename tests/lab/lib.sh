# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What a scenario may use. run-scenarios sources it into a fresh bash for each scenario; results go to $TAP and to descriptor 9, one line each.
# Variables: SCENARIO its name, WORK an empty directory of its own, LAB this folder, OUT the directory that the host keeps.

# shellcheck source=tests/lab/dom0/services.sh
. "$LAB/dom0/services.sh"

# ---- results -------------------------------------------------------------------------------------------------------

tap() {
    printf '%s\n' "$*" >>"$TAP"
    printf '%s\n' "$*" >&9
}

diag() { # TEXT...
    local line
    while IFS= read -r line; do tap "#   $line"; done < <(printf '%s\n' "$@")
}

ok() { tap "ok - $SCENARIO: $*"; }

not_ok() {
    tap "not ok - $SCENARIO: $*"
    return 1
}

skip() { # OUTCOME REASON
    tap "ok - $SCENARIO: $1 # SKIP $2"
}

# The checks below return 1 when they fail, so `is ... || return` stops a scenario that has nothing more to say.

is() { # GOT WANTED OUTCOME
    if [ "$1" = "$2" ]; then ok "$3"; else
        not_ok "$3" || diag "got:    $1" "wanted: $2"
        return 1
    fi
}

like() { # TEXT REGEX OUTCOME
    if grep -qE -- "$2" <<<"$1"; then ok "$3"; else
        not_ok "$3" || diag "no match for /$2/ in:" && diag "$(tail -n30 <<<"$1")"
        return 1
    fi
}

unlike() { # TEXT REGEX OUTCOME
    if ! grep -qE -- "$2" <<<"$1"; then ok "$3"; else
        not_ok "$3" || diag "/$2/ matches:" && diag "$(grep -E -- "$2" <<<"$1" | head -n10)"
        return 1
    fi
}

succeeds() { # OUTCOME COMMAND...
    local outcome=$1 output status=0
    shift
    output=$("$@" 2>&1) || status=$?
    if [ "$status" = 0 ]; then ok "$outcome"; else
        not_ok "$outcome" || diag "status $status from: $*" && diag "$(tail -n30 <<<"$output")"
        return 1
    fi
}

fails() { # OUTCOME REGEX COMMAND...: it must fail, with a message like REGEX
    local outcome=$1 regex=$2 output status=0
    shift 2
    output=$("$@" 2>&1) || status=$?
    if [ "$status" != 0 ] && grep -qE -- "$regex" <<<"$output"; then ok "$outcome"; else
        not_ok "$outcome" || diag "status $status from: $*" && diag "$(tail -n30 <<<"$output")"
        return 1
    fi
}

# Seconds in a scenario are those of an idle machine; what waits for them waits LAB_PATIENCE times as long.
patience=$LAB_PATIENCE

within() { # SECONDS OUTCOME COMMAND...: the command succeeds before the time is up
    local seconds=$(($1 * patience)) outcome=$2
    shift 2
    if poll "$seconds" "$@"; then ok "$outcome"; else
        not_ok "$outcome" || diag "not within $seconds s: $*"
        [ "$1" != console_says ] || diag "its console ends:" "$(console "$2" | tail -n 20)"
        return 1
    fi
}

# ---- domains -------------------------------------------------------------------------------------------------------

# config NAME [LINE...]: writes a configuration of the tiny guest and prints its path; lines given later win in xl, so
# a line for a key that is already there replaces it.
config() {
    local file=$WORK/$1.cfg line
    printf '%s\n' "name = \"$1\"" 'type = "pvh"' 'kernel = "/guest/tiny"' 'memory = 4' 'vcpus = 1' >"$file"
    for line in "${@:2}"; do
        sed -i "/^${line%%[ =]*} *=/d" "$file"
        printf '%s\n' "$line" >>"$file"
    done
    echo "$file"
}

# linux_config NAME [LINE...]: the same for a Linux guest that idles after saying "guest: ready".
linux_config() {
    config "$1" 'kernel = "/guest/vmlinuz-xz"' 'ramdisk = "/guest/initrd.cpio"' 'extra = "console=hvc0 pvh.do=idle"' \
        'memory = 256' 'vcpus = 1' "${@:2}"
}

# with_job FILE...: reads a script for the guest's action `job` and prints the path of an initrd that has it as /job.
with_job() {
    local dir=$WORK/job.$RANDOM
    mkdir "$dir"
    cat >"$dir/job"
    (cd "$dir" && echo job | busybox cpio -o -H newc 2>/dev/null) | cat /guest/initrd.cpio "$@" - >"$dir.cpio"
    rm -r "$dir"
    echo "$dir.cpio"
}

create_with() { # xl|pvhctl FILE [OPTION...]
    case $1 in
    xl) xl create -q "$2" "${@:3}" ;;
    pvhctl) pvhctl create "$2" "${@:3}" ;;
    esac
}

destroy_with() { "$1" destroy "$2"; } # xl|pvhctl NAME

domids() { xenstore-list /local/domain 2>/dev/null | grep -vx 0; }

domid_of() { xl domid "$1" 2>/dev/null; }

running() { domid_of "$1" >/dev/null; }

gone() { ! running "$1"; }

# lives_anew NAME DOMID: pvhd has restarted it, which had that number, and is done with it.
lives_anew() {
    pvhctl --json list "$1" 2>/dev/null | jq -e --argjson old "$2" \
        '.domains[0] | .domid != 32756 and .domid != $old and (.operation // "") == "" and .state != "dying"' >/dev/null
}

gone_for_pvhd() { ! pvhctl domid "$1" >/dev/null 2>&1; }

# has_shut_down NAME REASON: by itself, and its toolstack has kept it; the reasons are those of xen/include/public/sched.h.
has_shut_down() { xl list -v "$1" 2>/dev/null | awk -v reason="$2" 'NR == 2 && $5 ~ /s/ && $8 == reason {found = 1} END {exit !found}'; }

# console NAME: all that the guest has said on its console, to xenconsoled or to pvhconsoled; xen_log NAME: on port 0xE9.
console() {
    {
        cat "/var/log/xen/console/guest-$1.log" 2>/dev/null
        ! have_pvhconsoled || pvhctl console --replay "$1" 2>/dev/null
    } | tr -d '\r'
}

xen_log() { xl dmesg | grep -F "(d$1)"; } # DOMID

console_says() { console "$1" | grep -qE -- "$2"; } # NAME REGEX

xen_log_says() { xen_log "$1" | grep -qE -- "$2"; } # DOMID REGEX

ready() { console_says "$1" '^guest: ready'; }

# ---- devices -------------------------------------------------------------------------------------------------------

# nodes_of KIND NAME [REGEX]: a domain's nodes of a kind of devices, numbers of domains and block devices masked. What both ends
# write as they go is left out, as are pvhd's own notes, and what matches REGEX.
nodes_of() {
    local dom
    dom=$(domid_of "$2")
    xenstore-ls -fp | grep -E "^/(local/domain/$dom/device|local/domain/0/backend/$1/$dom|libxl/$dom/device)/?($1)?" |
        grep -vE "/console|suspend|feature-|/pvhd-|/(state|event-channel|protocol|(tx-|rx-|ctrl-)?ring-ref|multi-[^ ]*|request-[^ ]*) ${3:+|$3}" |
        sed "s,/$dom/,/N/,g; s,/$dom\b,/N,g; s/\"$dom\"/\"N\"/; s/\bn$dom\b/nN/g; s/\br$dom\b/rN/g; s,physical-device = \".*\",physical-device," |
        sort
}

# with_qemu: gives dom0 what Debian's qemu-system-xen and qemu-utils would.
with_qemu() {
    [ -e /usr/libexec/xen-qemu-system-i386 ] && return
    mkdir -p /usr/libexec
    cp -n /guest/qemu/lib/x86_64-linux-gnu/* /usr/lib/x86_64-linux-gnu/
    cp /guest/qemu/bin/* /usr/bin/
    cp -r /guest/qemu/share/qemu /usr/share/
    cp /guest/qemu/libexec/* /usr/libexec/
}

# answering: a job for with_job, that of a guest which does what it is told; ask NAME COMMAND...: what it says to that, in one line.
answering() {
    cat <<'JOB'
say() { echo "guest: $*"; }
disk() { for i in $(seq 400); do [ -e "/dev/$1" ] && return; sleep 0.1; done; echo "no $1"; } # NAME: once it is there
interface() { for i in $(seq 400); do [ -e "/sys/class/net/$1" ] && return; sleep 0.1; done; echo "no $1"; } # NAME: the same
no_disk() { for i in $(seq 400); do [ -e "/dev/$1" ] || return; sleep 0.1; done; echo "$1 is there"; } # NAME: once Linux has let go of it
sum() { echo 3 >/proc/sys/vm/drop_caches; sha256sum <"/dev/$1" | cut -d' ' -f1; } # DISK
say listens
while read -r number command; do
    say "$number $(eval "$command" 2>&1 | tr '\n' ' ' | sed 's/ $//')"
    say "end of $number"
done
JOB
}

# Call it as $(ask ...): the number that tells its answer from others is that of the subshell, and one more, as those come again.
ask() {
    local tty number=$BASHPID-$RANDOM
    tty=$(xenstore-read "/local/domain/$(domid_of "$1")/console/tty")
    echo "$number ${*:2}" >"$tty"
    poll $((30 * patience)) console_says "$1" "^guest: end of $number\$" || echo "no answer to: ${*:2}" # a line comes in pieces
    console "$1" | sed -n "s/^guest: $number *//p" | tail -n1
}

# ---- leaks ---------------------------------------------------------------------------------------------------------

# What must be the same after a scenario as before it: a fact a line.
lab_state() {
    xl list | awk 'NR > 1 {print "domain", $1, $2}'
    xenstore-ls -fp | grep -vE "$volatile_nodes" | sed 's/^/node /'
    xl info | awk '$1 == "outstanding_claims" {print "xen claims", $3}'
    echo "dom0 event channels $(lsevtchn 0 2>/dev/null | wc -l)"
    losetup -a | sed 's/^/loop /'
    ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*(master [^ ]+)?.*/interface \1 \2/'
    mount | awk '$5 !~ /^(proc|sysfs)$/ {print "mount", $3}'
    # What ended domains printed is kept on purpose; scenario 64 looks at how much.
    find /run/pvhd /var/lib/pvhd /var/lib/xen /run/xen -type f 2>/dev/null | grep -vE '/domid-history$|\.pid$|\.lock$|/(events|requests)\.jsonl$|^/run/pvhd/console/' | sed 's/^/file /'
    processes
    pvhd_state
    pvhconsoled_state
}

# Directories that the first create of a boot makes and nobody removes, and dom0's own balloon.
volatile_nodes='^/(libxl|vm|tool|local/domain/0/(backend|device-model)) = ""|^/local/domain/0/memory|^/tool/xenstored'

processes() { # all but the kernel's own, the harness's, and udev's, whose names come and go
    local file words
    for file in /proc/[0-9]*/cmdline; do
        mapfile -d '' -t words 2>/dev/null <"$file" || continue
        case "${words[*]}" in
        '' | *run-scenarios* | *dom0/main* | *systemd-udevd* | \(udev-worker\)* | bash\ * | timeout\ * | sleep\ * | tail\ * | awk\ * | sort | diff\ * | sed\ *) ;;
        *) printf 'process %s\n' "${words[*]}" ;;
        esac
    done
}

# shellcheck disable=SC2012 # one process, not one for each: this is called often, and the emulated machine is slow
descriptors_of() { ls -l "/proc/$1/fd" | sed -n 's/.* -> //p' | sed 's/:\[[0-9]*\]//'; } # PID

pvhd_state() {
    pvhd_alive || return 0
    local pid
    pid=$(pvhd_pid)
    descriptors_of "$pid" | sed 's/^/pvhd descriptor /'
    echo "pvhd mappings of privcmd $(grep -c privcmd "/proc/$pid/maps")"
}

pvhconsoled_state() {
    pvhconsoled_alive || return 0
    local pid
    pid=$(pvhconsoled_pid)
    descriptors_of "$pid" | sed 's/^/pvhconsoled descriptor /'
    echo "pvhconsoled mappings of guests $(grep -cE 'privcmd|gntdev' "/proc/$pid/maps")"
}

# listens PORT: somebody in dom0 does.
listens() { grep -qE "^ *[0-9]+: 0+:$(printf %04X "$1") 0+:0000 0A " /proc/net/tcp /proc/net/tcp6; }

free_memory() { xl info | awk '$1 == "free_memory" {print $3}'; }

# remember FILE: takes down the state to compare with. A daemon may not have heard yet that its last client is gone.
remember() {
    local daemons="" before
    for _ in 1 2 3 4 5; do
        before=$daemons daemons=$(pvhd_state; pvhconsoled_state)
        [ "$daemons" != "$before" ] || break
        sleep 0.3
    done
    lab_state | sort >"$1"
    free_memory >"$1.memory"
}

# leaks FILE: what differs from what was remembered, empty if nothing does. Teardown is asynchronous: it is given some seconds.
leaks() { # FILE [SECONDS]
    local deadline=$((SECONDS + ${2:-5} * patience)) found
    while :; do
        found=$(differences "$1")
        if [ -z "$found" ] || [ "$SECONDS" -ge "$deadline" ]; then break; fi
        sleep 0.3
    done
    printf '%s' "$found"
}

differences() {
    local before after
    lab_state | sort | diff "$1" - | sed -n 's/^> /left behind: /p; s/^< /missing now: /p'
    before=$(cat "$1.memory") after=$(free_memory)
    # Xen counts whole MiB here, and a page more or less may cross the line.
    [ "$after" -ge "$((before - 1))" ] || echo "Xen's free memory: $before MiB before, $after MiB now"
}

leak_check() { # FILE
    local found
    found=$(leaks "$1")
    if [ -z "$found" ]; then ok "nothing is left behind"; else
        not_ok "nothing is left behind" || diag "$(head -n25 <<<"$found")"
        [ "$(wc -l <<<"$found")" -le 25 ] || diag "... $(wc -l <<<"$found") differences in all"
        return 1
    fi
}
