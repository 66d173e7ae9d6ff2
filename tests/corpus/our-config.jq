# SPDX-License-Identifier: LGPL-2.1-or-later
# The spec that pvhctl check --json gives, as xl-config.jq has xl's. Targets that are relative start where pvhctl is started,
# the $directory; xl opens them from there, too, but shows them as they are.
def set: if .kind == "all" then [range(8)] else [range(.first; ([.last, 7] | min) + 1)] end;
def cpus: map(reduce .[] as $item ([]; if $item.removed then . - ($item | set) else . + ($item | set) | unique end));

.files[] | select(.sound) | (.file | split("/")[-1] | rtrimstr(".cfg")) as $file | .spec | {
    name, pool: (if .pool == "Pool-0" then "" else .pool end), kernel, ramdisk, cmdline,
    memory_kib: (.memory_mib * 1024), max_memory_kib: (.max_memory_mib * 1024), vcpus, maxvcpus,
    on_poweroff, on_reboot, on_crash, on_watchdog, on_soft_reset,
    vnuma: (.vnuma | map({pnode, size_kib: (.size_mib * 1024), vcpus, distances})),
    cpus: (.cpus | cpus), cpus_soft: (.cpus_soft | cpus), weight: .cpu_weight, cap,
    tsc_mode, timer_mode, localtime, rtc_timeoffset: .rtc_timeoffset_s, nomigrate, nestedhvm, max_grant_frames, max_event_channels,
    cpuid: (.cpuid | map({leaf, subleaf, eax, ebx, ecx, edx}) | sort_by(.leaf)),
    disk: (.disk | map({target: (.target | ltrimstr($directory + "/")), vdev, format, script, writable, cdrom, backend, backendtype, direct_io_safe, discard})),
    vif: (.vif | map({mac, bridge, script, ip, vifname, gatewaydev, backend, rate: (.rate.bytes_per_interval // 0),
        interval: (.rate.interval_us // 0), trusted})),
    channel: (.channel | map({name})),
    p9: (.p9 | map({tag, path, security_model})),
    vtpm: (.vtpm | map({backend, uuid}))
} | to_entries[] | "\($file) \(.key) \(.value | tojson)"
