# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What scenarios with the probe (tests/probe) share. Sourced by them, after lib.sh.

# Clauses that nobody can decide here: tr's base and limit cannot be read, and there are no NUMA tables. Without a module
# there is nothing to compare.
# shellcheck disable=SC2034
undecided='acpi.slit acpi.srat cpu.tr' without_module='start_info.module_cmdline start_info.module_content start_info.module_page'

# outcomes NAME WORD: ids of the clauses that passed, failed or were skipped, each once.
outcomes() { console "$1" | awk -v word="$2" '$1 == "probe:" && $3 == word {print $4}' | sort -u; }

probe_ended() { console_says "$1" '^probe: (end|exception) '; }

# run_probe TOOL NAME KERNEL MIB VCPUS OPTIONS [LINE...]: a whole life, to its own end.
run_probe() {
    succeeds "$2: $1 creates it" create_with "$1" "$(config "$2" "kernel = \"/guest/$3\"" "memory = $4" "vcpus = $5" \
        "extra = \"probe.memory=$4 probe.vcpus=$5 $6\"" "${@:7}")" || return
    within 30 "$2: it comes to its end" probe_ended "$2" || diag "$(console "$2" | tail -n5)"
    within 10 "$2: it powers off" gone "$2" || "$1" destroy "$2"
}

# all_kept NAME SKIPPED: every clause passed but for the skipped.
all_kept() {
    is "$(console "$1" | grep -E '^probe: ([0-9]+ fail|exception)')" "" "$1: no clause is broken"
    like "$(console "$1" | tail -n1)" '^probe: end passed=[0-9]{2,} failed=0 ' "$1: it has said so"
    is "$(outcomes "$1" skip)" "$(tr ' ' '\n' <<<"$2")" "$1: skipped is what cannot be decided"
}
