# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# CPU pools and NUMA nodes of the host, by pvhctl and by xl side by side.
# needs: cpus=4 numa=2 xen-cmdline=dom0_max_vcpus=4 long
# limit: 300
#
# 1. What both print of nodes, pools and schedulers is equal.
# 2. A pool of ours and one of xl's leave the same in xenstore; each shows the other's, with its scheduler's parameters.
# 3. A domain is created in a pool, moves to another, and stays there when it reboots.
# 4. What cannot be is said, and changes nothing.
# 5. A pool for each node; afterwards all is as it was.

# shellcheck source=tests/lab/same.sh
. "$LAB/same.sh"

# One of dom0's vCPUs is enough, and does not move between two looks.
vcpus_of_dom0() { pvhctl --no-headers vcpu-list 0 | grep -vc -- ' --p '; }
succeeds "dom0 uses one of its vCPUs" pvhctl vcpu-set 0 1
within 20 "the others are down" eval '[ "$(vcpus_of_dom0)" = 1 ]'
# Without their event channels, and with the nodes that they are asked by.
remember "$WORK/before"

cpus_of() { pvhctl --json cpupool-list | jq -c --arg name "$1" '.pools[] | select(.name == $name) | .cpus'; }
is "$(pvhctl info nr_nodes) $(cpus_of Pool-0)" "2 [0,1,2,3]" "this host has two nodes and four CPUs in one pool"
for command in info 'info -n' list 'list -n' 'cpupool-list -c'; do
    # shellcheck disable=SC2086 # words
    same $command
done

# CPUs in no pool.
fails "a CPU that is in a pool" 'CPU 2 is in CPU pool "Pool-0"' pvhctl cpupool-create name=blue 'cpus=["2"]'
fails "a CPU that is not there" 'names no CPU' pvhctl cpupool-cpu-add Pool-0 9
succeeds "CPUs are taken out" pvhctl cpupool-cpu-remove Pool-0 2-3
same cpupool-list -c
fails "the last ones stay" 'is needed in' pvhctl cpupool-cpu-remove Pool-0 0-1
is "$(cpus_of Pool-0)" "[0,1]" "and all of them do"
same info free_cpus

# A pool by each. Both run credit2: under credit, Xen 4.17.7 itself dies of a page fault in credit.c csched_tick soon after xl
# has made such a pool.
cat >"$WORK/pool.cfg" <<'EOF'
name = "blue"
sched = "credit2"
cpus = ["2", "3"]
EOF
nodes_of() { xenstore-ls /local/pool/1 | sed -E 's/"[0-9a-f]{8}-.*"/UUID/'; }
same cpupool-create -n "$WORK/pool.cfg"
xl cpupool-create "$WORK/pool.cfg" >"$WORK/theirs"
nodes_of >"$WORK/nodes"
pvhctl cpupool-list >"$WORK/list"
pvhctl sched-credit2 -s -p blue >"$WORK/params"
succeeds "we end xl's" pvhctl cpupool-destroy blue
is "$(xenstore-exists /local/pool/1 || echo gone)" gone "of which nothing is left"
pvhctl cpupool-create "$WORK/pool.cfg" >"$WORK/ours"
is "$(cat "$WORK/ours")" "$(cat "$WORK/theirs")" "we make it with the same words"
is "$(nodes_of)" "$(cat "$WORK/nodes")" "the same nodes"
is "$(xl cpupool-list)" "$(cat "$WORK/list")" "and the same line in lists"
is "$(xl sched-credit2 -s -p blue)" "$(cat "$WORK/params")" "and the same parameters"
for command in cpupool-list 'cpupool-list -c' sched-credit sched-credit2 'sched-credit2 -p blue' 'sched-credit2 -s -p blue' 'sched-credit2 -s' sched-rtds; do
    # shellcheck disable=SC2086 # words
    same $command
done
fails "a name that is taken" 'there is a CPU pool "blue"' pvhctl cpupool-create name=blue
fails "a scheduler that this Xen has not" 'this Xen has no scheduler rtds' pvhctl cpupool-create name=x sched=rtds
fails "one that nobody has" 'there is no scheduler "fair"' pvhctl cpupool-create name=x sched=fair
same cpupool-list
succeeds "a rate limit" pvhctl sched-credit2 -s -p blue -r 500
like "$(xl sched-credit2 -s -p blue)" 'ratelimit=500us' "xl shows it"
succeeds "xl sets another" xl sched-credit2 -s -p blue -r 2000
like "$(pvhctl sched-credit2 -s -p blue)" 'ratelimit=2000us' "pvhctl shows it"
fails "one that is too short" 'does not take ratelimit_us 5' pvhctl sched-credit2 -s -p blue -r 5
fails "credit2 has no time slice" 'does not run credit' pvhctl sched-credit -s -t 5

# Domains.
succeeds "a domain in the pool" pvhctl create "$(config inside 'pool = "blue"' 'on_reboot = "restart"' 'kernel = "/guest/tiny"')"
succeeds "one of xl's moves there" create_with xl "$(config theirs)"
succeeds "by pvhctl" pvhctl cpupool-migrate theirs blue
same list -c
same cpupool-list
same vcpu-list
fails "the pool cannot be ended" 'CPU pool "blue" has 2 domains' pvhctl cpupool-destroy blue
succeeds "it gets another name" pvhctl cpupool-rename blue red
id=$(domid_of inside)
pvhctl reboot --force inside
within 20 "the domain starts anew" lives_anew inside "$id"
pool_of() { xl list -c "$1" | awk 'NR == 2 {print $NF}'; }
is "$(pool_of inside)" red "in the pool that has another name"
succeeds "it moves" pvhctl cpupool-migrate inside Pool-0
id=$(domid_of inside)
pvhctl reboot --force inside
within 20 "and starts anew" lives_anew inside "$id"
is "$(pool_of inside)" Pool-0 "where it is"
fails "a pool that is not there" 'there are: Pool-0 \(0\), red \(1\)' pvhctl cpupool-migrate inside green
pvhctl destroy inside
xl destroy theirs
succeeds "the pool is ended" pvhctl cpupool-destroy red
succeeds "its CPUs go back" pvhctl cpupool-cpu-add Pool-0 node:1
same cpupool-list -c

# A pool for each node.
succeeds "dom0 uses all its vCPUs" pvhctl vcpu-set 0 4
# Xen's part is done; the kernel waits until udev, of which this dom0 has none, asks for each that has come.
come_up() {
    for online in /sys/devices/system/cpu/cpu[123]/online; do echo 1 >"$online"; done 2>/dev/null
    [ "$(vcpus_of_dom0)" = 4 ]
}
within 20 "which come up when they are asked for" come_up
succeeds "the host is split by nodes" pvhctl cpupool-numa-split
is "$(cpus_of Pool-node0)$(cpus_of Pool-node1)" "[0,1][2,3]" "each has its CPUs"
is "$(vcpus_of_dom0)" 2 "dom0 has as many vCPUs as its pool has CPUs"
succeeds "and then one" pvhctl vcpu-set 0 1
within 20 "again" eval '[ "$(vcpus_of_dom0)" = 1 ]'
same cpupool-list
fails "it cannot be split again" 'already cpupools in use' pvhctl cpupool-numa-split
succeeds "a domain on the second" pvhctl create "$(config far 'pool = "Pool-node1"')"
same list -c -n
pvhctl destroy far
pvhctl cpupool-destroy Pool-node1
pvhctl cpupool-cpu-add 0 2-3
pvhctl cpupool-rename 0 Pool-0
is "$(cpus_of Pool-0)" "[0,1,2,3]" "all is as it was"
