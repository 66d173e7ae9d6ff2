#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The rooms and whom each may include: an include may only point down. Prints each one that does not; exit 1 if any.
set -euo pipefail
cd "$(dirname "$0")/.."

# room: folders it may include from, itself apart
declare -A allowed=(
    [libdomain/core]=""
    [libdomain/spec]="libdomain/core"
    [libdomain/image]="libdomain/core"
    [libdomain/boot]="libdomain/core libdomain/spec libdomain/image"
    [libdomain/xen]="libdomain/core"
    [libdomain/device]="libdomain/core libdomain/spec libdomain/xen"
    [libdomain/linux]="libdomain/core libdomain/spec libdomain/device libdomain/xen"
    [libdomain/build]="libdomain/core libdomain/spec libdomain/boot libdomain/device libdomain/xen libdomain"
    [libdomain]="libdomain/core libdomain/spec libdomain/boot libdomain/device libdomain/build libdomain/xen"
    [libdomain/doctor]="libdomain/core libdomain/device libdomain/xen libdomain/linux"
    [config]="libdomain/core libdomain/spec config/options config/devices"
    [config/options]="libdomain/core libdomain/spec config config/devices"
    [config/devices]="libdomain/core libdomain/spec config"
    [rpc]="libdomain/core libdomain/spec"
    [daemon]="libdomain libdomain/core libdomain/spec libdomain/image libdomain/boot libdomain/device libdomain/build libdomain/xen libdomain/linux libdomain/doctor config rpc"
    [daemon/console]="daemon rpc libdomain libdomain/core libdomain/device libdomain/xen"
    [cli]="libdomain/core libdomain/spec config rpc cli/commands cli/xl tests/probe"
    [cli/commands]="libdomain/core libdomain/spec libdomain/doctor config rpc cli cli/xl"
    [cli/xl]="libdomain/core libdomain/spec rpc cli"
)
# Only this room sees Xen's own headers; of xen/ everybody else sees the interfaces.
xen_interfaces="hypervisor.h host_cpus.h guest_ring.h store.h store_watch.h open.h"

bad=0
complain() {
    echo "$1"
    bad=1
}

for room in "${!allowed[@]}"; do
    for file in "$room"/*.h "$room"/*.cpp; do
        [ -e "$file" ] || continue
        while IFS=: read -r line include; do
            target=$(dirname "$include")
            [ "$target" = "$room" ] && continue
            [ "$target" = . ] && continue # generated
            [[ " ${allowed[$room]} " == *" $target "* ]] || complain "$file:$line: $room may not include $include"
            if [ "$target" = libdomain/xen ] && [[ " $xen_interfaces " != *" $(basename "$include") "* ]]; then
                complain "$file:$line: $include is private to libdomain/xen"
            fi
        done < <(grep -nE '^#include "' "$file" | sed -E 's/^([0-9]+):#include "([^"]+)".*/\1:\2/')
        if [ "$room" != libdomain/xen ]; then
            while IFS=: read -r line text; do
                complain "$file:$line: only libdomain/xen may include Xen's headers: $text"
            done < <(grep -nE '^ *#include <xen' "$file" || true)
        fi
    done
done
[ "$bad" = 0 ] && echo "every include points down"
exit "$bad"
