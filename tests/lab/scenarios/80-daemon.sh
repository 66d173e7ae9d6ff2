# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The daemon comes and goes, domains stay.
# needs: both-xenstoreds
# limit: 150
#
# 1. SIGTERM ends pvhd in order, status 0, the socket is gone; the domain runs on.
# 2. Without a daemon pvhctl says so in clear words.
# 3. A new pvhd knows the domain as its own, and applies its policy.
# 4. kill -9 loses nothing either.
# 5. A second pvhd on the same socket is refused.
# 6. Nobody without rights gets in.
# 7. Who waits for a domain's end waits on over that.
# 8. Without xenstored, without Xen, and on a Xen of another version, pvhd says so and ends.

managed() { [ "$(pvhctl list --json | jq -r ".domains[] | select(.name == \"$1\") | .managed")" = true ]; }

create_with pvhctl "$(linux_config guest 'vcpus = 1' 'kernel = "/guest/vmlinuz-lz4"')"
within 30 "the guest is ready" ready guest
pvhctl wait guest --for gone >"$WORK/waited" 2>&1 &
waiting=$!
connected() { [ -d /proc/$waiting ] && [ "$(pvhctl metrics | sed -n 's/^pvhd_connections //p')" = 2 ]; }
waits() { connected && sleep 1 && connected; } # pvhd may not have heard yet that another client is gone
within 20 "somebody waits for its end" waits
succeeds "pvhd ends on SIGTERM" stop_pvhd -TERM
is "$(cat "$pvhd_status_file")" 0 "with status 0"
fails "the socket is gone with it" '' test -e /run/pvhd/pvhd.sock
succeeds "the domain lives on" running guest
fails "pvhctl says that no daemon is there" 'pvhd' pvhctl list
start_pvhd
succeeds "a new pvhd knows it as its own" managed guest
stop_pvhd -KILL
start_pvhd
succeeds "after kill -9 as well" managed guest
succeeds "shutdown -w works on an adopted domain" timeout $((20 * patience)) pvhctl shutdown -w guest
within 10 "it is gone" gone guest
wait $waiting
is "$? $(tail -n1 "$WORK/waited")" "0 poweroff" "who waited heard of it"
like "$(head -n1 "$WORK/waited")" 'pvhd went away: waiting for it to come back' "over pvhd's absence"

fails "a second pvhd on the same state folder is refused" '/var/lib/pvhd.*another pvhd' timeout $((20 * patience)) pvhd
fails "a second pvhd on the socket is refused" '/run/pvhd/pvhd\.sock' timeout $((20 * patience)) pvhd --state-dir "$WORK/state"
chmod 711 /run/pvhd
fails "nobody without rights gets in" '(ermission|denied|rights)' su -s /bin/sh nobody -c 'pvhctl list'

stop_pvhd
mv /run/xenstored/socket /run/xenstored/hidden 2>/dev/null || mv /var/run/xenstored/socket /var/run/xenstored/hidden
fails "without xenstored pvhd says so" 'xenstored' timeout $((20 * patience)) pvhd
mv /run/xenstored/hidden /run/xenstored/socket
fails "on a Xen of another version pvhd names both" 'Xen 4\.[0-9]+ runs here.*libraries of Xen 4\.' \
    env LD_PRELOAD=/lab/other_xen.so timeout $((20 * patience)) pvhd
# In a mount namespace of its own: xenstored keeps /proc/xen busy.
fails "without Xen's privcmd pvhd says so" '(Xen|privcmd)' \
    unshare -m sh -c 'mount -t tmpfs none /dev/xen && mount -t tmpfs none /proc/xen && exec timeout 20 pvhd'
start_pvhd
