# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Every bad input is one clear error that names what, where and the value seen, and leaves nothing.
# limit: 200
#
# 1. Files: none, a directory, no kernel, no PVH note, truncated, a bomb, an initrd that does not fit.
# 2. Figures: vcpus, memory, maxmem, uuid.
# 3. Names and UUIDs in use.
# 4. Frames: malformed, oversize.

refused() { # OUTCOME REGEX LINE...
    fails "$1" "$2" create_with pvhctl "$(config bad "${@:3}")"
}

fails "a config that is not there" 'absent\.cfg.*No such file' pvhctl create /root/absent.cfg
fails "a config that is a directory" '/root.*directory' pvhctl create /root
refused "no such kernel" '/guest/absent.*No such file' 'kernel = "/guest/absent"'
refused "a kernel that is a directory" '/guest is a directory' 'kernel = "/guest"'
refused "a kernel that is a device" '/dev/zero is a character device' 'kernel = "/dev/zero"'
mkfifo "$WORK/fifo"
refused "a kernel that is a FIFO" 'FIFO' "kernel = \"$WORK/fifo\""
echo "not a kernel at all" >"$WORK/text"
refused "no kernel" 'text.*(ELF|kernel)' "kernel = \"$WORK/text\""
refused "an ELF without the PVH note" 'PVH' 'kernel = "/bin/busybox"'
head -c 3000000 /guest/vmlinuz-xz >"$WORK/short"
refused "a truncated bzImage" 'short.*payload' "kernel = \"$WORK/short\""
head -c 300000000 /dev/zero | gzip -1 >"$WORK/bomb" # dom0 has 1 GiB here, of which a kernel may take a quarter
refused "a bomb" 'bomb.*[0-9]+ bytes' "kernel = \"$WORK/bomb\""
refused "an image that does not fit" '(MiB|memory)' 'kernel = "/guest/vmlinuz-xz"' 'memory = 32'
truncate -s 100M "$WORK/initrd"
refused "an initrd that does not fit" '(MiB|memory)' 'kernel = "/guest/vmlinuz-xz"' "ramdisk = \"$WORK/initrd\"" 'memory = 128'
refused "more memory than the host has" '[0-9]+ MiB.*[0-9]+ MiB' 'memory = 900000'
refused "vcpus 0" 'vcpus' 'vcpus = 0'
refused "vcpus 129" '129' 'vcpus = 129'
refused "maxmem below memory" 'maxmem.*memory' 'memory = 64' 'maxmem = 32'
refused "a malformed uuid" 'uuid|UUID' 'uuid = "00112233445566778899aabbccddeeff"'
refused "a disk" 'disk' 'disk = [ "/dev/null,raw,xvda,w" ]'
refused "a guest type that is not ours" 'hvm' 'type = "hvm"'

uuid=3c1d0c9e-7a41-4d5e-8d0a-5b7d6e1f2a33
create_with pvhctl "$(config first "uuid = \"$uuid\"")"
fails "a name in use" 'first' create_with pvhctl "$(config first)"
fails "a UUID in use" "$uuid" create_with pvhctl "$(config second "uuid = \"$uuid\"")"
is "$(pvhctl list | awk 'NR > 2' | wc -l)" 1 "the one in use is untouched"
pvhctl destroy first

# pvhd answers and hangs up, maybe before all is sent: its answer is still to be read (cool-write).
talk() { timeout $((10 * patience)) socat -t$((5 * patience)) - UNIX-CONNECT:/run/pvhd/pvhd.sock,cool-write; }
like "$(echo 'this is no JSON' | talk)" '"code":-32700' "a malformed frame"
like "$(head -c 1200000 /dev/zero | tr '\0' '[' | talk)" '"code":-32' "an oversize frame"
like "$( (printf '%0200d' 0 | tr 0 '['; echo) | talk)" '"code":-32' "a frame too deep"
like "$(echo '{"jsonrpc":"2.0","id":1,"method":"domain.frobnicate"}' | talk)" '"code":-32601' "an unknown method"
like "$(echo '{"jsonrpc":"2.0","id":1,"method":"domain.get","params":{"nmae":"x"}}' | talk)" '-32602.*name' "an unknown member, with the nearest"
succeeds "pvhd is well" pvhctl list
