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
# offers WANTED OUTCOME WORD...: of what pvhd knows. It is given 0.7 s to answer, and then nothing is offered: then it is asked again.
offers() {
    answers() { answer=$(offered "$@") && [ -n "$answer" ]; }
    poll $((5 * patience)) answers "${@:3}"
    is "$answer" "$1" "$2"
}
head -c $((1 << 20)) /dev/zero >"$WORK/image"
is "$(offered destroy '')" '' "no domain, nothing to offer"
succeeds "a guest" pvhctl create -p "$(config green "disk = [ '$WORK/image,raw,xvda,r' ]")" || return
succeeds "another" pvhctl create -p "$(config grey)"
offers 'green grey' "both are offered" destroy ''
offers green "and the one that begins so" destroy gree
offers 'green grey' "behind -- as well" console -- g
offers 'green grey' "and as the value of an option" sched-credit2 -d g
offers xvda "the disks of a domain" block-detach green ''
is "$(offered block-detach grey '')" '' "of another that has none"
offers Pool-0 "CPU pools" cpupool-list ''
is "$(offered create "$WORK/gree")" "$WORK/green.cfg" "configs"
is "$(offered create "$WORK/green.cfg" on_crash = pres)" preserve "words of a config's option"
succeeds "one is destroyed" pvhctl destroy grey
offers green "and offered no more" destroy ''

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
