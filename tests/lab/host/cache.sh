# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The slow-to-make parts of the lab, made once and kept in build/cache: Xen and kernels unpacked from
# Debian's packages (never installed: that would put a kernel and init scripts on this machine), and
# dom0's base initramfs. Sourced after common.sh.

xen_packages="xen-hypervisor-4.17-amd64 xen-utils-4.17 xen-utils-common xenstore-utils"
agent_package=resource-agents # of Pacemaker, which calls xl: its agent for Xen, and ocf-tester
# shellcheck disable=SC2034
extra_kernel_metas="linux-image-cloud-amd64 linux-image-6.12-cloud-amd64"

# Programs of this machine that dom0 gets as they are (Debian's hotplug scripts want the real stat, flock, losetup).
host_programs="bash diff cmp readelf sed stat flock losetup timeout date sort jq socat strace ip bridge script dmsetup mke2fs debugfs"

dom0_modules="xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc xen-blkback xen-netback loop bridge
    virtio_pci 9pnet_virtio 9p virtio_console dm-mod"
root_modules="virtio_blk ext4 crc32c_generic" # of a dom0 whose root is a disk
# shellcheck disable=SC2034
guest_modules="xen-blkfront xen-netfront" device_modules="ext4 crc32c_generic"
# shellcheck disable=SC2034
stock_guest_modules="$guest_modules 9pnet_xen 9p xen-blkback xen-netback loop" # cloud kernels lack some of them

real_kernel_package() { # META: the package that a metapackage stands for
    apt-cache depends --important "$1" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n1
}

fetched() { compgen -G "$cache_dir/debs/$1_*.deb" >/dev/null; }

