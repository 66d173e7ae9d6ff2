# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# One boot of the lab: Xen, a dom0 and one job in it, under QEMU. Sourced after common.sh and cache.sh.
#
# Settings, all optional: memory (MiB), cpus, dom0_cpus, threads (single|multi: of an emulated machine), cpu (QEMU's model),
# numa (how many nodes), xen_cmdline, xenstored (c|ocaml), with_pvhd (yes|no), bin_dir (where pvhd and pvhctl are),
# systemd (yes: dom0 is a Debian with it, where pvhd is installed and not started), limit (seconds).
#
# One CPU, because QEMU 7.2 loses Linux guests, xl's as ours, on emulated machines with more (README.md has the figures).

memory=4096 cpus=1 dom0_cpus=1 threads=single cpu=qemu64 numa=1 icount="" stalls=0 xen_cmdline="" xenstored=ocaml with_pvhd=yes systemd=no full=no bin_dir=$build_dir/bin limit=600
qemu_pid="" tail_pid="" watch_pid="" run_dir=""
stall_limit=60 stalled=95 # seconds of the machine's own CPU time without a sign of dom0, and the status that boot() then returns

# KVM if a machine can really be made with it, which a container or a nested host may refuse.
accelerator() {
    if grep -qwE 'svm|vmx' /proc/cpuinfo && [ -w /dev/kvm ] &&
        timeout 10 qemu-system-x86_64 -M none -accel kvm -display none -monitor stdio </dev/null >/dev/null 2>&1; then
        echo kvm
    else
        echo "tcg,thread=$threads"
    fi
}

cpu_flags() { # of an emulated CPU: SVM with nested paging, and rdrand, without which getrandom() in dom0 blocks
    case $1 in
    kvm) echo host ;;
    *) echo "$cpu,+svm,+npt,+pdpe1gb,+rdrand" ;;
    esac
}

# take_run_dir NAME: makes build/lab/NAME ours alone, NAME.PID if somebody uses it now.
take_run_dir() {
    local old
    mkdir -p "$build_dir/lab"
    for old in "$build_dir/lab"/*.[0-9]*; do
        [ ! -d "$old" ] || [ -d "/proc/${old##*.}" ] || rm -rf "$old"
    done
    run_dir=$build_dir/lab/$1
    exec {run_lock}>"$run_dir.lock"
    if ! flock -n "$run_lock"; then
        run_dir=$run_dir.$$
    fi
}

clear_run_dir() { # also before a boot is begun again
    rm -rf "$run_dir"
    mkdir -p "$run_dir/share/"{bin,lib,out,root}
}

# The directory that dom0 sees as /lab: this moment's scripts and binaries, so that editing them does not disturb a run.
fill_share() {
    local share=$run_dir/share program
    clear_run_dir
    cp -r "$lab_dir" "$share/lab"
    cp "$lab_dir"/dom0/guest*.cfg "$share/root/" 2>/dev/null || true
    cp -r "$lab_dir/../corpus" "$lab_dir/../../config/examples" "$share/"
    touch "$share/out/"{stdout,stderr,heartbeat}
    gcc -shared -fPIC -o "$share/other_xen.so" "$lab_dir/dom0/other_xen.c"
    make_die_at "$share"
    gcc -o "$share/bin/domain_facts" "$lab_dir/dom0/domain_facts.c" -lxenctrl
    gcc -o "$share/bin/clients" "$lab_dir/dom0/clients.c"
    gcc -static -o "$share/bin/stopwatch" "$lab_dir/dom0/stopwatch.c"
    gcc -o "$share/bin/guest_words" "$lab_dir/dom0/guest_words.c" -lxenforeignmemory
    for program in pvhd pvhctl pvhconsoled pvhd-mutant pvhd-floor; do # the last two only where they were built
        [ -x "$bin_dir/$program" ] || continue
        strip -g -o "$share/bin/$program" "$bin_dir/$program" 2>/dev/null || cp "$bin_dir/$program" "$share/bin/"
        libraries_of "$bin_dir/$program" | grep -vE '/(libc|ld-linux-x86-64)\.so' | while read -r library; do
            cp -nL "$library" "$share/lib/"
        done || true # a static program has none
    done
    [ "$systemd" = no ] || install_below "$share/installed"
}

# What a package would hold, from where pvhd is built.
install_below() { # DIR
    DESTDIR=$1 cmake --install "$build_dir" --strip >"$run_dir/install.log" || die "cmake --install failed, $run_dir/install.log has more"
}

# Every function by which pvhd acts on what outlives it is a point where it can be killed.
make_die_at() { # DIRECTORY
    [ -x "$bin_dir/pvhd" ] || return 0
    nm -D -u "$bin_dir/pvhd" | awk '{sub(/@.*/, "", $2)} $2 ~ /^(xc|xs|xencall|xenforeignmemory)_|^(rename|unlink|ioctl|posix_spawn|writev)$/ {print $2}' |
        grep -vE '_(open|close|fileno)$' >"$1/die_at.points"
    echo remove >>"$1/die_at.points" # called by libstdc++
    { cat "$lab_dir/dom0/die_at.c" && sed 's/.*/POINT(&)/' "$1/die_at.points"; } | gcc -shared -fPIC -x c -o "$1/die_at.so" -
}

