# SPDX-License-Identifier: LGPL-2.1-or-later
# What xl -N create prints, as our-config.jq has ours: only what both speak of, with xl's defaults filled in.
def action: if . == null then "destroy" elif test("^restart.rename$") then "rename-restart" else gsub("_"; "-") end;
def flag: if . == "True" then true elif . == "False" then false else . end;
def signed: if . > 2147483647 then . - 4294967296 else . end; # printed without its sign
def text: if . == null then "" else . end;
def cpus: if . == null then [] else map(map(select(. < 8))) end;

(input_filename | split("/")[-1] | rtrimstr(".json")) as $file | .b_info as $b | .c_info as $c | {
    name: $c.name,
    pool: (if $c.pool_name == "Pool-0" then "" else ($c.pool_name | text) end),
    kernel: ($b.kernel | text), ramdisk: ($b.ramdisk | text), cmdline: ($b.cmdline | text),
    memory_kib: ($b.target_memkb // $b.max_memkb // 32768),
    max_memory_kib: ($b.max_memkb // $b.target_memkb // 32768),
    vcpus: (if ($b.avail_vcpus // []) == [] then 1 else ($b.avail_vcpus | length) end),
    maxvcpus: (if ($b.max_vcpus // 0) == 0 then 1 else $b.max_vcpus end),
    on_poweroff: (.on_poweroff | action), on_reboot: (.on_reboot | action),
    on_crash: (.on_crash | action), on_watchdog: (.on_watchdog | action),
    on_soft_reset: (.on_soft_reset | action),
    cpus: ($b.vcpu_hard_affinity | cpus), cpus_soft: ($b.vcpu_soft_affinity | cpus),
    vnuma: ($b.vnuma_nodes // [] | map({pnode: (.pnode // 0), size_kib: .memkb, vcpus, distances})),
    weight: ($b.sched_params.weight // null), cap: ($b.sched_params.cap // null),
    tsc_mode: ($b.tsc_mode // "default"), timer_mode: ($b.timer_mode // "no_delay_for_missed_ticks"),
    localtime: ($b.localtime // false | flag), rtc_timeoffset: ($b.rtc_timeoffset // 0 | signed),
    nomigrate: ($b.disable_migrate // false | flag), nestedhvm: ($b.nested_hvm // false | flag),
    max_grant_frames: (if $b.max_grant_frames == null or $b.max_grant_frames > 2147483647 then null else $b.max_grant_frames end),
    max_event_channels: (if ($b.event_channels // 0) == 0 then 1023 else $b.event_channels end),
    cpuid: ($b.cpuid // [] | if type == "object" then .cpuid // [] else . end | map({leaf, subleaf: (if .subleaf == 4294967295 then null else .subleaf end),
        eax: (.eax // ""), ebx: (.ebx // ""), ecx: (.ecx // ""), edx: (.edx // "")}) | sort_by(.leaf)),
    disk: (.disks // [] | map({target: (.pdev_path | text), vdev, format: (.format // "unknown"), script: (.script | text),
        writable: ((.readwrite // 0) != 0), cdrom: ((.is_cdrom // 0) != 0), backend: (.backend_domname | text),
        backendtype: (.backend // "automatic"), direct_io_safe: (.direct_io_safe // false | flag), discard: (.discard_enable | flag)})),
    vif: (.nics // [] | map({mac: (if .mac == "00:00:00:00:00:00" then "" else (.mac | text) end), bridge: (.bridge | text),
        script: (.script | text), ip: (.ip | text | rtrimstr(" ")), vifname: (.ifname | text), gatewaydev: (.gatewaydev | text),
        backend: (.backend_domname | text), rate: (.rate_bytes_per_interval // 0), interval: (.rate_interval_usecs // 0),
        trusted: (.trusted | flag)})),
    channel: (.channels // [] | map({name: (.name | text)})),
    p9: (.p9s // [] | map({tag, path, security_model})),
    vtpm: (.vtpms // [] | map({backend: .backend_domname, uuid}))
} | to_entries[] | "\($file) \(.key) \(.value | tojson)"
