# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Real kernels in every packing.
# needs: kernels long
# limit: 700
#
# 1. bzImage with xz, lz4, zstd (Debian's own), gzip, bzip2, lzma, lzo (repacked): each reaches its init.
# 2. A bare ELF vmlinux, and a bzImage packed whole by gzip.
# 3. Two domains from one file at once: it is unpacked once.

boots() { # NAME KERNEL
    succeeds "$1: pvhctl creates it" create_with pvhctl "$(linux_config "$1" "kernel = \"$2\"" 'vcpus = 1')" || return
    within 40 "$1: it reaches its init" ready "$1"
    pvhctl destroy "$1"
}

for codec in lz4 zstd gzip bzip2 lzma lzo; do boots "$codec" "/guest/vmlinuz-$codec"; done
boots elf /guest/vmlinux
gzip -n -1 </guest/vmlinuz-lz4 >"$WORK/whole.gz"
boots whole-gzip "$WORK/whole.gz"

create_with pvhctl "$(linux_config a)" &
create_with pvhctl "$(linux_config b)" &
wait
within 40 "xz: the first of two reaches its init" ready a
within 40 "xz: the second of two reaches its init" ready b
pvhctl destroy a
pvhctl destroy b
