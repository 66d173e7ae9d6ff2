#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# check_manuals.sh PVHD PVHCONSOLED: the manual pages against the programs, and against each other. Prints what is wrong; exit 1 if anything is.
#
# 1. What --help of a daemon lists, its page explains, and nothing else.
# 2. Every page has examples, and each page of ours that one names is there.
# 3. scdoc takes them all.
set -euo pipefail
cd "$(dirname "$0")/.."
found=0
wrong() {
    echo "$*"
    found=1
}

# "-h,--help" and "--socket PATH" are --help and --socket; on a page they begin a line.
for program in "$@"; do
    page=docs/man/$(basename "$program").8.scd
    while read -r option; do wrong "$page: $option: not the same in --help"; done < <(
        comm -3 <("$program" --help | grep -oE '^  (-[a-z],)?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+' | sort -u) \
            <(grep -E '^\*-' "$page" | grep -oE -- '--[a-z0-9-]+' | sort -u) | tr -d '\t'
    )
done

for page in docs/man/*.scd; do
    for heading in NAME EXAMPLES 'SEE ALSO'; do
        grep -qx "# $heading" "$page" || wrong "$page: no $heading"
    done
    while read -r name section; do
        [ -e "docs/man/$name.$section.scd" ] || wrong "$page: $name($section) is not there"
    done < <(grep -oE '\*pvh[a-z.]*\*\([0-9]\)' "$page" | tr '*()' '   ' | sort -u)
    scdoc <"$page" >/dev/null || wrong "$page: scdoc does not take it"
done

exit "$found"
