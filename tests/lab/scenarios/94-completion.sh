# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# pvhctl completes names of what there is, and tells where to begin.
#
# 1. In bash, Tab offers the domains of the moment, and a domain's disks; not dom0.
# 2. Without pvhd it offers commands and options, at once and without a word; a pvhd that does not answer is not waited for.
# 3. pvhctl help needs no pvhd.

# offered WORD...: what bash offers for the last of them, sorted, in one line.
offered() {
    bash -c 'source <(pvhctl completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pvhctl pvhctl; printf "%s\n" "${COMPREPLY[@]}"' bash pvhctl "$@" 2>&1 |
        sort | paste -sd ' '
}
head -c $((1 << 20)) /dev/zero >"$WORK/image"
is "$(offered destroy '')" '' "no domain, nothing to offer"
succeeds "a guest" pvhctl create -p "$(config green "disk = [ '$WORK/image,raw,xvda,r' ]")" || return
succeeds "another" pvhctl create -p "$(config grey)"
is "$(offered destroy '')" 'green grey' "both are offered"
is "$(offered destroy gree)" green "and the one that begins so"
is "$(offered console -- g)" 'green grey' "behind -- as well"
is "$(offered sched-credit2 -d g)" 'green grey' "and as the value of an option"
is "$(offered block-detach green '')" xvda "the disks of a domain"
is "$(offered block-detach grey '')" '' "of another that has none"
is "$(offered cpupool-list '')" Pool-0 "CPU pools"
is "$(offered create "$WORK/gree")" "$WORK/green.cfg" "configs"
is "$(offered create "$WORK/green.cfg" on_crash = pres)" preserve "words of a config's option"
succeeds "one is destroyed" pvhctl destroy grey
is "$(offered destroy '')" green "and offered no more"

pid=$(pidof pvhd)
kill -STOP "$pid"
before=$(date +%s%N)
is "$(offered destroy '')" '' "a pvhd that is stopped: nothing"
took=$((($(date +%s%N) - before) / 1000000))
kill -CONT "$pid"
diag "after $took ms"
is "$((took < 4000 * LAB_PATIENCE))" 1 "without waiting for long"
is "$(PVHCTL_SOCKET=/nowhere offered destroy '')" '' "no pvhd: nothing, and silently"
is "$(PVHCTL_SOCKET=/nowhere offered des)" destroy "but commands"
like "$(PVHCTL_SOCKET=/nowhere pvhctl help)" 'pvhctl create --console' "help begins at the beginning"
is "$(PVHCTL_SOCKET=/nowhere pvhctl help create)" "$(pvhctl create --help)" "help of a command is what it prints itself"
succeeds "the other is destroyed" pvhctl destroy green
