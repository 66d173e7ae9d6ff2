# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What 41 sees of 2 vCPUs, of 8; on the machine that does not stall under them (README.md).
# needs: icount=3 by-name
# limit: 400

vcpu_counts=8
# shellcheck source=tests/lab/scenarios/41-linux-smp.sh
. "$LAB/scenarios/41-linux-smp.sh"
