# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Virtual NUMA on a host with two nodes: Xen keeps what the config says, memory comes from the right node, the guest sees it.
# needs: numa=2 long
# limit: 150
#
# 1. xl's builder cannot do it for PVH: it takes Xen's answer to its question for sizes (ENOBUFS) for a failure. So there
#    is nothing to compare with, and the config is what all is held against.
# 2. Xen has the topology, takes each node's memory from the node of the host that it is on.
# 3. Linux finds the nodes, with their vCPUs, memory and distances.
# 4. The probe finds SRAT and SLIT right: memory that is RAM, APICs that are the vCPUs'.
# 5. A node of the host that there is not is one clear error, and so is one that is too small; nothing is left.

# shellcheck source=tests/lab/probe.sh
. "$LAB/probe.sh"

is "$(xl info | awk '$1 == "nr_nodes" {print $3}')" 2 "this host has two NUMA nodes"

vnuma='vnuma = [ ["pnode=1", "size=192", "vcpus=0,2", "vdistances=10,21"], ["pnode=0", "size=128", "vcpus=1", "vdistances=21,10"] ]'
file=$(linux_config numa "$vnuma" 'memory = 320' 'maxvcpus = 3' 'vcpus = 3' 'extra = "console=hvc0 pvh.do=report,idle"')
fails "xl cannot build it" 'xc_domain_getvnuma failed' create_with xl "$file"

# What Xen says about the memory and the virtual nodes of a domain.
numa_of() { # DOMID
    xl dmesg -c >/dev/null
    xl debug-keys u
    sleep 1
    xl dmesg | sed -E 's/^\(XEN\) (\[[^]]*\] )?//' | awk -v start="^Domain $1 |^d$1 |^Domain d$1 " '/^(Domain )?d?[0-9]+ / {it = $0 ~ start} it'
}

succeeds "pvhctl creates a Linux with two nodes" create_with pvhctl "$file" || return
domid=$(domid_of numa)
numa_of "$domid" >"$WORK/numa"
like "$(cat "$WORK/numa")" '2 vnodes, 3 vcpus' "Xen knows two virtual nodes"
on_node() { sed -nE "s/^ *Node $1: ([0-9]+).*/\1/p" "$WORK/numa" | head -n1; }
like "$(($(on_node 1) - 192 * 256))" '^-?[0-9]{1,2}$' "node 1 has 192 MiB of it, but for some pages of rings and tables"
like "$(($(on_node 0) - 128 * 256))" '^-?[0-9]{1,2}$' "node 0 has 128 MiB of it, likewise"

within 60 "Linux reports" console_says numa '^guest: report end'
seen() { console numa | sed -nE "s/^guest: ($1)/\1/p"; }
like "$(seen node)" '^node 0 cpus 0,2 distances 10 21 of 1[0-9]{5} kB$' "Linux finds its first node"
like "$(seen node)" '^node 1 cpus 1 distances 21 10 of 1[0-9]{5} kB$' "and its second"
is "$(seen 'acpi S[RL][AI]T')" "$(printf 'acpi SLIT 48\nacpi SRAT 176')" "SLIT and SRAT have the sizes of two nodes, three vCPUs and two ranges"
pvhctl destroy numa

run_probe pvhctl numa-probe probe64 64 3 "probe.run=memory,acpi" \
    'vnuma = [ ["pnode=1", "size=40", "vcpus=0,2", "vdistances=10,21"], ["pnode=0", "size=24", "vcpus=1", "vdistances=21,10"] ]' &&
    all_kept numa-probe ""
like "$(console numa-probe)" '^probe: [0-9]+ pass acpi.srat 5 entries' "the probe finds three vCPUs and two ranges in the SRAT"
like "$(console numa-probe)" '^probe: [0-9]+ pass acpi.slit 2 nodes' "and two nodes in the SLIT"

fails "a node that the host has not" 'vnuma node 0 is to be on NUMA node 7 of the host, which has 2' \
    create_with pvhctl "$(config far 'vnuma = [ ["pnode=7", "size=4", "vcpus=0", "vdistances=10"] ]')"
size=$(($(free_memory) - 64))
fails "a node with too little memory" 'all on NUMA node 1.*Xen had memory for' \
    create_with pvhctl "$(config big "vnuma = [ [\"pnode=1\", \"size=$size\", \"vcpus=0\", \"vdistances=10\"] ]" "memory = $size")"
is "$(leaks "$WORK/before")" "" "both leave nothing"
