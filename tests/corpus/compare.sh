# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# compare_configs CORPUS: its configs by xl's own reader and by ours, as the commands xl and pvhctl; they agree, or the
# difference is listed with its reason. Sourced after tests/lab/lib.sh, by scenario 35 in the lab and by outside.sh.
#
# 1. Accepted or refused alike, but for what CORPUS/differences lists; and what it lists does differ.
# 2. Of those that both accept, every field is the same: memory, vCPUs, command line, actions, affinity, disks, vifs, ...

compare_configs() {
    local corpus=$1 file name status both
    pvhctl check --json "$corpus/good" "$corpus/bad" >"$WORK/ours.json" 2>/dev/null
    jq -r '.files[] | "\(.file | split("/")[-1] | rtrimstr(".cfg")) \(if .sound then "accepts" else "refuses" end)"' "$WORK/ours.json" | sort >"$WORK/ours"
    is "$(cd "$corpus" && printf '%s\n' good/* | sed 's,.*/,,; s/\.cfg$/ accepts/' | grep -vxFf "$WORK/ours")" "" "ours accepts every good one"
    is "$(cd "$corpus" && printf '%s\n' bad/* | sed 's,.*/,,; s/\.cfg$/ refuses/' | grep -vxFf "$WORK/ours")" "" "ours refuses every bad one"

    mkdir "$WORK/xl"
    for file in "$corpus"/good/*.cfg "$corpus"/bad/*.cfg; do
        name=${file##*/} name=${name%.cfg} status=0
        xl -N create -q "$file" >"$WORK/xl/$name.json" 2>>"$WORK/xl.said" || status=$?
        [ "$status" = 0 ] || rm "$WORK/xl/$name.json"
        case $status in
        0) echo "$name accepts" ;;
        1) echo "$name refuses" ;;
        *) echo "$name status=$status" ;; # died: nobody lists that as a verdict
        esac
    done | sort >"$WORK/xls"
    awk 'NR == FNR {xl[$1] = $2; next} {print $1, xl[$1], $2}' "$WORK/xls" "$WORK/ours" >"$WORK/both"
    is "$(awk '$2 != $3 {print $1 ": xl " $2 ", ours " $3}' "$WORK/both")" \
        "$(sed -nE 's/^([a-z0-9-]+: xl [a-z]+, ours [a-z]+); .*/\1/p' "$corpus/differences" | sort)" \
        "verdicts differ where and as tests/corpus/differences says"

    jq -r -f "$corpus/xl-config.jq" "$WORK"/xl/*.json | sort >"$WORK/xl.fields"
    jq -r --arg directory "$PWD" -f "$corpus/our-config.jq" "$WORK/ours.json" | sort >"$WORK/our.fields"
    both=$(awk '$2 == "accepts" && $3 == "accepts" {print $1}' "$WORK/both")
    only_both() { awk 'NR == FNR {both[$1]; next} $1 in both' <(echo "$both") "$1"; }
    is "$(diff <(only_both "$WORK/xl.fields") <(only_both "$WORK/our.fields") | grep '^[<>]')" "" "every field is the same"
    like "$(wc -w <<<"$both")" '^([6-9][0-9]|1[0-9][0-9])$' "more than 60 configs were compared"
    like "$(only_both "$WORK/our.fields" | wc -l)" '^[2-9][0-9]{3}$' "in thousands of fields"
}
