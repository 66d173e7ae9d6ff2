# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Every example makes a domain, with a kernel that this dom0 has.
# limit: 90
#
# 1. Each is created, listed by its name, and destroyed.

# Bridges, volumes and directories of the examples.
for bridge in xenbr0 storage; do ip link add "$bridge" type bridge; done
ip link set storage mtu 9000
with_qemu
mkdir -p /srv/share
head -c 65536 /dev/zero | tee "$WORK/a.img" >"$WORK/b.img"

count=0
for file in /lab/examples/*.cfg; do
    name=$(sed -n 's/^name *= *"\(.*\)".*/\1/p' "$file")
    disks=()
    ! grep -q '^disk' "$file" || disks=("disk=[ '$WORK/a.img,raw,xvda,rw', '$WORK/b.img,raw,xvdb,ro' ]")
    succeeds "$(basename "$file") makes a domain" pvhctl create -q "$file" kernel=/guest/tiny 'ramdisk=""' "${disks[@]}"
    is "$(pvhctl list "$name" | awk 'NR == 2 {print $1}')" "$name" "it is listed as $name"
    pvhctl destroy "$name"
    count=$((count + 1))
done
like "$count" '^1[2-9]$' "there is a dozen of them"
for bridge in xenbr0 storage; do ip link del "$bridge"; done
