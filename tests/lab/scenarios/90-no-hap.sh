# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A host whose Xen has no hardware assisted paging cannot run PVH guests: the error says so.
# needs: xen-cmdline=hap=0
# limit: 60
#
# 1. A create names HAP, and leaves nothing.

unlike "$(xl info | grep virt_caps)" ' hap' "Xen offers no HAP here"
fails "a create says that HAP is missing" '(HAP|hardware.assisted paging)' create_with pvhctl "$(config tiny)"