write_job() { # JOB [SCENARIO...]
    local rows=24 columns=80
    if [ -t 0 ]; then read -r rows columns < <(stty size) || true; fi
    printf 'export LAB_JOB=%q LAB_PATIENCE=%q LAB_XENSTORED=%q LAB_PVHD=%q LAB_SCENARIOS=%q LAB_PVHD_ARGS=%q LAB_TRACE=%q LAB_FULL=%q LAB_ROWS=%q LAB_COLUMNS=%q LAB_ROUNDS=%q LAB_COUNTS=%q LAB_PARTS=%q\n' \
        "$1" "$patience" "$xenstored" "$with_pvhd" "${*:2}" "${PVHD_ARGS:---log-level debug}" "${LAB_TRACE:-}" "$full" "$rows" "$columns" "${LAB_ROUNDS:-}" "${LAB_COUNTS:-}" "${LAB_PARTS:-}" >"$run_dir/share/job"
}

# Memory and CPUs in equal parts on so many nodes.
numa_arguments() {
    local node cpu
    [ "$numa" -gt 1 ] || return 0
    for ((node = 0; node < numa; node++)); do
        qemu+=(-object "memory-backend-ram,id=node$node,size=$((memory * (node + 1) / numa - memory * node / numa))M" -numa "node,nodeid=$node,memdev=node$node")
    done
    for ((cpu = 0; cpu < cpus; cpu++)); do
        qemu+=(-numa "cpu,node-id=$((cpu * numa / cpus)),socket-id=0,core-id=$cpu")
    done
}

# Fills the array qemu. To be run in build/cache: -initrd cannot name files whose path holds spaces.
qemu_arguments() {
    local accel
    accel=$(accelerator)
    qemu=(qemu-system-x86_64 -M q35 -accel "$accel" -cpu "$(cpu_flags "$accel")" -smp "$cpus" -m "$memory"
        -nodefaults -display none -no-reboot
        -kernel "$cache_dir/xen.elf"
        -append "console=com1 com1=115200,8n1 dom0_mem=1024M,max:1024M dom0_max_vcpus=$dom0_cpus loglvl=all guest_loglvl=all bootscrub=0 nmi=fatal $xen_cmdline"
        -initrd "dom0-vmlinux console=hvc0 random.trust_cpu=on quiet$([ "$systemd" = no ] || echo ' lab.root=/dev/vda'),base.cpio"
        -fsdev "local,id=lab,path=${run_dir//,/,,}/share,security_model=none"
        -device virtio-9p-pci,fsdev=lab,mount_tag=lab,disable-legacy=on,iommu_platform=on
        -fsdev "local,id=guest,path=${cache_dir//,/,,}/guest,security_model=none,readonly=on"
        -device virtio-9p-pci,fsdev=guest,mount_tag=guest,disable-legacy=on,iommu_platform=on
        -device virtio-serial-pci,disable-legacy=on,iommu_platform=on
        -device isa-debug-exit,iobase=0x501,iosize=2
        -serial "file:$run_dir/serial.log")
    [ "$systemd" = no ] || qemu+=(-drive "file=systemd.ext4,if=none,id=root,format=raw,snapshot=on"
        -device virtio-blk-pci,drive=root,disable-legacy=on,iommu_platform=on)
    numa_arguments
    icount_arguments "$accel"
}

# An emulated machine whose clock counts its instructions, 2^icount ns each: slower by half, and none was seen to stall (README.md).
icount_arguments() { # ACCELERATOR
    if [[ -n $icount && $1 = tcg* ]]; then qemu+=(-icount "shift=$icount"); fi
}

end_processes() {
    local pid pids="$qemu_pid $tail_pid $watch_pid"
    qemu_pid="" tail_pid="" watch_pid=""
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    for pid in $pids; do wait "$pid" 2>/dev/null || true; done
}

