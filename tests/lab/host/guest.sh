# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What guests boot, kept in build/cache/guest and seen by dom0 as /guest. Sourced after cache.sh.
#
#   tiny, tiny-poweroff, tiny-reboot, tiny-crash   guest/tiny.S
#   unikernel32, unikernel64                       guest/unikernel.*, with and without long mode
#   probe64, probe32                               tests/probe, as ELF64 and as ELF32
#   qemu                                           Debian's QEMU for Xen and qemu-img, as a /usr
#   grub                                           Debian's GRUB for PVH guests (i386-xen_pvh)
#   initrd.cpio, initrd.gz                         busybox with guest/init
#   devices.cpio, load                             to append to it: ext4 and guest/load; that program alone, for dom0
#   vmlinuz-xz, vmlinux                            Debian's stock 6.1, and the bare ELF file inside it
# and with the other kernels:
#   vmlinuz-lz4, vmlinuz-zstd                      Debian's 6.1-cloud and 6.12-cloud
#   vmlinuz-{gzip,bzip2,lzma,lzo}                  6.1-cloud repacked

guest_dir=$cache_dir/guest
probe_dir=$root_dir/tests/probe

make_tiny() {
    local name object=$cache_dir/tiny.o
    for name in tiny tiny-poweroff:0 tiny-reboot:1 tiny-crash:3; do
        # shellcheck disable=SC2046
        as --32 $([[ $name = *:* ]] && echo --defsym "SHUTDOWN=${name#*:}") -o "$object" "$lab_dir/guest/tiny.S"
        ld -m elf_i386 -n -s --no-warn-rwx-segments -T "$lab_dir/guest/tiny.ld" -o "$guest_dir/${name%:*}.new" "$object"
        mv "$guest_dir/${name%:*}.new" "$guest_dir/${name%:*}"
    done
}

make_unikernels() {
    local bits source=$lab_dir/guest/unikernel
    for bits in 32 64; do
        g++ -m$bits -O2 -std=gnu++20 -ffreestanding -fno-exceptions -fno-rtti -fno-stack-protector -fno-pic -fno-asynchronous-unwind-tables \
            -fcf-protection=none -mno-red-zone -mgeneral-regs-only -Wall -Wextra -Werror -nostdlib -static -no-pie -s -Wl,-n -Wl,--build-id=none \
            -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -T "$source.ld" -o "$guest_dir/unikernel$bits.new" "$source.S" "$source.cpp"
        mv "$guest_dir/unikernel$bits.new" "$guest_dir/unikernel$bits"
    done
}

# Not part of dom0 itself: few scenarios want it, and it is larger than all the rest.
copy_qemu() {
    local dir=$guest_dir/qemu.new programs=(/usr/libexec/xen-qemu-system-i386 /usr/bin/qemu-img)
    rm -rf "$dir"
    mkdir -p "$dir"/{libexec,bin,lib/x86_64-linux-gnu,share/qemu}
    cp -rL /usr/share/qemu/keymaps "$dir/share/qemu/" # xl's QEMU reads one
    cp "${programs[0]}" "$dir/libexec/"
    cp "${programs[1]}" "$dir/bin/"
    libraries_of "${programs[@]}" | while read -r path; do cp -L "$path" "$dir/lib/x86_64-linux-gnu/"; done
    rm -rf "$guest_dir/qemu"
    mv "$dir" "$guest_dir/qemu"
}

copy_grub() {
    cp "$cache_dir/grub/usr/lib/grub-xen/grub-i386-xen_pvh.bin" "$guest_dir/grub.new"
    mv "$guest_dir/grub.new" "$guest_dir/grub"
}

