# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# pvhd under systemd: installed, started by its socket, kept alive; guests and their QEMUs outlive it.
# needs: systemd no-pvhd
# limit: 300
#
# 1. What cmake --install leaves is sound for systemd, and no more exposed than docs/systemd.md says.
# 2. The first pvhctl starts pvhd by its socket, which is of group pvh and not pvhd's to remove.
# 3. pvhd killed, stuck, restarted or stopped: guests and a QEMU run on, and pvhd is there again.
# 4. Its log is in the journal with its name and levels.
# 5. A reload takes over settings; a file with a mistake changes nothing, and keeps pvhd from starting.
# 6. The drop-in for hosts without image files shuts pvhd in further, and it still builds domains.
# 7. Users have the roles that the settings give them.

have_pvhconsoled() { true; } # systemd's: lib.sh shall read consoles there
units="pvhd.service pvhd.socket pvhconsoled.service pvhconsoled.socket"
property() { systemctl show -P "$2" "$1"; }        # UNIT PROPERTY
pvhd_is() { [ "$(property pvhd.service ActiveState)" = "$1" ]; }
answers_as_other() { [ "$(property pvhd.service MainPID)" != "$1" ] && [ "$(property pvhd.service MainPID)" != 0 ] && pvhctl list; } # PID
journal() { journalctl --sync; journalctl -b -u pvhd.service -o cat; } # with what journald has not taken up yet
as() { setpriv --reuid=65534 --regid="$1" --clear-groups "${@:2}"; } # GROUP COMMAND...: as nobody

# shellcheck disable=SC2086
succeeds "the units are sound" systemd-analyze verify --man=no --recursive-errors=no $units
exposure() { systemd-analyze security --no-pager "$1" | sed -n 's/.*exposure level for.*: \([0-9.]*\) .*/\1/p'; }
diag "exposure: pvhd.service $(exposure pvhd.service), pvhconsoled.service $(exposure pvhconsoled.service)"
succeeds "pvhd's exposure is what it was" systemd-analyze security --threshold=33 --no-pager pvhd.service
succeeds "pvhconsoled's as well" systemd-analyze security --threshold=12 --no-pager pvhconsoled.service

# shellcheck disable=SC2086
succeeds "the units are enabled" systemctl enable $units
succeeds "the sockets open" systemctl start pvhd.socket pvhconsoled.socket
is "$(property pvhd.service ActiveState)" inactive "pvhd does not run yet"
is "$(stat -c '%G %a' /run/pvhd/pvhd.sock) $(stat -c '%G %a' /run/pvhd/console.sock)" "pvh 660 pvh 660" "sockets are of group pvh"
succeeds "pvhctl is answered" pvhctl list || { diag "$(systemctl status pvhd)"; return; }
is "$(property pvhd.service ActiveState) $(property pvhconsoled.service ActiveState)" "active active" "pvhd runs, and pvhconsoled"
is "$(journal | grep -c 'serving /run/pvhd/pvhd.sock')" 1 "its log is in the journal"
is "$(journalctl -b _SYSTEMD_UNIT=pvhd.service -o json -n1 | jq -r '[.SYSLOG_IDENTIFIER, .PRIORITY] | join(" ")')" "pvhd 6" "with its name and a level"

# A guest with a disk of dom0's kernel, one of QEMU, and an interface.
with_qemu
ip link add xenbr0 type bridge && ip link set xenbr0 up
qemu-img create -q -f qcow2 "$WORK/a.qcow2" 8M
truncate -s 8M "$WORK/b.img"
chown nobody "$WORK/b.img" && chmod 600 "$WORK/b.img"
initrd=$(answering | with_job)
file=$(linux_config web 'kernel = "/guest/vmlinux"' "ramdisk = \"$initrd\"" 'extra = "console=hvc0 pvh.do=job,idle"' \
    "disk = [ '$WORK/a.qcow2,qcow2,xvda,w', '$WORK/b.img,raw,xvdb,w' ]" "vif = [ 'bridge=xenbr0' ]")
succeeds "a guest with disks and an interface is created" pvhctl create "$file" || return
within 90 "it listens" console_says web '^guest: listens' || return
is "$(ask web 'dd if=/dev/zero of=/dev/xvda bs=1M count=1 conv=fsync 2>/dev/null && dd if=/dev/zero of=/dev/xvdb bs=1M count=1 conv=fsync 2>/dev/null && echo written')" \
    written "it writes to both disks"
is "$(pvhctl list | grep -c '^web ')" 1 "pvhctl lists it"
is "$(journalctl -b PVH_DOMAIN=web PVH_METHOD=domain.create -o json | jq -r '[.PVH_RESULT, ._SYSTEMD_UNIT] | join(" ")')" \
    "ok pvhd.service" "the journal knows by its name who created it"
is "$(journalctl -b PVH_UUID="$(pvhctl --json list | jq -r '.domains[] | select(.name == "web").uuid')" -o cat | grep -c ' created')" 1 "and by its UUID"

