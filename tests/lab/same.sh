# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What xl and pvhctl print, to be compared byte for byte.

# Seconds of CPU time and of the clock go on between two looks; which domain, and which vCPU, runs or is blocked changes, and what memory is free moves.
masked() { sed -E 's/ [r-][b-]([p-][s-].[d-])/ ??\1/; s/ [r-][b-]([p-]) / ??\1 /; s/ [ 0-9]{6,8}\.[0-9]( |$)/ TIME\1/; s/^ [0-9:]{8} up / NOW up /; s/[0-9:]+:[0-9][0-9](,|$)/CLOCK\1/; s/(free_memory +: ).*/\1N/; s/^( +[0-9]+: +[0-9]+ +)[0-9]+( +[0-9,]+)$/\1N\2/'; }

# same COMMAND...: both print the same. Where they do not, and xl itself says another thing a moment later, something else has changed
# between the two: then both are asked again.
same() {
    for _ in 1 2 3 4 5; do
        xl "$@" >"$WORK/xl" 2>&1 </dev/null
        pvhctl "$@" >"$WORK/ours" 2>&1 </dev/null
        if cmp -s <(masked <"$WORK/xl") <(masked <"$WORK/ours"); then
            ok "$*: equal, $(wc -c <"$WORK/xl") bytes"
            return
        fi
        ! cmp -s <(masked <"$WORK/xl") <(xl "$@" 2>&1 </dev/null | masked) || break
    done
    not_ok "$*: equal"
    diff <(masked <"$WORK/xl") <(masked <"$WORK/ours") | head -n 20 | while IFS= read -r line; do diag "$line"; done
}
