#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# outside.sh PVHCTL STUB: compare.sh on a machine without Xen, with an xl to which xl_without_xen.cpp's STUB stands for it.
# xl is $PVH_XL, Debian's package, or the one that the lab has unpacked. Ends with 77, which CTest counts as skipped, where
# there is none.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
pvhctl=$1 stub=$2

skipped() {
    echo "SKIP: $*"
    exit 77
}

command -v jq >/dev/null || skipped "jq is not installed"
for xl in "${PVH_XL:-}" /usr/lib/xen-4.17/bin/xl "$root/build/cache/xen/usr/lib/xen-4.17/bin/xl"; do
    [ ! -x "$xl" ] || break
done
[ -x "$xl" ] || skipped "no xl of Xen 4.17, the one that tests/corpus/differences is about"
! ldd "$xl" | grep 'not found' || skipped "xl's libraries are not installed"

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
export LAB=$root/tests/lab LAB_PATIENCE=1 SCENARIO=configs TAP=$WORK/tap
exec 9>&1
# shellcheck source=tests/lab/lib.sh
. "$LAB/lib.sh"
# shellcheck source=tests/corpus/compare.sh
. "$root/tests/corpus/compare.sh"
xl() { LD_PRELOAD=$stub "$xl" "$@"; }
pvhctl() { "$pvhctl" "$@"; }

cd "$WORK" || exit
compare_configs "$root/tests/corpus"
like "$(grep -c '^ok - ' "$TAP")" '^6$' "every check was made"
! grep '^not ok' "$TAP"
