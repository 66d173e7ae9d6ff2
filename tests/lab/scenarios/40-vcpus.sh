# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# From one vCPU to as many as Xen gives.
# needs: long
# limit: 500
#
# 1. Linux brings 1 vCPU online (2 is what other scenarios use; more stall the emulated machine too often, see README.md).
# 2. vcpus below maxvcpus leaves the others for later.
# 3. vcpu-list prints what xl's does; vcpu-set takes vCPUs away from Linux and gives them back.
# 4. 128 vCPUs are built, and APs wait to be started.

options=('kernel = "/guest/vmlinuz-lz4"' 'extra = "console=hvc0 nosoftlockup pvh.do=report,idle"')
create_with pvhctl "$(linux_config one 'vcpus = 1' "${options[@]}")"
within 40 "1 vCPU: Linux reports" console_says one '^guest: cpus online 0 present 0 possible 0'
pvhctl destroy one

create_with pvhctl "$(linux_config some 'vcpus = 1' 'maxvcpus = 2' "${options[@]}")"
within 60 "1 of 2 vCPUs: Linux reports" console_says some '^guest: cpus online 0 '
is "$(xenstore-read "/local/domain/$(domid_of some)/cpu/1/availability")" offline "1 of 2 vCPUs: the second is offline in xenstore"
# The time goes on between the two, and so may a state.
steady() { awk 'NR == 1; NR > 1 {print $1, $2, $3, $4 == "-" ? "-" : "on", $NF}'; }
is "$(pvhctl vcpu-list some | steady)" "$(xl vcpu-list some | steady)" "1 of 2 vCPUs: vcpu-list is xl's"
is "$(pvhctl vcpu-list | steady)" "$(xl vcpu-list | steady)" "vcpu-list of all domains is xl's"
pvhctl destroy some

# Down and up again, as an administrator would, and as xl asks for it.
online() { xl vcpu-list "$1" | awk 'NR > 1 && $4 != "-" {count++} END {print count + 0}'; }
has_online() { [ "$(online "$1")" = "$2" ]; }
create_with pvhctl "$(linux_config hot 'vcpus = 2' "${options[@]/report,idle/report,hotplug,idle}")"
within 60 "hotplug: two vCPUs are online" console_says hot '^guest: cpus online 0-1 '
succeeds "vcpu-set to 1" pvhctl vcpu-set hot 1
within 20 "hotplug: one is left" has_online hot 1
is "$(pvhctl vcpu-list hot | awk 'NR > 1 && $5 == "--p"' | wc -l)" 1 "hotplug: vcpu-list shows one that is down"
fails "more vCPUs than the host has CPUs want a flag" 'the host has 1 CPUs' pvhctl vcpu-set hot 2
succeeds "vcpu-set to 2, whatever the host has" pvhctl vcpu-set -i hot 2
within 30 "hotplug: both are back" has_online hot 2
fails "more than maxvcpus" 'd[0-9]+ has 2' pvhctl vcpu-set -i hot 3
fails "none" '0 vCPUs are wanted' pvhctl vcpu-set -i hot 0
pvhctl destroy hot

succeeds "128 vCPUs: pvhctl creates it" create_with pvhctl "$(config many 'vcpus = 128' 'memory = 16')"
within 10 "128 vCPUs: it says hello" xen_log_says "$(domid_of many)" 'tiny: hello'
is "$(xl vcpu-list many | awk 'NR > 1' | wc -l)" 128 "128 vCPUs: xl counts them"
is "$(xl vcpu-list many | awk 'NR > 1 && $5 == "--p"' | wc -l)" 127 "128 vCPUs: the APs wait"
pvhctl destroy many
