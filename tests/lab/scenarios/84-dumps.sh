# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Core dumps, by hand and by policy, against xl's; and what a rename-restart keeps.
# needs: long
# limit: 240
#
# 1. dump-core of a paused guest is a core file, sparse, and nobody else's to read.
# 2. dump-core of a guest that runs leaves it running, also if the disk is full: then nothing is left of the file.
# 3. coredump-destroy leaves a dump where xl does, and no domain; coredump-restart another life. Where there is no room the policy goes on.
# 4. rename-restart keeps what has ended under the name that xl gives it; the next life has the disk. It stays over kill -9, until destroyed.
# 5. A dump by pvhctl has the sections, registers and pages that xl's dump of the same guest has.

dumps=/var/lib/xen/dump

# section FILE NAME: its offset and size.
section() {
    local offset size
    read -r offset size < <(readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\] *//' | awk -v name="$2" '$1 == name {print $4, $5}')
    echo "$((16#$offset)) $((16#$size))"
}

offset() { section "$@" | cut -d' ' -f1; }

sections() { readelf -SW "$1" | grep -oE '\] \.[a-z_A-Z.]+ +[A-Z]+' | tr -s ' '; }

frames() { # FILE: the guest's frames in it, in the order of its pages
    od -An -v -w8 -tx8 -j "$(offset "$1" .xen_pfn)" -N "$(section "$1" .xen_pfn | cut -d' ' -f2)" "$1" | tr -d ' '
}

# runs OURS THEIRS: where the same frames follow each other in both: index here, index there, how many.
runs() {
    awk 'FNR == NR {ours[$1] = FNR - 1; next} $1 == "ffffffffffffffff" {next}
        !($1 in ours) {print "missing", $1; next}
        n && ours[$1] == here + n && FNR - 1 == there + n {n++; next}
        {if (n) print here, there, n; here = ours[$1]; there = FNR - 1; n = 1}
        END {if (n) print here, there, n}' <(frames "$1") <(frames "$2")
}

same_pages() { # OURS THEIRS: all that theirs has
    local here there n ours theirs pages=0
    ours=$(offset "$1" .xen_pages) theirs=$(offset "$2" .xen_pages)
    while read -r here there n; do
        [ "$here" != missing ] || { echo "frame $there is missing"; return 1; }
        cmp -i "$((ours + here * 4096)):$((theirs + there * 4096))" -n "$((n * 4096))" "$1" "$2" || return 1
        pages=$((pages + n))
    done < <(runs "$1" "$2")
    [ "$pages" -gt 900 ] || { echo "only $pages pages were compared"; return 1; }
}

same_section() { # NAME OURS THEIRS [SKIP]: behind its first bytes
    local size skip=${4:-0}
    size=$(section "$2" "$1" | cut -d' ' -f2)
    [ "$(section "$3" "$1" | cut -d' ' -f2)" = "$size" ] &&
        cmp -i "$(($(offset "$2" "$1") + skip)):$(($(offset "$3" "$1") + skip))" -n "$((size - skip))" "$2" "$3"
}

sparse() { [ "$(($(stat -c %b "$1") * 512))" -lt "$(($(stat -c %s "$1") / 2))" ]; }

has_words() { grep -aq 'tiny: hello' "$1"; }

told() { pvhctl events --json --type "$1" | jq -se --arg name "$2" --arg what "$3" 'any(.[]; .name == $name and (.data.message | startswith($what)))' >/dev/null; }

# ---- by hand

succeeds "create" pvhctl create "$(config core)" || return
within 10 "it says hello" xen_log_says "$(domid_of core)" 'tiny: hello'
pvhctl pause core
succeeds "dump-core of a paused guest" pvhctl dump-core core "$WORK/ours" || return
like "$(readelf -hW "$WORK/ours")" 'Type: +CORE' "it is a core file"
is "$(sections "$WORK/ours" | cut -d' ' -f2 | xargs)" '.shstrtab .note.Xen .xen_prstatus .xen_pages .xen_pfn' "with its sections"
succeeds "what the guest has in memory is found" has_words "$WORK/ours"
succeeds "it is sparse" sparse "$WORK/ours"
is "$(stat -c '%a %U' "$WORK/ours")" '600 root' "only root can read it"
is "$(pvhctl list --json | jq -r '.domains[] | select(.name == "core") | .paused')" true "a paused guest stays paused"
fails "a file that is there is refused" 'is there already' pvhctl dump-core core "$WORK/ours"
fails "a folder that is not there is an error" 'No such file' pvhctl dump-core core "$WORK/none/dump"

pvhctl unpause core
succeeds "dump-core of one that runs" pvhctl dump-core core "$WORK/run"
is "$(pvhctl list --json | jq -r '.domains[] | select(.name == "core") | .paused')" false "it goes on"
succeeds "dump-core --live" pvhctl dump-core --live core "$WORK/live"
is "$(sections "$WORK/live")" "$(sections "$WORK/ours")" "with the same sections"
mkdir "$WORK/full" && mount -t tmpfs -o size=16k none "$WORK/full"
fails "a full file system is a clear error" 'no room for the core dump' pvhctl dump-core core "$WORK/full/dump"
is "$(ls -A "$WORK/full")" '' "and nothing of the dump is left"
is "$(pvhctl list --json | jq -r '.domains[] | select(.name == "core") | .paused')" false "the guest lives on"
umount "$WORK/full"
succeeds "told as an event" told domain.dumped core "$WORK/run"
pvhctl destroy core

# ---- by policy