cpu_seconds() { awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print int(($12 + $13) / hz)}' "/proc/$1/stat"; } # PID, as in proc(5)

# Ends the machine when dom0's heartbeat stops. A host that is busy gives the machine little time, and that is no stall: what counts is the
# time that it had. One that takes none at all is given ten times as long.
watch_heartbeat() { # PID of timeout, whose child the machine is
    local machine="" seen last=none since=0 begin=0
    while [ -z "$machine" ]; do
        sleep 1
        machine=$(cat "/proc/$1/task/$1/children") || return 0
        machine=${machine%% *}
    done
    while sleep 5 && [ -d "/proc/$machine" ]; do
        seen=$(stat -c %Y "$run_dir/share/out/heartbeat") || continue
        if [ "$seen" != "$last" ]; then
            last=$seen since=$(cpu_seconds "$machine") begin=$SECONDS
        fi
        [ $(($(cpu_seconds "$machine" || echo 0) - since)) -gt "$stall_limit" ] || [ $((SECONDS - begin)) -gt $((stall_limit * 10)) ] || continue
        touch "$run_dir/stalled"
        note_stall || say "what its CPUs did could not be found out"
        kill "$1"
        return
    done
}

# Where each CPU is, then what Xen says of it: an NMI has it print its registers and stack.
note_stall() {
    local note
    note=$build_dir/lab/stall-$(date +%Y%m%dT%H%M%S).log
    printf '%s\n' "info registers -a" "nmi" >"$run_dir/monitor.in"
    sleep 5
    { timeout 1 cat "$run_dir/monitor.out" || true; tail -n 150 "$run_dir/serial.log"; } >"$note"
    say "$note has what its CPUs did"
}

# boot_job JOB: fills the shared directory and boots; a machine that stalls is started again, twice at most.
boot_job() {
    local attempt status
    for attempt in 1 2 3; do
        fill_share
        write_job "$@"
        status=0
        boot || status=$?
        [ "$status" = "$stalled" ] || break
        say "that was attempt $attempt of 3"
    done
    return "$status"
}

# Boots with the job written before, streams dom0's output, returns the job's status (98: no answer, 99: time is up).
boot() {
    local qemu status=0
    qemu_arguments
    mkfifo "$run_dir/monitor.in" "$run_dir/monitor.out"
    qemu+=(-chardev "pipe,id=monitor,path=${run_dir//,/,,}/monitor" -mon chardev=monitor,mode=readline)
    (cd "$cache_dir" && exec timeout -k 5 "$limit" "${qemu[@]}") </dev/null >"$run_dir/qemu.log" 2>&1 &
    qemu_pid=$!
    trap end_processes EXIT
    trap 'exit 130' INT TERM HUP
    tail -q -s 0.1 -n+1 -f --pid="$qemu_pid" "$run_dir/share/out/stdout" &
    tail_pid=$!
    tail -q -s 0.1 -n+1 -f --pid="$qemu_pid" "$run_dir/share/out/stderr" >&2 &
    tail_pid="$tail_pid $!"
    watch_heartbeat "$qemu_pid" &
    watch_pid=$!
    wait "$qemu_pid" || status=$?
    qemu_pid=""
    # shellcheck disable=SC2086
    wait $tail_pid || true
    kill "$watch_pid" 2>/dev/null || true
    tail_pid="" watch_pid=""
    if [ -s "$run_dir/share/out/status" ]; then
        return "$(cat "$run_dir/share/out/status")"
    fi
    explain_silence "$status"
}

explain_silence() { # QEMU-STATUS
    local code=98
    if [ -e "$run_dir/stalled" ]; then
        say "the emulated machine stalled: dom0 showed no sign of life while it ran for $stall_limit s"
        # The next one counts instructions if this was not the first: Linux guests of such a machine crash now and then.
        stalls=$((stalls + 1))
        [ "$stalls" -lt 2 ] || icount=${icount:-3}
        return "$stalled"
    elif [ "$1" = 124 ]; then
        code=99
        say "the lab was ended: its limit of $limit s was reached"
    else
        say "the lab ended without an answer (QEMU's status $1)"
    fi
    say "$run_dir/serial.log ends:"
    tail -n15 "$run_dir/qemu.log" "$run_dir/serial.log" >&2
    return "$code"
}

boot_shell() {
    local qemu
    qemu_arguments
    cd "$cache_dir"
    "${qemu[@]}" -chardev stdio,id=tty,mux=on,signal=off -device virtconsole,chardev=tty -mon chardev=tty,mode=readline || true # its status is the exit device's
}
