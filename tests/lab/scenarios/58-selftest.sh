# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# pvhctl selftest: what an administrator runs on a new host.
# limit: 120
#
# 1. No clause is broken, all ends are seen, and the entry state that only dom0 sees is as promised.
# 2. A pattern narrows the table; without probes, or without a daemon, it says so.

pvhctl selftest --probes /guest --limit $((60 * patience)) --json >"$WORK/all.json" 2>"$WORK/said"
is "$?" 0 "the selftest passes" || diag "$(cat "$WORK/said")"
field() { jq -r "$1" "$WORK/all.json"; }
is "$(field '.clauses[] | select(.verdict == "fail") | .clause + " " + .seen')" "" "no clause is broken"
is "$(field '.failed')" 0 "and none is counted"
like "$(field '.passed')" '^([89][0-9]|1[0-9][0-9])$' "some ninety clauses hold"
is "$(field '.clauses[] | select(.verdict == "skip") | .clause')" "$(printf 'acpi.srat\nacpi.slit')" "only the NUMA tables are undecided"
for clause in end.poweroff end.reboot end.crash end.watchdog entry.cs entry.rip cpu.tr start_info.module_content ap.mode64; do
    is "$(field ".clauses[] | select(.clause == \"$clause\") | .verdict")" pass "$clause holds"
done
like "$(field '.clauses[] | select(.clause == "cpu.cr0") | .source + .promise')" 'pvh.pandoc.*PE' "a clause tells its source and its promise"

table=$(pvhctl selftest --probes /guest --limit $((60 * patience)) acpi)
like "$table" '^pass acpi.madt ' "a pattern narrows the table"
unlike "$table" ' cpu\.' "to that"
fails "no probes" 'there is no probe at /nowhere/probe' pvhctl selftest --probes /nowhere