# Downloads the named packages that the cache lacks, in one call.
fetch() {
    local package missing=()
    for package; do fetched "$package" || missing+=("$package"); done
    [ ${#missing[@]} -eq 0 ] && return
    say "downloading ${missing[*]}"
    download "${missing[@]}" || { update_package_lists && download "${missing[@]}"; } || die "apt-get cannot download them"
}

download() {
    (cd "$cache_dir/debs" && apt-get -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root download "$@")
}

# Unpacks a fetched package below build/cache/PLACE, once. Further arguments choose paths as tar does.
unpack() { # PLACE PACKAGE [TAR-PATTERN...]
    local place=$cache_dir/$1 deb
    deb=$(compgen -G "$cache_dir/debs/$2_*.deb" | tail -n1)
    [ -e "$place/.unpacked-$(basename "$deb")" ] && return
    say "unpacking $(basename "$deb")"
    mkdir -p "$place"
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$place" --wildcards "${@:3}" &&
        touch "$place/.unpacked-$(basename "$deb")"
}

# xl alone, for the test that holds its reader of configs against ours.
fetch_xl() {
    mkdir -p "$cache_dir/debs"
    fetch xen-utils-4.17
    unpack xen xen-utils-4.17 './*'
}

# kernel_of META: the package that a kernel metapackage stands for, resolved once and then kept.
kernel_of() {
    local note=$cache_dir/$1.resolved package
    if [ ! -s "$note" ]; then
        package=$(real_kernel_package "$1")
        [ -n "$package" ] || { update_package_lists >&2 && package=$(real_kernel_package "$1"); }
        [ -n "$package" ] || die "apt knows no $1; are Debian's updates and security updates among its sources?"
        echo "$package" >"$note"
    fi
    cat "$note"
}

unpack_kernel() { # META: unpacks vmlinuz and modules into cache/kernels/META, prints nothing
    unpack "kernels/$1" "$(kernel_of "$1")" './boot/*' './lib/modules/*'
}

fetch_base() {
    local kernel package
    kernel=$(kernel_of linux-image-amd64)
    # shellcheck disable=SC2086
    fetch $xen_packages "$agent_package" "$kernel"
    for package in $xen_packages; do unpack xen "$package" './*'; done
    unpack agent "$agent_package" './usr/lib/ocf/lib/heartbeat/ocf-*' './usr/lib/ocf/resource.d/heartbeat/Xen' './usr/sbin/ocf-tester'
    unpack_kernel linux-image-amd64
}

# The libraries a program needs, as paths on this machine.
libraries_of() {
    { ldd "$@" 2>/dev/null || true; } | # ldd fails if any of them is a script
        sed -n 's|.*=> \(/[^ ]*\) .*|\1|p; s|^[[:space:]]*\(/lib64/[^ ]*\) .*|\1|p' | sort -u
}

# Copies modules and what they depend on from a kernel's tree, with the index that modprobe reads.
copy_modules() { # FROM TO MODULE...
    local from=$1 to=$2 version module file
    version=$(basename "$from"/lib/modules/*)
    [ -e "$from/lib/modules/$version/modules.dep" ] || depmod -b "$from" "$version"
    for module in "${@:3}"; do
        modprobe -d "$from" -S "$version" --show-depends "$module" 2>/dev/null | sed -n 's/^insmod \(.*\.ko[.a-z]*\).*/\1/p'
    done | sort -u | while read -r file; do
        file=${file#"$from"}
        mkdir -p "$to$(dirname "$file")"
        case $file in
        *.xz) xz -dc <"$from$file" >"$to${file%.xz}" ;;
        *) cp "$from$file" "$to$file" ;;
        esac
    done
    cp "$from/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$to/lib/modules/$version/"
    depmod -b "$to" "$version"
}

fill_base() { # DIR: dom0's root file system
    local dir=$1 program path
    mkdir -p "$dir"/{proc,sys,dev,run,tmp,lab,guest,root,mnt,etc,var/lib/xen,var/lib/xenstored,var/log/xen,usr/{bin,sbin,local/bin,lib/x86_64-linux-gnu,lib64,share}}
    for path in bin sbin lib lib64; do ln -s "usr/$path" "$dir/$path"; done
    ln -s /run "$dir/var/run"
    ln -s /run/lock "$dir/var/lock"
    cp -a "$cache_dir/xen/etc/." "$dir/etc/"
    mkdir -p "$dir/usr/lib/xen-4.17"
    cp -a "$cache_dir/xen/usr/lib/xen-4.17/bin" "$cache_dir/xen/usr/lib/xen-4.17/boot" "$dir/usr/lib/xen-4.17/"
    cp -a "$cache_dir/xen/usr/bin/"xenstore* "$dir/usr/bin/"
    cp -a "$cache_dir/agent/usr/." "$dir/usr/"
    for program in $host_programs; do
        path=$(type -P "$program") || die "$program is missing here: run './dev deps lab'"
        cp -L "$path" "$dir/usr/bin/$program"
    done
    cp "$(type -P busybox)" "$dir/usr/bin/busybox"
    busybox --list | while read -r program; do
        [ -e "$dir/usr/bin/$program" ] || ln -s busybox "$dir/usr/bin/$program"
    done
    ln -s ../bin/busybox "$dir/usr/sbin/modprobe"
    libraries_of "$dir"/usr/bin/* "$dir"/usr/lib/xen-4.17/bin/* | while read -r path; do
        cp -L "$path" "$dir/usr/lib/x86_64-linux-gnu/"
    done
    # libpthread opens this one by name when a thread is cancelled, which libxenstore does.
    cp -L "$(gcc -print-file-name=libgcc_s.so.1 2>/dev/null || echo /usr/lib/x86_64-linux-gnu/libgcc_s.so.1)" "$dir/usr/lib/x86_64-linux-gnu/libgcc_s.so.1"
    ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$dir/usr/lib64/ld-linux-x86-64.so.2"
    # shellcheck disable=SC2086
    copy_modules "$cache_dir/kernels/linux-image-amd64" "$dir" $dom0_modules $root_modules
    # shellcheck disable=SC2086
    printf '%s\n' $dom0_modules >"$dir/etc/lab-modules"
    printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$dir/etc/passwd"
    printf 'root:x:0:\nadm:x:4:\nnogroup:x:65534:\npvh:x:900:\n' >"$dir/etc/group"
    cp "$lab_dir/dom0/init" "$dir/init"
    chmod 755 "$dir/init"
}

pack() { # DIR FILE: a directory as an initramfs, owned by root whoever makes it
    (cd "$1" && find . -print0 | LC_ALL=C sort -z | cpio --quiet -0 -o -H newc -R 0:0) >"$2.new"
    mv "$2.new" "$2"
}

base_key() {
    {
        cd "$cache_dir/debs" || exit
        # shellcheck disable=SC2086
        compgen -G "*" | grep -F "$(printf '%s_\n' $xen_packages "$agent_package" "$(kernel_of linux-image-amd64)")"
        cat "$lab_dir/dom0/init" "$lab_dir/host/cache.sh"
        dpkg-query -W libc6 libxenmisc4.17 socat jq busybox-static
    } | sha256sum | cut -c1-16
}

# Makes sure that build/cache holds xen.elf, dom0-vmlinux and base.cpio for this machine and this checkout.
make_base() {
    fetch_base
    local key stage
    key=$(base_key)
    [ "$(cat "$cache_dir/base.key" 2>/dev/null)" = "$key" ] && return
    say "making dom0's base system (once)"
    stage=$cache_dir/base.d
    rm -rf "$stage" "$cache_dir/base.key"
    fill_base "$stage"
    pack "$stage" "$cache_dir/base.cpio"
    rm -rf "$stage"
    # QEMU's -kernel takes the 32-bit multiboot file; Xen takes a raw vmlinux, which spares it 3 s of unpacking under emulation.
    gunzip -c "$cache_dir"/xen/boot/xen-4.17-amd64.gz >"$cache_dir/xen.elf"
    "$lab_dir/guest/repack-bzimage" "$cache_dir"/kernels/linux-image-amd64/boot/vmlinuz-* none "$cache_dir/dom0-vmlinux"
    echo "$key" >"$cache_dir/base.key"
}
