# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The doctor finds what is wrong with a dom0, and metrics tell what xl tells.
# limit: 150
#
# 1. In a dom0 that works nothing fails, and the warnings are those that hold here.
# 2. Each thing broken on purpose is found, with what to do about it; mended, it is ok again.
# 3. Without pvhd that is what is said, with status 17, and the rest is looked at all the same.
# 4. Metrics keep the text format, also where names are hostile, and agree with xl list and xl info.
# 5. What a guest reads from its disk and receives from its interface is counted as its own.

# ---- the doctor ----------------------------------------------------------------------------------------------------

doctor() { pvhctl doctor --json >"$WORK/doctor" 2>"$WORK/doctor.err"; }
# of CHECK MEMBER: what the last doctor said.
of() { jq -r --arg name "$1" ".checks[] | select(.name == \$name) | .$2" "$WORK/doctor"; }
# in_peace: the doctor, when a read of xenstored did not take long just then because others had the CPU; $status is its own.
in_peace() { doctor; status=$?; [ "$(of xenstored status)" != warn ]; }
words() { jq -r --arg status "$1" '[.checks[] | select(.status == $status) | .name] | sort | join(" ")' "$WORK/doctor"; } # STATUS

# Other scenarios may have left QEMU and a bridge, which are looked at below.
qemu=/usr/libexec/xen-qemu-system-i386
[ ! -e $qemu ] || mv $qemu $qemu.away
bridges() { ls -d /sys/class/net/*/bridge 2>/dev/null; }
is "$(bridges)" "" "dom0 has no bridge"

poll $((10 * patience)) in_peace
is "$status" 0 "in a dom0 that works the doctor's status is 0"
diag "$(pvhctl doctor)"
is "$(words fail)" "" "nothing fails"
is "$(words warn)" "bridge qemu" "the warnings are those that hold here"
like "$(of xenstored message)" "^$([ "$LAB_XENSTORED" = c ] && echo xenstored || echo oxenstored) answered a read in [0-9]+ us" "which xenstored it is"
like "$(of xen_version message)" "^Xen $(xl info xen_version), pvhd built for 4\." "Xen's version and that of the libraries"
like "$(of memory message)" " of $(xl info total_memory) MiB free" "how much memory there is"
like "$(of dom0_memory message)" "^dom0 owns $(xl list | awk '$2 == 0 {print $3}') of " "and dom0 has"
is "$(jq '[.checks[] | select((.status == "ok") != (.hint == ""))] | length' "$WORK/doctor")" 0 "a hint for all that is not ok, and only for that"
is "$(jq '[.checks[].name] | (unique | length) == length' "$WORK/doctor")" true "each check has its own name"
is "$(pvhctl doctor | grep -cE '^(ok|warn|fail) +[a-z0-9_]+ ')" "$(jq '.checks | length' "$WORK/doctor")" "as text a line for each"

# broken WHAT CHECK STATUS HINT EXIT: what is broken by moving a file away.
broken() {
    mv "$1" "$1.away"
    doctor
    is "$?" "$5" "without $1 the status is $5"
    mv "$1.away" "$1"
    is "$(of "$2" status)" "$3" "and $2 is $3"
    like "$(of "$2" hint)" "$4" "with its hint"
}
broken /dev/xen/gntdev gntdev fail 'modprobe xen-gntdev' 1
broken /dev/xen/gntalloc gntalloc warn 'modprobe xen-gntalloc' 0
broken /dev/loop-control loop warn 'modprobe loop' 0
stop_pvhconsoled
doctor
is "$(of pvhconsoled status)" warn "without pvhconsoled that is a warning"
like "$(of pvhconsoled hint)" 'start pvhconsoled' "with its hint"
start_pvhconsoled
ip link add xenbr0 type bridge && ip addr add 10.7.0.1/24 dev xenbr0 && ip link set xenbr0 up
doctor
is "$(of bridge status) $(of bridge message)" "ok xenbr0" "a bridge is seen once it is there"
like "$(of bridge hint)" '^$' "and no hint given any more"
is "$(words fail)" "" "all that was broken is whole again"

stop_pvhd
pvhctl doctor >"$WORK/doctor.text" 2>"$WORK/doctor.err"
is "$?" 17 "without pvhd the status is 17"
like "$(cat "$WORK/doctor.text")" '^fail +pvhd +.*/run/pvhd/pvhd.sock' "which is what the doctor says"
like "$(cat "$WORK/doctor.text")" 'hint: is pvhd running' "with its hint"
is "$(cat "$WORK/doctor.err")" "" "and nothing beside"
for check in dom0 rights privcmd xenstored xenconsoled pvhconsoled bridge; do
    like "$(cat "$WORK/doctor.text")" "^ok +$check " "$check is looked at all the same"
done
fails "without Xen's devices it says so" '^fail +privcmd +open /dev/xen/privcmd: No such file' \
    unshare -m sh -c 'mount -t tmpfs none /dev/xen && exec pvhctl doctor'
fails "there are no metrics without pvhd" 'pvhd' pvhctl metrics
start_pvhd

# ---- metrics -------------------------------------------------------------------------------------------------------

# A reader of the format that takes nothing else: prints each fault.   [prometheus.io, exposition formats, 0.0.4]
check_format() {
    awk '
        function fault(why) { print "line " NR ": " why ": " $0 }
        $0 == "" { fault("empty"); next }
        /^# HELP [a-z_]+ ./ { if ($3 in told) fault("told twice"); told[$3] = 1; family = $3; type = ""; next }
        /^# TYPE [a-z_]+ (counter|gauge|histogram)$/ { if ($3 != family || type != "") fault("TYPE does not follow HELP"); type = $4; next }
        /^#/ { fault("a comment of its own"); next }
        {
            rest = $0
            if (!match(rest, /^[a-zA-Z_:][a-zA-Z0-9_:]*/)) { fault("no name"); next }
            name = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
            base = name
            if (type == "histogram") sub(/_(bucket|sum|count)$/, "", base)
            if (base != family || type == "") fault("out of its family")
            if (type == "counter" && name !~ /_total$/) fault("a counter that is not called _total")
            labels = ""
            if (substr(rest, 1, 1) == "{") {
                if (!match(rest, /^\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\\\|\\"|\\n)*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\\\|\\"|\\n)*")*\}/)) { fault("labels"); next }
                labels = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
            }
            if (rest !~ /^ [0-9]+(\.[0-9]+)?$/) fault("value")
            if ((name labels) in seen) fault("twice")
            seen[name labels] = 1
        }
        END { if (NR < 30) print "only " NR " lines" }' "$1"
}
metrics() { pvhctl metrics >"$WORK/metrics"; }
# value BEGIN: of the one line of the last metrics that begins so, labels in any order behind it left out.
value() { awk -v begin="$1" 'index($0, begin) == 1 {print $NF}' "$WORK/metrics"; }
# of_domain FAMILY NAME [MORE]: of a domain.
of_domain() { grep "^$1{name=\"$2\"," "$WORK/metrics" | grep -F -- "${3:-}" | awk '{print $NF}'; }
near() { # GOT WANTED SLACK OUTCOME
    awk -v got="$1" -v wanted="$2" -v slack="$3" 'BEGIN {exit !(got != "" && got - wanted <= slack && wanted - got <= slack)}' && ok "$4" ||
        { not_ok "$4" || diag "got: $1, wanted: $2 within $3"; }
}

succeeds "a tiny guest is created" create_with pvhctl "$(config tiny1)" || return
succeeds "metrics" metrics
cp "$WORK/metrics" "$OUT/metrics" # for who wants to see it
is "$(check_format "$WORK/metrics")" "" "the text keeps the format"
xl list >"$WORK/xl"
listed() { awk -v name="$1" -v column="$2" '$1 == name {print $column}' "$WORK/xl"; } # NAME COLUMN
for domain in Domain-0 tiny1; do
    near "$(($(of_domain pvhd_domain_memory_bytes $domain) >> 20))" "$(listed $domain 3)" 1 "$domain has the memory that xl list shows"
    is "$(of_domain pvhd_domain_vcpus_online $domain)" "$(listed $domain 4)" "and its vCPUs"
    near "$(of_domain pvhd_domain_cpu_seconds_total $domain)" "$(listed $domain 6)" $((3 * patience)) "and its time"
done
is "$(of_domain pvhd_domain_info tiny1 'managed="true"')$(of_domain pvhd_domain_info Domain-0 'managed="false"')" 11 "whose they are"
is "$(grep -c '^pvhd_domain_state{name="tiny1",.* 1$' "$WORK/metrics")" 1 "it is in one state"
near "$(($(value 'pvhd_host_memory_free_bytes ') >> 20))" "$(free_memory)" 1 "the host has as much free memory as xl info says"
is "$(($(value 'pvhd_host_memory_bytes ') >> 20))" "$(xl info total_memory)" "and as much in all"
is "$(value 'pvhd_host_cpus ')" "$(xl info nr_cpus)" "and as many CPUs"
is "$(value 'pvhd_domains_managed ') $(value 'pvhd_creates_total ')" "1 1" "pvhd counts what it made"
is "$(value 'pvhd_create_stage_seconds_count{stage="kernel"}')" 1 "and its stages"
is "$(value 'pvhd_events_total ')" "$(pvhctl events --json | jq -s '.[-1].seq')" "and events"
near "$(value 'pvhd_open_fds ')" "$(find "/proc/$(pvhd_pid)/fd" -type l | wc -l)" 2 "its descriptors"
near "$(($(value 'pvhd_resident_memory_bytes ') >> 10))" "$(awk '/^VmRSS/ {print $2}' "/proc/$(pvhd_pid)/status")" 4096 "its memory"

# What is in a name is in a label, and the format holds.
xl rename tiny1 'ti"ny\1'
renamed() { metrics && grep -qF 'name="ti\"ny\\1"' "$WORK/metrics"; }
within 5 "a name with quotes is escaped" renamed
is "$(check_format "$WORK/metrics")" "" "and the format holds"
pvhctl destroy "$(xl domid 'ti"ny\1')"
pvhctl destroy nobody 2>/dev/null
metrics
is "$(value 'pvhd_destroys_total{by="client"}') $(value 'pvhd_errors_total{code="not_found"}')" "1 1" "what ended is counted, and what failed"
unlike "$(cat "$WORK/metrics")" '^pvhd_domain_info\{name="ti' "who is gone is not told of"

# Devices, as the guest sees them.
head -c $((4 << 20)) /dev/urandom >"$WORK/disk.img"
initrd=$(answering | with_job /guest/devices.cpio)
succeeds "a Linux guest with a disk and an interface is created" pvhctl create \
    "$(linux_config carrier "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' "disk = [ '$WORK/disk.img,raw,xvdb,w' ]" "vif = [ 'vifname=mine' ]")" || return
within 60 "it listens" console_says carrier '^guest: listens' || return
ask carrier 'disk xvdb; interface eth0; ip link set eth0 up; ip addr add 10.7.0.2/24 dev eth0' >/dev/null
metrics
read_before=$(of_domain pvhd_domain_disk_read_bytes_total carrier) written_before=$(of_domain pvhd_domain_disk_written_bytes_total carrier)
received_before=$(of_domain pvhd_domain_network_receive_bytes_total carrier) sent_before=$(of_domain pvhd_domain_network_transmit_bytes_total carrier)
is "$(ask carrier 'sum xvdb')" "$(sha256sum <"$WORK/disk.img" | cut -d' ' -f1)" "it reads its disk"
ask carrier 'dd if=/dev/zero of=/dev/xvdb bs=64k count=16 conv=fsync' >/dev/null
/guest/load receive 5000 >"$WORK/received" &
ask carrier 'load send 10.7.0.1 5000 1s' >/dev/null
wait $!
metrics
is "$(check_format "$WORK/metrics")" "" "the format holds"
is "$(grep '^pvhd_domain_disk_read_bytes_total{name="carrier"' "$WORK/metrics" | grep -c 'device="xvdb"')" 1 "the disk has its name"
near "$(($(of_domain pvhd_domain_disk_read_bytes_total carrier) - read_before))" $((4 << 20)) $((1 << 20)) "what it has read is counted"
near "$(($(of_domain pvhd_domain_disk_written_bytes_total carrier) - written_before))" $((1 << 20)) $((256 << 10)) "what it has written, too"
sent_by_count=$(($(of_domain pvhd_domain_network_transmit_bytes_total carrier) - sent_before))
received_by_count=$(($(of_domain pvhd_domain_network_receive_bytes_total carrier) - received_before))
diag "dom0 received: $(cat "$WORK/received"); counted as sent: $sent_by_count, as received: $received_by_count"
[ "$sent_by_count" -gt $((10 * received_by_count)) ] && ok "what it sends is counted as sent, not as received" || not_ok "what it sends is counted as sent, not as received"
near "$(of_domain pvhd_domain_network_transmit_bytes_total carrier)" "$(cat /sys/class/net/mine/statistics/rx_bytes)" 2000 "as dom0's end counts it, also of an interface with a name of its own"
succeeds "destroy" pvhctl destroy carrier
ip link del xenbr0
[ ! -e $qemu.away ] || mv $qemu.away $qemu
