# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A thousand domains one after the other, and two hundred at once: nothing grows.
# needs: long
# limit: 600
#
# 1. 200 domains at once: pvhd has at most 16 MiB of memory; list, and the destruction of all.
# 2. 1000 cycles of create and destroy: Xen's free memory, xenstore's nodes, pvhd's descriptors and memory are the same.

config=$(jq -Rs . <"$(config many)")

call() { # METHOD PARAMS: its answer
    echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$1\",\"params\":$2}" >&"${pvhd[1]}"
    read -r -t $((30 * patience)) answer <&"${pvhd[0]}"
}
make() { call domain.create "{\"config\":$config,\"directory\":\"/\",\"overrides\":[\"name=$1\"]}"; } # NAME
end() { call domain.destroy "{\"name\":\"$1\"}"; }
resident() { awk '$1 == "VmRSS:" {print $2}' "/proc/$(pvhd_pid)/status"; } # KiB
nodes() { xenstore-ls -fp | grep -cvE "$volatile_nodes"; }
descriptors() { descriptors_of "$(pvhd_pid)" | wc -l; }

stop_pvhd && start_pvhd # without the images that it has cached for others
before="$(nodes) nodes, $(descriptors) descriptors"
memory_before=$(free_memory)
# One connection for all: starting a program takes longer here than making a domain.
coproc pvhd { socat - UNIX-CONNECT:/run/pvhd/pvhd.sock; }
failed=0
for i in $(seq 200); do
    make "many$i"
    [[ $answer = *'"result"'* ]] || failed=$((failed + 1))
done
is "$failed" 0 "200 are created"
is "$(xl list | grep -c '^many')" 200 "xl sees 200"
is "$(pvhctl list | grep -c '^many')" 200 "and pvhctl"
rss=$(resident)
diag "with 200 domains pvhd has $rss KiB"
like "$((rss <= 16 * 1024))" 1 "pvhd has at most 16 MiB then ($rss KiB)"
failed=0
for i in $(seq 200); do
    end "many$i"
    [[ $answer = *'"result"'* ]] || failed=$((failed + 1))
done
is "$failed" 0 "200 are destroyed"
is "$(xl list | grep -c '^many')" 0 "and are gone"

cycles() { # COUNT
    local i
    for i in $(seq "$1"); do
        make cycle
        [[ $answer = *'"result"'* ]] || { not_ok "cycle $i: create" || diag "$answer"; return 1; }
        end cycle
        [[ $answer = *'"result"'* ]] || { not_ok "cycle $i: destroy" || diag "$answer"; return 1; }
    done
}
begin=$SECONDS
cycles 700 || return # until the events that are kept are as many as can be
rss=$(resident)
cycles 300 || return
diag "1000 cycles took $((SECONDS - begin)) s; pvhd had $rss KiB after 700 and has $(resident) KiB"
ok "1000 cycles"
like "$(($(resident) - rss <= 256))" 1 "pvhd has grown by at most 256 KiB in the last 300"
exec {pvhd[1]}>&-
poll $((5 * patience)) eval '[ "$(nodes) nodes, $(descriptors) descriptors" = "$before" ]'
is "$(nodes) nodes, $(descriptors) descriptors" "$before" "nodes and descriptors are as many as before"
like "$(($(free_memory) >= memory_before - 1))" 1 "Xen has as much memory as before ($memory_before MiB, $(free_memory) MiB)"
