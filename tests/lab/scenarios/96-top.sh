# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# pvhctl top, and config-update: what domains use, and what they are at their next boot.
# limit: 240
#
# 1. A guest that is busy, writes to its disk and sends shows in the columns that say so; xl's domains are there, too.
# 2. The screen fits the terminal, is left as it was, and every key and signal ends it cleanly.
# 3. A config for the next boot applies when the guest reboots, not before, and over a restart of pvhd.

ip link add xenbr0 type bridge && ip link set xenbr0 up
head -c $((8 << 20)) /dev/zero >"$WORK/image"
initrd=$(
    with_job <<'EOF'
while :; do
    dd if=/dev/zero of=/dev/xvda bs=64k count=64 conv=fsync 2>/dev/null
done
EOF
)
busy=$(linux_config busy 'kernel = "/guest/vmlinuz-lz4"' "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' \
    "disk = [ '$WORK/image,raw,xvda,w' ]" "vif = [ 'bridge=xenbr0' ]" 'on_reboot = "restart"')
succeeds "a Linux that writes" pvhctl create "$busy" || return
succeeds "one of xl's" create_with xl "$(config theirs)"
usage() { pvhctl --json top | jq -r --arg name busy '.domains[] | select(.status.name == $name) | '"$1"; }
within 60 "its writes are counted" eval '[ "$(usage .disk_written_bytes)" -gt 1000000 ]' || return
column() { awk -v n="$1" '$1 == "busy" {print int($n)}' "$WORK/table"; }
shows_busy() { pvhctl top -b -d 3 -i 1 >"$WORK/table" && [ "$(column 5)" -gt 5 ] && [ "$(column 12)" -gt 10 ]; }
poll $((10 * patience)) shows_busy # not in each three seconds, where others take the CPU
diag "$(cat "$WORK/table")"
is "$(awk 'NR > 1 {print $1}' "$WORK/table" | sort | tr '\n' ' ')" "Domain-0 busy theirs " "every domain is there"
[ "$(column 5)" -gt 5 ] && ok "it uses CPU time: $(column 5)%" || not_ok "it uses CPU time: $(column 5)%"
[ "$(column 12)" -gt 10 ] && ok "and writes: $(column 12) KiB/s" || not_ok "and writes: $(column 12) KiB/s"
is "$(pvhctl top -b -d 0.2 -i 2 --no-headers | grep -c .)" 6 "two looks at three domains, without titles"

# A screen of 80 by 24: what was drawn, and that the terminal is given back.
got() { tr -d '\r\n' <"$WORK/screen" | grep -aqE -- "$1"; } # REGEX: until now
screen() { # KEYS: what a terminal got; they are pressed when the table is there
    : >"$WORK/screen"
    { poll $((10 * patience)) got 'NAME.*busy'; printf '%s' "$1"; poll $((10 * patience)) got 'status [0-9]'; } |
        script -qec "stty rows 24 columns 80; pvhctl top -d 1; echo status \$?" /dev/null >"$WORK/screen"
    cat "$WORK/screen"
}
shown=$(screen q)
like "$shown" 'status 0' "q ends it"
like "$shown" $'\033\\[[?]1049h' "it has a screen of its own"
like "$shown" $'\033\\[[?]1049l' "which it leaves"
longest() { tr -d '\r' <<<"$1" | sed 's/\x1b\[H/\n/g; s/\x1b\[?1049l/\n/g; s/\x1b\[[0-9;?]*[a-zA-Z]//g' | awk '{ if (length($0) > most) most = length($0) } END { print most }'; }
is $(($(longest "$shown") <= 80)) 1 "no line is longer than the screen is wide: $(longest "$shown")"
like "$shown" 'busy .*-' "and the guest is on it"
like "$(screen $'mnda q')" 'by name;' "keys sort"
like "$(screen $'\003')" 'status 0' "Ctrl-C ends it"
for signal in INT TERM HUP; do
    : >"$WORK/screen"
    timeout $((20 * patience)) script -qec "pvhctl top -d 1 & until grep -aq 'NAME' '$WORK/screen' || ! kill -0 \$!; do sleep 0.1; done; kill -$signal \$!; wait \$!; echo status \$?" \
        /dev/null </dev/null >"$WORK/screen"
    out=$(cat "$WORK/screen")
    like "$out" 'status 1[0-9][0-9]' "SIG$signal ends it, and says so"
    like "$out" $'\033\\[[?]1049l' "with the screen as it was"
done

# Ctrl-Z, as job control has it: the usual screen, a shell that goes on, and after fg the table again.
again=$'stopped 148.*1049h.*NAME'
: >"$WORK/screen"
{
    poll $((10 * patience)) got 'NAME.*busy' && printf '\032'
    poll $((10 * patience)) got "$again" && printf 'q'
    poll $((10 * patience)) got 'status [0-9]'
} | timeout $((40 * patience)) script -qec "bash -c 'set -m; stty rows 24 columns 80; pvhctl top -d 1; echo stopped \$?; sleep 1; fg; echo status \$?'" /dev/null >"$WORK/screen"
stopped=$(cat "$WORK/screen")
like "$(tr -d '\r\n' <<<"$stopped")" $'1049h.*1049l.*stopped 148.*1049h.*NAME.*1049l.*status 0' "Ctrl-Z stops it on the usual screen, fg brings it back"

# Another config for the next boot.
sizes() { pvhctl --json list busy | jq -c '.domains[0] | [.max_vcpus, .max_memory_kib / 1024 | floor]'; }
before=$(sizes)
next=$(sed 's/^vcpus = .*/vcpus = 1\nmaxvcpus = 3/; s/^name = .*/name = "other"/' "$busy")
printf '%s\n' "$next" >"$WORK/next.cfg"
fails "a config that nobody could build" 'vmlinuz-nosuch' pvhctl config-update busy "$WORK/next.cfg" kernel=/guest/vmlinuz-nosuch
like "$(pvhctl config-update busy "$WORK/next.cfg" memory=300 2>&1)" 'keeps its name "busy"' "a config for the next boot, of another name"
is "$(sizes)" "$before" "nothing has changed yet"
fails "one of xl's has none" 'made by another toolstack' pvhctl config-update theirs "$WORK/next.cfg"
stop_pvhd
start_pvhd
id=$(domid_of busy)
pvhctl reboot --force busy
within 60 "it reboots" lives_anew busy "$id"
like "$(sizes)" '^\[3,30[0-9]\]$' "and is what it was told to be"
like "$(pvhctl list | awk '{print $1}' | tr '\n' ' ')" 'busy' "under its name"
pvhctl destroy busy
xl destroy theirs
ip link del xenbr0
