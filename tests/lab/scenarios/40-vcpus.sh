# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# From one vCPU to as many as Xen gives.
# needs: any-xenstored
# limit: 500
#
# 1. Linux brings 1 and 8 vCPUs online (2 is what other scenarios use).
# 2. vcpus below maxvcpus leaves the others for later.
# 3. 128 vCPUs are built, and APs wait to be started.

options=('kernel = "/guest/vmlinuz-lz4"' 'extra = "console=hvc0 nosoftlockup pvh.do=report,idle"')
create_with pvhctl "$(linux_config one 'vcpus = 1' "${options[@]}")"
within 40 "1 vCPU: Linux reports" console_says one '^guest: cpus online 0 present 0 possible 0'
pvhctl destroy one

create_with pvhctl "$(linux_config some 'vcpus = 1' 'maxvcpus = 2' "${options[@]}")"
within 60 "1 of 2 vCPUs: Linux reports" console_says some '^guest: cpus online 0 '
is "$(xenstore-read "/local/domain/$(domid_of some)/cpu/1/availability")" offline "1 of 2 vCPUs: the second is offline in xenstore"
pvhctl destroy some

create_with pvhctl "$(linux_config eight 'vcpus = 8' "${options[@]}")"
within 100 "8 vCPUs: all are online" console_says eight '^guest: cpus online 0-7 present 0-7'
pvhctl destroy eight

succeeds "128 vCPUs: pvhctl creates it" create_with pvhctl "$(config many 'vcpus = 128' 'memory = 16')"
within 10 "128 vCPUs: it says hello" xen_log_says "$(domid_of many)" 'tiny: hello'
is "$(xl vcpu-list many | awk 'NR > 1' | wc -l)" 128 "128 vCPUs: xl counts them"
is "$(xl vcpu-list many | awk 'NR > 1 && $5 == "--p"' | wc -l)" 127 "128 vCPUs: the APs wait"
pvhctl destroy many
