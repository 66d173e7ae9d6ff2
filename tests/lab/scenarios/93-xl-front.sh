# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# pvhctl by the name of xl: what scripts that call xl see of it.
# needs: long
# limit: 300
#
# 1. Beginnings of commands, global options, statuses.
# 2. xl list -l and xl create -n have the shape of libxl's, of the same config the same values.
# 3. The xendomains script of Xen starts, counts and stops domains by it.
# 4. Parsers of the kind that cluster managers have read its tables.

real=$(command -v xl)
mkdir "$WORK/bin"
ln -s "$(command -v pvhctl)" "$WORK/bin/xl"
ours() { "$WORK/bin/xl" "$@"; }
status_of() { "$@" >/dev/null 2>&1; echo $?; }

is "$(ours lis | sed 's/ [0-9.]*$//')" "$(pvhctl list | sed 's/ [0-9.]*$//')" "xl lis is list"
for words in 'nosuch' 're' '-x list' '-N list' 'domid nosuch' 'list nosuch' 'list 77' 'pause'; do
    # shellcheck disable=SC2086 # words
    is "$(status_of ours $words)" "$(status_of "$real" $words)" "status of xl $words"
done
is "$(ours nosuch 2>&1)" "$("$real" nosuch 2>&1)" "words of a command that is not there"
is "$(ours list nosuch 2>&1)" "$("$real" list nosuch 2>&1)" "words of a domain that is not there"
is "$(ours domid nosuch 2>&1)" "$("$real" domid nosuch 2>&1)" "and of its number"
for words in 'list 77' 'list 99999' 'sched-credit2 -s -d 0' 'sched-credit2 -r 500' 'sched-credit2 -p Pool-0 -d 0' \
    'sched-rtds -v all' 'sched-rtds -p 100' 'sched-rtds --cpupool Pool-0 -d 0'; do
    # shellcheck disable=SC2086 # words
    is "$(ours $words 2>&1)" "$("$real" $words 2>&1)" "words of xl $words"
done
for words in 'cpupool-create -n' '-N cpupool-create'; do
    # shellcheck disable=SC2086 # words
    is "$(ours $words 'name="blue"' 2>&1)" "$("$real" $words 'name="blue"' 2>&1)" "words of xl $words"
done
is "$(ours info -n total_memory | sed 's/^free_memory.*//')" "$(ours info -n | sed 's/^free_memory.*//')" "info -n heeds no key"
fails "what is not for PVH is said" 'is for HVM domains' ours vncviewer 0
fails "what is missing yet, too" 'not supported by pvhd yet' ours save 0 /tmp/x

# The same config by both. UUIDs and what only libxl knows of are left out of the comparison.
head -c $((1 << 20)) /dev/zero >"$WORK/image"
ip link add xenbr0 type bridge && ip link set xenbr0 up
described() {
    config "$1" 'memory = 16' 'maxmem = 32' 'vcpus = 2' 'maxvcpus = 3' 'cpu_weight = 300' 'on_crash = "preserve"' 'on_reboot = "destroy"' \
        'extra = "a b=c"' "disk = [ 'file:$WORK/image,xvda,r' ]" "vif = [ 'mac=00:16:3e:11:22:33,bridge=xenbr0' ]"
}
succeeds "xl creates one" create_with xl "$(described theirs)"
succeeds "we create one, in xl's words" ours create --quiet --defconfig "$(described same "disk = [ 'file:$WORK/image,xvda,r' ]")"
shape() {
    jq -S --arg name "$1" '.[] | select(.config.c_info.name == $name) | .config | del(.c_info.name, .c_info.uuid) | del(.. | nulls)' <<<"$2"
}
"$real" list -l >"$WORK/long.xl" && ours list -l >"$WORK/long.ours"
theirs=$(shape theirs "$(cat "$WORK/long.xl")") same=$(shape same "$(cat "$WORK/long.ours")")
# Every value of ours is a value of xl's, at the same place.
missing=$(jq -n --argjson a "$same" --argjson b "$theirs" '[$a | paths(scalars) as $p | select(getpath($p) != ($b | getpath($p))) | ($p | map(tostring) | join("."))]' -c)
is "$missing" '[]' "list -l: what we say, xl says"
[ "$missing" = '[]' ] || { diag "xl: $theirs"; diag "ours: $same"; }
unsaid=$(jq -n --argjson a "$theirs" --argjson b "$same" '[$a | paths(scalars) as $p | select(getpath($p) != ($b | getpath($p))) | ($p | map(tostring) | join("."))]' -c)
diag "xl says besides: $unsaid"
like "$(shape theirs "$(cat "$WORK/long.ours")" | jq -r .b_info.kernel)" '/guest/tiny' "xl's own domain is listed from its notes"
is "$(grep -cE '^    \{$|^        "domid":' "$WORK/long.ours")" $(($(grep -cE '^    \{$|^        "domid":' "$WORK/long.xl") + 2)) "the lines that xendomains looks for, also of the one that xl knows nothing of"
is "$(ours create -qn "$(described dry)" | sed -n 's/^.*"name": "\(.*\)",$/\1/p')" dry "create -n names the domain where xendomains looks"
is "$(ours create memory=24 -qnf "$(described dry)" | jq .b_info.target_memkb)" 24576 "an assignment may stand before -qnf FILE"
(for _ in 1 2 3 4 5; do
    pvhctl create -q "$(config brief)" && pvhctl destroy brief
done) >"$WORK/brief" 2>&1 &
churn=$! looks=0 failed=0
while kill -0 "$churn" 2>/dev/null; do
    looks=$((looks + 1))
    ours list -l >/dev/null 2>>"$WORK/long.failed" || failed=$((failed + 1))
