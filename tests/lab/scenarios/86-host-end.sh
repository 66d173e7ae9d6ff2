# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Guests of autostart.d begin with the host, and when it goes down they are shut down first.
# needs: systemd no-pvhd last long
# limit: 240
#
# 1. pvhd-domains.service starts them side by side; one that runs already is left alone, one with a mistake is told of.
# 2. At the host's poweroff guests power down; one that does not listen is destroyed when the time is up; xl's are left to xl.
# 3. Then pvhd and Xen's services end, and the machine.

have_pvhconsoled() { true; } # systemd's: lib.sh shall read consoles there
units="pvhd.socket pvhconsoled.socket pvhd.service pvhconsoled.service pvhd-domains.service"
folder=/etc/pvhd/autostart.d
journal() { journalctl -b -u pvhd-domains.service -o cat; }
state() { systemctl show -P ActiveState pvhd-domains.service; }
autostart() { cp "$2" "$folder/$1.cfg"; } # NAME CONFIG
guest() { linux_config "$1" 'kernel = "/guest/vmlinux"' "${@:2}"; } # NAME [LINE...]

succeeds "systemd knows the unit" systemd-analyze verify --man=no --recursive-errors=no pvhd-domains.service
autostart 10-one "$(guest one)"
autostart 20-typo "$(config typo 'memroy = 4' 'vcpus = 0')"
autostart 30-two "$(guest two 'on_poweroff = "restart"')"
autostart 40-deaf "$(config deaf)"
autostart 50-early "$(config early)"
echo 'no config' >$folder/README
# A minute is enough here; the distribution's xendomains would wait for xl's domain.
mkdir -p /etc/systemd/system/pvhd-domains.service.d
sed -n 's/^ExecStopPost=\(.*\)--timeout 120/[Service]\nExecStopPost=\nExecStopPost=\1--timeout 60/p' /lib/systemd/system/pvhd-domains.service \
    >/etc/systemd/system/pvhd-domains.service.d/lab.conf
sed -i 's/^XENDOMAINS_SHUTDOWN=.*/XENDOMAINS_SHUTDOWN=/' /etc/default/xendomains
systemctl daemon-reload

# shellcheck disable=SC2086
systemctl enable -q $units
succeeds "the sockets open" systemctl start pvhd.socket pvhconsoled.socket
succeeds "one of them is there before" pvhctl create "$folder/50-early.cfg"
early=$(domid_of early)
succeeds "another is xl's" xl create -q "$(config alien)"
succeeds "the unit starts" systemctl start pvhd-domains.service
is "$(state)" active "it is active, though one could not be created"
is "$(pvhctl list | awk 'NR > 2 {print $1}' | sort | tr '\n' ' ')" "alien deaf early one two " "all others are there"
is "$(domid_of early)" "$early" "who was there is left alone"
like "$(journal)" '50-early.cfg: .*left alone' "as the journal says"
like "$(journal)" "20-typo.cfg:.*vcpus" "it says what is wrong with the one"
like "$(journal)" '10-one.cfg: one is domain [0-9]+' "and who started"
within 60 "the guests are up" eval 'ready one && ready two'

uuid_of() { pvhctl --json list | jq -r ".domains[] | select(.name == \"$1\") | .uuid"; }
one=$(uuid_of one) two=$(uuid_of two)
systemctl start --no-block --job-mode=replace-irreversibly poweroff.target
within 100 "the host goes down, and its domains end before it" eval '[ "$(state)" = inactive ]'
is "$(xl list | awk 'NR > 2 {print $1}')" alien "no domain of pvhd's is left, and xl's is xl's"
succeeds "one's last word is that it goes down" grep -aqE 'reboot: (System halted|Power down)' "/run/pvhd/console/$one"
succeeds "two's as well" grep -aqE 'reboot: (System halted|Power down)' "/run/pvhd/console/$two"
like "$(journal)" 'deaf was still there: destroyed' "who does not listen was destroyed"
like "$(journal)" 'two was still there: destroyed' "so was who would have begun anew"
unlike "$(journal)" 'one was still there|Failed with result' "and not who left; nothing failed"
within 60 "then pvhd ends" eval '[ "$(systemctl show -P ActiveState pvhd.service)" = inactive ]'
unlike "$(journalctl -b -u pvhd.service -o cat | tail -n 5)" 'Failed|Killing' "in order"
is "$(systemctl is-active xen.service)" active "and Xen's services after that"
xl destroy alien