# Whatever becomes of pvhd, this stays the same.
guest_and_qemu() { xl domid web; pidof xen-qemu-system-i386; }
before=$(guest_and_qemu)
same() { is "$(guest_and_qemu)" "$before" "$1: the guest and its QEMU run on"; }

pid=$(property pvhd.service MainPID)
kill -KILL "$pid"
within 20 "killed, pvhd is there again" answers_as_other "$pid"
same "killed"
is "$(property pvhd.service NRestarts)" 1 "systemd restarted it"
is "$(pvhctl domid web)" "$(xl domid web)" "it knows the guest"

pid=$(property pvhd.service MainPID)
kill -STOP "$pid"
within 60 "stuck, the watchdog has it restarted" answers_as_other "$pid"
same "stuck"
like "$(journal)" 'Watchdog timeout' "the journal says why"

console_pid=$(property pvhconsoled.service MainPID)
kill -STOP "$console_pid"
within 60 "pvhconsoled's watchdog barks, too" eval '[ "$(property pvhconsoled.service MainPID)" != "$console_pid" ] && console_says web listens'

succeeds "systemctl restart pvhd" systemctl restart pvhd
same "restarted"
counts_domains() { [[ $(property pvhd.service StatusText) = "1 domain"* ]]; } # told behind its readiness
within 5 "the service's status counts domains" counts_domains
succeeds "systemctl stop pvhd" systemctl stop pvhd.service
same "stopped"
is "$(test -S /run/pvhd/pvhd.sock && echo there)" there "its socket is left to systemd"
is "$(pvhctl domid web)" "$(xl domid web)" "and starts it again"
is "$(ask web 'dd if=/dev/xvda of=/dev/null bs=1M count=1 2>/dev/null && echo read')" read "the guest still reads its disk"
truncate -s 8M "$WORK/c.img"
succeeds "a disk is attached after all that" pvhctl block-attach web "$WORK/c.img,raw,xvdc,rw"
succeeds "and detached" pvhctl block-detach web xvdc

# Settings.
conf=/etc/pvhd/pvhd.conf
like "$(cat $conf)" '^#log_level = "info"' "the settings installed are the defaults"
cp $conf "$WORK/conf"
echo 'log_level = "debug"' >>$conf
pid=$(property pvhd.service MainPID)
succeeds "systemctl reload" systemctl reload pvhd.service
within 10 "takes over the log level" eval 'pvhctl list && journal | grep -q "is read again"'
printf 'workers = 3\nlog_level = "warn"\n' >$conf
systemctl reload pvhd.service
within 10 "what needs a restart is said" eval 'journal | grep -q "workers has changed"'
printf 'log_levle = "info"\n' >$conf
systemctl reload pvhd.service
within 10 "a mistake is said with its place" eval 'journal | grep -q "pvhd.conf:1:1: error: unknown setting"'
is "$(property pvhd.service MainPID)" "$pid" "and nothing changes"
fails "pvhd --check-settings says it beforehand" 'did you mean "log_level"' pvhd --check-settings $conf
cp "$WORK/conf" $conf

# Shut in further.
dropins=/etc/systemd/system/pvhd.service.d
mkdir -p $dropins
cp /usr/share/doc/pvhd/examples/strict.conf $dropins/
systemctl daemon-reload
succeeds "with the strict drop-in pvhd starts" systemctl restart pvhd
diag "exposure: pvhd.service $(exposure pvhd.service)"
succeeds "it is shut in further" systemd-analyze security --threshold=16 --no-pager pvhd.service
succeeds "and builds a domain with an interface" pvhctl create "$(config tiny "vif = [ 'bridge=xenbr0' ]")"
succeeds "which it destroys" pvhctl destroy tiny
rm -r $dropins
systemctl daemon-reload
systemctl restart pvhd

# Roles.
fails "nobody may not connect" 'Permission denied' as 65534 pvhctl list
pvh=$(getent group pvh | cut -d: -f3)
succeeds "a member of group pvh may do everything" as "$pvh" pvhctl pause web
succeeds "and undo it" as "$pvh" pvhctl unpause web
echo 'reader_groups = [ "pvh" ]' >$conf
systemctl reload pvhd.service pvhconsoled.service
within 10 "once it is a group of readers, no more" eval 'as "$pvh" pvhctl pause web 2>&1 | grep "domain.pause needs the role operator, you have reader"'
succeeds "it may look" as "$pvh" pvhctl list
within 10 "but not at consoles" eval 'as "$pvh" pvhctl console --replay web 2>&1 | grep "consoles need the role operator, you have reader"' # pvhconsoled reads it by itself
succeeds "root may still do everything" pvhctl destroy web
cp "$WORK/conf" $conf

# shellcheck disable=SC2086
succeeds "all of it stops" systemctl stop $units
# shellcheck disable=SC2086
systemctl disable -q $units
ip link delete xenbr0
rm /var/lib/pvhd/lock
