# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Guests that are no Linux: a raw unikernel in 32 and in 64 bits, and GRUB, by xl and by us.
# needs: long
# limit: 120
#
# 1. The unikernels say on the console ring and by port 0xE9 how they were started, answer what is typed, and end by themselves.
# 2. GRUB comes to its prompt, answers there, sees the same memory map, and halts when told to.
# 3. What they say to xl's start they say to ours, but for the order of the map.

type_line() { # NAME TEXT
    printf '%s\r' "$2" | timeout $((5 * patience)) pvhctl console "$1" --linger 0.5 >/dev/null
}

# said NAME: all it has said, without what moves the cursor and without its meter of speed.
said() { console "$1" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g; s/^ *\[ .* [0-9]*% .*\]//'; }

said_line() { said "$1" | grep -qE -- "$2"; } # NAME REGEX

# ---- unikernels ----------------------------------------------------------------------------------------------------

unikernel() { # TOOL NAME BITS
    succeeds "$2: $1 creates it" create_with "$1" "$(config "$2" "kernel = \"/guest/unikernel$3\"" 'memory = 8' 'extra = "three plain words"' \
        'ramdisk = "/etc/passwd"')" || return
    local id
    id=$(domid_of "$2")
    within 5 "$2: it says how it was started" console_says "$2" "^unikernel: $3 bits, 8 MiB, 1 modules, told: three plain words$"
    type_line "$2" 'is anybody there?'
    within 5 "$2: it answers" console_says "$2" '^unikernel: heard: is anybody there\?$'
    type_line "$2" quit
    within 5 "$2: it ends by itself" gone "$2"
    like "$(console "$2" | tail -n1)" '^unikernel: goodbye$' "$2: after its last word"
    is "$(xen_log "$id" | sed 's/^.*(d[0-9]*) //' | grep '^unikernel')" "$(console "$2" | grep '^unikernel')" "$2: Xen's log has the same by port 0xE9"
}

for bits in 32 64; do
    unikernel pvhctl "ours-$bits" "$bits"
    unikernel xl "theirs-$bits" "$bits"
    is "$(console "ours-$bits")" "$(console "theirs-$bits")" "$bits bits: it says the same by us and by xl"
done

# ---- GRUB ----------------------------------------------------------------------------------------------------------

# What it answers at the prompt, the map's entries in order.
answers() { said "$1" | sed -n '/^grub> /,$p' | grep -v '^grub> ' | sort; }

grub() { # TOOL NAME
    succeeds "$2: $1 creates GRUB" create_with "$1" "$(config "$2" 'kernel = "/guest/grub"' 'memory = 128')" || return
    within 20 "$2: its prompt is there" said_line "$2" '^grub> ' || return
    type_line "$2" ls
    within 10 "$2: it lists its devices" said_line "$2" '^\(memdisk\) \(proc\)'
    type_line "$2" 'cat (memdisk)/grub.cfg'
    within 10 "$2: it shows a file of its own" said_line "$2" 'configfile /boot/grub/grub.cfg'
    type_line "$2" lsmmap
    within 10 "$2: it sees the memory map" said_line "$2" 'base_addr = 0xfeff8000, length = 0x8000, reserved RAM'
    like "$(answers "$2")" 'base_addr = 0x0, length = 0x8000000, available RAM' "$2: with all of its memory"
    type_line "$2" halt
    within 10 "$2: it halts" gone "$2" || "$1" destroy "$2"
}

grub pvhctl grub-ours
grub xl grub-theirs
is "$(answers grub-ours)" "$(answers grub-theirs)" "GRUB answers the same by us and by xl"

# ---- what is no PVH kernel -----------------------------------------------------------------------------------------

fails "hvmloader, which has no PVH entry" 'without XEN_ELFNOTE_PHYS32_ENTRY' \
    pvhctl create "$(config hvmloader 'kernel = "/usr/lib/xen-4.17/boot/hvmloader"' 'memory = 64')"