done
wait "$churn"
is "$failed" 0 "list -l, $looks times while a domain came and went" || diag "$(cat "$WORK/long.failed")"
destroy_with xl theirs # which knows its scripts
destroy_with pvhctl same
ip link del xenbr0

# Xen's own script. It calls /usr/sbin/xl.
script=$(ls /usr/lib/xen-*/bin/xendomains 2>/dev/null | head -n1)
if [ -z "$script" ]; then
    skip "xendomains" "dom0 has no xendomains"
else
    mkdir -p /etc/xen/auto /etc/default
    printf 'XENDOMAINS_AUTO=/etc/xen/auto\nXENDOMAINS_AUTO_ONLY=true\nXENDOMAINS_SAVE=\nXENDOMAINS_RESTORE=false\nXENDOMAINS_MIGRATE=\nXENDOMAINS_SHUTDOWN="--wait"\nXENDOMAINS_STOP_MAXWAIT=60\nXENDOMAINS_CREATE_USLEEP=100000\n' >/etc/default/xendomains
    for name in one two; do
        cp "$(linux_config auto$name 'kernel = "/guest/vmlinuz-lz4"' 'vcpus = 1' 'extra = "console=hvc0 pvh.do=idle"')" /etc/xen/auto/$name.cfg
    done
    [ ! -e /usr/sbin/xl ] || mv /usr/sbin/xl /usr/sbin/xl.real
    ln -s "$(command -v pvhctl)" /usr/sbin/xl
    bash "$script" start >"$WORK/started" 2>&1
    is "$?" 0 "xendomains start" || diag "$(cat "$WORK/started")"
    is "$(pvhctl --json list | jq -c '[.domains[] | select(.name | startswith("auto")) | [.name, .managed]]')" '[["autoone",true],["autotwo",true]]' "its domains are there, and pvhd's"
    within 90 "they are up" eval 'console_says autoone "^guest: ready" && console_says autotwo "^guest: ready"'
    bash "$script" status >"$WORK/told" 2>&1
    is "$?" 0 "xendomains status: all run" || diag "$(cat "$WORK/told")"
    bash "$script" stop >"$WORK/stopped" 2>&1
    is "$?" 0 "xendomains stop" || diag "$(cat "$WORK/stopped")"
    is "$(pvhctl --json list | jq -c '[.domains[] | select(.name | startswith("auto")) | .name]')" '[]' "they are gone"
    rm -f /usr/sbin/xl
    [ ! -e /usr/sbin/xl.real ] || mv /usr/sbin/xl.real /usr/sbin/xl
    rm -rf /etc/xen/auto /etc/default/xendomains
fi

# Ganeti takes exactly six fields of each line behind the header, and keys of info up to the first colon.
# [lib/hypervisor/hv_xen.py _ParseInstanceList, _ParseNodeInfo]
succeeds "one to be parsed" ours create --quiet "$(config parsed)"
is "$(ours list | awk 'NR > 1 && NF != 6' | wc -l)" 0 "each line of xl list has six fields"
like "$(ours list | awk '$1 == "parsed" {print $2 ":" $3 ":" $4 ":" $6}')" '^[0-9]+:[0-9]+:1:[0-9.]+$' "numbers where they belong"
for key in total_memory free_memory nr_cpus nr_nodes cores_per_socket threads_per_core; do
    like "$(ours info | sed -n "s/^$key *: *//p")" '^[0-9]+$' "info has $key"
done
# The Xen agent of Pacemaker: monitor, memory. [heartbeat/Xen]
is "$(status_of ours list parsed)" 0 "xl list NAME of one that runs"
is "$(status_of ours list none)" 1 "and of one that does not"
like "$(ours info | awk '/total_memory/{printf("%d\n",$3);exit(0)}')" '^[1-9][0-9]*$' "total_memory as the third word"
succeeds "xl mem-set" ours mem-set parsed 4
succeeds "xl destroy" ours destroy parsed
