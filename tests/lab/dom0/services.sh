# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Xen's services, pvhd and pvhconsoled in dom0. Sourced by main, and by scenarios that restart them.

pvhd_log=/var/log/pvhd.log
pvhd_pid_file=/run/pvhd.lab.pid
pvhd_status_file=/run/pvhd.lab.status # what the last pvhd exited with
pvhconsoled_log=/var/log/pvhconsoled.log
pvhconsoled_pid_file=/run/pvhconsoled.lab.pid
console_histories=/run/pvhd/console

lab_error() { echo "lab: $*" >&2; }

have_pvhd() { [ "${LAB_PVHD:-yes}" = yes ] && [ -x /lab/bin/pvhd ]; }

pvhd_pid() { cat "$pvhd_pid_file" 2>/dev/null; }

pvhd_alive() { [ -d "/proc/$(pvhd_pid)/fd" ]; }

# poll SECONDS COMMAND...: until the command succeeds, or fail.
poll() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

start_xenstored() {
    local daemon=xenstored
    [ "$LAB_XENSTORED" = ocaml ] && daemon=oxenstored
    "$daemon" --pid-file /run/xenstored.pid >/var/log/xenstored.log 2>&1
    poll 20 xenstore-exists / || { lab_error "$daemon does not answer"; return 1; }
}

start_xen_services() {
    mount -t xenfs xenfs /proc/xen
    mkdir -p /run/xen /run/lock /run/xenstored /var/lib/xen /var/log/xen/console /tmp/lab
    start_xenstored || return 1
    xen-init-dom0 >/var/log/xen-init-dom0.log 2>&1 || { lab_error "xen-init-dom0 failed"; return 1; }
    xenconsoled --pid-file=/run/xenconsoled.pid --log=guest --log-dir=/var/log/xen/console
}

# From the shared directory, where every page of a program would be fetched anew, to memory.
install_pvhd() {
    cp /lab/bin/* /usr/local/bin/
    cp -n /lab/lib/* /usr/lib/x86_64-linux-gnu/ 2>/dev/null
    return 0
}

restart_pvhd() { # for a person who has put another pvhd into build/lab/shell/share/bin
    stop_pvhd
    install_pvhd
    start_pvhd
}

# shellcheck disable=SC2120
start_pvhd() { # [PROGRAM]
    rm -f "$pvhd_pid_file" "$pvhd_status_file"
    # shellcheck disable=SC2086,SC2016
    {
        setsid sh -c 'echo $$ >"$0"; exec "$@"' "$pvhd_pid_file" "${1:-pvhd}" ${LAB_PVHD_ARGS:---log-level debug}
        echo $? >"$pvhd_status_file"
    } </dev/null >>"$pvhd_log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
    disown
    poll 20 test -s "$pvhd_pid_file"
    { poll 60 pvhd_answers && pvhd_alive; } || { lab_error "pvhd does not answer; its log ends:"; tail -n20 "$pvhd_log" >&2; return 1; }
}

# Also true of a pvhd that has died: there is nothing to wait for.
pvhd_answers() { ! pvhd_alive || pvhctl list; }

stop_pvhd() {
    local pid
    pid=$(pvhd_pid)
    [ -n "$pid" ] || return 0
    kill "${1:--TERM}" "$pid" 2>/dev/null
    poll 40 eval "! [ -d /proc/$pid ]" || return
    rm -f "$pvhd_pid_file"
    poll 40 test -s "$pvhd_status_file"
}

# Without it consoles are xenconsoled's.
have_pvhconsoled() { have_pvhd && [ -x /lab/bin/pvhconsoled ]; }

pvhconsoled_pid() { cat "$pvhconsoled_pid_file" 2>/dev/null; }

pvhconsoled_alive() { [ -d "/proc/$(pvhconsoled_pid)/fd" ]; }

start_pvhconsoled() {
    rm -f "$pvhconsoled_pid_file"
    # shellcheck disable=SC2016
    setsid sh -c 'echo $$ >"$0"; exec pvhconsoled --log-level debug' "$pvhconsoled_pid_file" \
        </dev/null >>"$pvhconsoled_log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
    disown
    poll 20 test -s "$pvhconsoled_pid_file"
    { poll 60 pvhconsoled_answers && pvhconsoled_alive; } || {
        lab_error "pvhconsoled does not answer; its log ends:"
        tail -n20 "$pvhconsoled_log" >&2
        return 1
    }
}

# Any error but that nobody is there. Also true of one that has died: there is nothing to wait for.
pvhconsoled_answers() { ! pvhconsoled_alive || ! pvhctl console --replay nobody 2>&1 | grep -q 'connect to pvhconsoled'; }

stop_pvhconsoled() { # [SIGNAL]
    local pid
    pid=$(pvhconsoled_pid)
    [ -n "$pid" ] || return 0
    kill "${1:--TERM}" "$pid" 2>/dev/null
    poll 40 eval "! [ -d /proc/$pid ]" || return
    rm -f "$pvhconsoled_pid_file"
}

# When no domain is left: else a guest of the same name would seem to have spoken already.
forget_consoles() { rm -f "$console_histories"/*; }

# Where dom0 runs systemd, it has started Xen's services, and pvhd is what scenarios start.
under_systemd() { [ "${LAB_INIT:-}" = systemd ]; }

await_systemd() {
    poll $((60 * LAB_PATIENCE)) eval '! systemctl is-system-running | grep -qE "starting|initializing"'
    poll 20 xenstore-exists / || { lab_error "xen.service has not brought xenstored up"; return 1; }
    cp -n /lab/lib/* /usr/lib/x86_64-linux-gnu/
    cp -r --preserve=mode /lab/installed/. /
    cp /lab/bin/domain_facts /lab/bin/guest_words /usr/local/bin/
    ldconfig
    systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload
}

start_services() {
    if under_systemd; then
        await_systemd
        return
    fi
    start_xen_services || return 1
    ip link set lo up
    have_pvhd || return 0
    install_pvhd
    touch "$pvhd_log"
    tail -n+1 -F "$pvhd_log" >"$OUT/pvhd.log" 2>/dev/null & # the host has it even if this dom0 never ends
    if have_pvhconsoled; then start_pvhconsoled || return 1; fi
    start_pvhd || { [ "$LAB_JOB" = shell ] || [ "$LAB_JOB" = command ]; }
}

# Leaves what a person wants to see afterwards in the shared directory.
collect() {
    ! under_systemd || journalctl -b >"$OUT/journal"
    cp "$pvhd_log" "$OUT/pvhd.log"
    cp "$pvhconsoled_log" "$OUT/pvhconsoled.log"
    cp -r /var/log/xen/. "$OUT/xen-logs"
    for history in "$console_histories"/*; do
        [ ! -e "$history" ] || pvhctl console --replay "$(basename "$history")" >"$OUT/xen-logs/console/$(basename "$history").log"
    done
    xl dmesg >"$OUT/xl-dmesg"
    dmesg >"$OUT/dom0-dmesg"
    xl list >"$OUT/xl-list"
    xenstore-ls -fp >"$OUT/xenstore-ls"
}