succeeds "one that crashes" pvhctl create "$(config ours 'kernel = "/guest/tiny-crash"' 'on_crash = "coredump-destroy"')"
within 20 "coredump-destroy: it is gone" gone ours
succeeds "its dump is where xl would put it" has_words "$dumps/ours"
is "$(sections "$dumps/ours")" "$(sections "$WORK/ours")" "coredump-destroy: the sections"
succeeds "coredump-destroy: sparse" sparse "$dumps/ours"
succeeds "coredump-destroy: an event" told domain.dumped ours "$dumps/ours"
succeeds "one that crashes for ever" pvhctl create "$(config again 'kernel = "/guest/tiny-crash"' 'on_crash = "coredump-restart"')"
another() { [ "$(pvhctl events --json again | jq -s 'map(select(.type == "domain.created")) | length')" -ge 2 ]; }
within 30 "coredump-restart: there is another life" another
succeeds "coredump-restart: and a dump" has_words "$dumps/again"
pvhctl destroy again
rm -f "$dumps"/{ours,again}

mount -t tmpfs -o size=1m none "$dumps"
succeeds "one that crashes without room for it" pvhctl create "$(config tight 'kernel = "/guest/tiny-crash"' 'on_crash = "coredump-destroy"')"
within 20 "no room: the policy goes on" gone tight
is "$(ls -A "$dumps")" '' "no room: no dump"
succeeds "no room: an event" told domain.dump_failed tight "$dumps/tight: a core dump may take"
umount "$dumps"

# ---- rename-restart

truncate -s 1M "$WORK/disk"
kept() { pvhctl list --json | jq -r --arg name "$1" '.domains[] | select(.name | startswith($name + "-")) | .name'; }
state() { xl list "$1" | awk 'NR == 2 {print $5}'; }
succeeds "one with a disk" pvhctl create "$(config mine 'on_reboot = "rename-restart"' "disk = [ '$WORK/disk,raw,xvda,rw' ]")"
uuid=$(pvhctl list --json | jq -r '.domains[] | select(.name == "mine") | .uuid')
first=$(domid_of mine)
succeeds "a forced reboot" pvhctl reboot --force mine
lives_on() { [ "$(pvhctl domid mine 2>/dev/null || echo 0)" -gt "$first" ]; }
within 20 "its next life runs" lives_on
is "$(pvhctl list --json | jq -r '.domains[] | select(.name == "mine") | .uuid')" "$uuid" "with its UUID"
is "$(pvhctl block-list mine | wc -l)" 2 "and with its disk"
name=$(kept mine)
like "$name" '^mine-[0-9]{8}T[0-9]{4}Z$' "the old one has another name"
is "$(domid_of "$name")" "$first" "also for xl"
is "$(pvhctl block-list "$name" | wc -l)" 1 "and no disk"
like "$(xenstore-read "$(xenstore-read "/local/domain/$first/vm")/name")" "^$name\$" "its nodes are those of another UUID"
succeeds "xl: one that reboots" xl create -q "$(config yours 'kernel = "/guest/tiny-reboot"' 'on_reboot = "rename-restart"')"
renamed_by_xl() { [ -n "$(kept yours)" ]; }
within 30 "xl: the old one has another name" renamed_by_xl
is "$(kept yours | head -n1 | sed 's/^yours//; s/[0-9]/N/g')" "$(sed 's/^mine//; s/[0-9]/N/g' <<<"$name")" "of the same form"
is "$(state "$(kept yours | head -n1)" | tr b -)" "$(state "$name" | tr b -)" "and they are in the same state"

stop_pvhd -KILL
start_pvhd
is "$(pvhctl list --json | jq -r --arg name "$name" '.domains[] | select(.name == $name) | "\(.managed) \(.state) \(.shutdown_reason)"')" \
    'true shutdown reboot' "it stays over kill -9"
succeeds "it can be dumped" pvhctl dump-core "$name" "$WORK/kept"
succeeds "with what it had in memory" has_words "$WORK/kept"
succeeds "and be destroyed" pvhctl destroy "$name"
is "$(pvhctl domid mine)" "$(domid_of mine)" "its next life goes on"
pvhctl destroy mine
for name in $(xl list | awk '$1 ~ /^yours/ {print $1}'); do xl destroy "$name"; done
rm -rf "$dumps"

# ---- against xl, which tries to map every frame below 4 GiB, one at a time: by far the longest step here

succeeds "create one to compare" pvhctl create "$(config both)"
within 10 "it says hello" xen_log_says "$(domid_of both)" 'tiny: hello'
pvhctl pause both
before=$SECONDS
succeeds "we dump it" pvhctl dump-core both "$WORK/ours2"
diag "pvhctl dump-core took $((SECONDS - before)) s"
before=$SECONDS
succeeds "xl dumps it" xl dump-core both "$WORK/theirs"
diag "xl dump-core took $((SECONDS - before)) s"
diag "$(ls -ls "$WORK/ours2" "$WORK/theirs")"
is "$(readelf -hW "$WORK/ours2" | grep -vE 'section headers:|Size of')" "$(readelf -hW "$WORK/theirs" | grep -vE 'section headers:|Size of')" "the same header"
is "$(sections "$WORK/ours2")" "$(sections "$WORK/theirs")" "the same sections"
# The second note tells how many pages there are: we count those that are in it.
succeeds "the same is said of Xen" same_section .note.Xen "$WORK/ours2" "$WORK/theirs" 64
succeeds "the same registers" same_section .xen_prstatus "$WORK/ours2" "$WORK/theirs"
succeeds "every page that xl has is there" same_pages "$WORK/ours2" "$WORK/theirs"
diag "frames: ours $(frames "$WORK/ours2" | grep -vc ffffffffffffffff), xl's $(frames "$WORK/theirs" | grep -vc ffffffffffffffff)"
pvhctl destroy both