# The same flags as in tests/probe/CMakeLists.txt.
make_probe() {
    g++ "@$probe_dir/flags" "@$probe_dir/link-flags" -I "$root_dir" -T "$probe_dir/probe.ld" -o "$guest_dir/probe64.new" \
        "$probe_dir"/*.cpp "$probe_dir"/*.S
    objcopy -O elf32-i386 "$guest_dir/probe64.new" "$guest_dir/probe32.new"
    mv "$guest_dir/probe64.new" "$guest_dir/probe64"
    mv "$guest_dir/probe32.new" "$guest_dir/probe32"
}

make_initrd() {
    local dir=$cache_dir/initrd.d program kernel
    rm -rf "$dir"
    mkdir -p "$dir"/{bin,sbin,proc,sys,dev,tmp,mnt,etc,lib/modules}
    cp "$(type -P busybox)" "$dir/bin/busybox"
    busybox --list | while read -r program; do [ "$program" = busybox ] || ln -s busybox "$dir/bin/$program"; done
    # The kernel runs these when the toolstack asks; they must work without an init that listens.
    for program in poweroff reboot halt; do
        rm -f "$dir/bin/$program"
        printf '#!/bin/sh\nexec /bin/busybox %s -f\n' "$program" >"$dir/sbin/$program"
    done
    cp "$lab_dir/guest/init" "$dir/init"
    cp "$lab_dir/guest/report" "$dir/bin/report"
    for program in cpuid store; do g++ -O1 -static -s -o "$dir/bin/$program" "$lab_dir/guest/$program.cpp"; done
    chmod 755 "$dir"/init "$dir"/bin/report "$dir"/sbin/*
    for kernel in "$cache_dir"/kernels/*; do
        # shellcheck disable=SC2046
        copy_modules "$kernel" "$dir" $([[ $kernel = *-cloud-* ]] && echo $guest_modules || echo $stock_guest_modules)
    done
    pack "$dir" "$guest_dir/initrd.cpio"
    gzip -n -1 <"$guest_dir/initrd.cpio" >"$guest_dir/initrd.gz.new"
    mv "$guest_dir/initrd.gz.new" "$guest_dir/initrd.gz"
    rm -rf "$dir"
}

# Apart, because few scenarios need it and every guest would have to unpack it.
make_device_extras() {
    local dir=$cache_dir/devices.d
    rm -rf "$dir"
    mkdir -p "$dir"/{bin,lib/modules}
    g++ -O2 -static -s -o "$dir/bin/load" "$lab_dir/guest/load.cpp"
    # With those that are there already: it brings modprobe's index of all of them.
    # shellcheck disable=SC2086
    copy_modules "$cache_dir/kernels/linux-image-amd64" "$dir" $guest_modules $device_modules
    pack "$dir" "$guest_dir/devices.cpio"
    mv "$dir/bin/load" "$guest_dir/load"
    rm -rf "$dir"
}

copy_kernel() { # META NAME
    cp "$cache_dir/kernels/$1"/boot/vmlinuz-* "$guest_dir/$2.new"
    mv "$guest_dir/$2.new" "$guest_dir/$2"
}

fetch_kernels() {
    local meta package packages=()
    for meta in $extra_kernel_metas; do
        package=$(kernel_of "$meta")
        packages+=("$package")
    done
    fetch "${packages[@]}"
    for meta in $extra_kernel_metas; do unpack_kernel "$meta"; done
}

repack() { "$lab_dir/guest/repack-bzimage" "$guest_dir/vmlinuz-lz4" "$1" "$guest_dir/vmlinuz-$1"; }

# once NAME INPUT... -- COMMAND...: runs the command unless the inputs are those of its last success.
once() {
    local name=$1 inputs=() key
    shift
    while [ "$1" != -- ]; do inputs+=("$1") && shift; done
    shift
    key=$(cat "${inputs[@]}" | sha256sum)
    [ "$(cat "$cache_dir/$name.key" 2>/dev/null)" = "$key" ] && return
    say "making $name"
    "$@"
    echo "$key" >"$cache_dir/$name.key"
}

make_guests() { # yes|no: the other kernels as well
    local method
    once tiny "$lab_dir"/guest/tiny.{S,ld} "$lab_dir/host/guest.sh" -- make_tiny
    once unikernels "$lab_dir"/guest/unikernel.* "$lab_dir/host/guest.sh" -- make_unikernels
    once probe "$probe_dir"/* "$lab_dir/host/guest.sh" -- make_probe
    fetch grub-xen-host
    unpack grub grub-xen-host './usr/lib/grub-xen/*'
    once grub "$(compgen -G "$cache_dir/debs/grub-xen-host_*.deb" | tail -n1)" -- copy_grub
    once qemu /usr/libexec/xen-qemu-system-i386 /usr/bin/qemu-img "$lab_dir/host/guest.sh" -- copy_qemu
    once kernel "$cache_dir/linux-image-amd64.resolved" -- copy_kernel linux-image-amd64 vmlinuz-xz
    ln -f "$cache_dir/dom0-vmlinux" "$guest_dir/vmlinux"
    if [ "$1" = yes ]; then
        fetch_kernels
        once kernel-lz4 "$cache_dir/linux-image-cloud-amd64.resolved" -- copy_kernel linux-image-cloud-amd64 vmlinuz-lz4
        once kernel-zstd "$cache_dir/linux-image-6.12-cloud-amd64.resolved" -- copy_kernel linux-image-6.12-cloud-amd64 vmlinuz-zstd
        for method in gzip bzip2 lzma lzo; do
            once "kernel-$method" "$guest_dir/vmlinuz-lz4" "$lab_dir/guest/repack-bzimage" -- with_dots repack "$method"
        done
    fi
    once initrd "$lab_dir"/guest/{init,report,cpuid.cpp,store.cpp} "$lab_dir/host/guest.sh" "$cache_dir"/*.resolved -- make_initrd
    once devices "$lab_dir/guest/load.cpp" "$lab_dir/host/guest.sh" "$cache_dir/linux-image-amd64.resolved" -- make_device_extras
}

# dom0's root where it is to run systemd.
make_systemd_root() {
    say "this takes some minutes"
    as_root "$lab_dir/host/systemd-root" "$cache_dir/systemd.ext4"
}

# Everything a boot needs. Two runs at a time wait for each other here.
make_cache() { # yes|no: the other kernels as well, yes|no: a root with systemd
    mkdir -p "$cache_dir/debs" "$guest_dir" "$build_dir/lab"
    local lock
    exec {lock}>"$cache_dir/lock"
    flock "$lock"
    make_base
    make_guests "$1"
    if [ "$2" = yes ]; then
        once systemd "$lab_dir/host/systemd-root" "$lab_dir"/dom0/systemd/* "$cache_dir/linux-image-amd64.resolved" -- with_dots make_systemd_root
    fi
    exec {lock}>&-
}
