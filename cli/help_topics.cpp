// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/help_topics.h"

#include <array>

namespace pvh::cli {

namespace {

constexpr std::string_view kConfig =
    R"(A config is a file as xl has them. The least that a guest needs:

  name   = "web"
  kernel = "/boot/vmlinuz-6.1.0-amd64"
  memory = 256

Most have more: ramdisk, extra (the kernel's command line, console=hvc0 for
Linux), vcpus, disk, vif, on_crash.

  pvhctl check web.cfg           what becomes of each option, line by line
  pvhctl plan web.cfg            what create would do; nothing is touched
  pvhctl create web.cfg memory=1024 extra+=' quiet'
                                 options behind the file override it

The kernel needs a PVH entry: Linux with CONFIG_PVH, or a unikernel.
All options: man pvhd.cfg. Examples: /usr/share/doc/pvhd/examples/)";

constexpr std::string_view kErrors =
    R"(An error says what failed, where, and below "hint:" mostly what to do. Then:

  pvhctl doctor                  what of the host is not as it should be
  pvhctl check web.cfg           what of the config is not used, and why
  pvhctl plan web.cfg            what would be built, step by step
  pvhctl console --replay web    what it printed, also after its end
  pvhctl events web              what happened to it
  pvhctl dump-core web web.core  its memory, for a debugger
  pvhctl selftest                whether this host boots guests as it should
  journalctl -u pvhd             what pvhd has to say

The exit status tells what it was: pvhctl --help lists them.)";

constexpr std::string_view kMemory =
    R"(memory= is what a guest begins with, maxmem= how far it may go without a new
life: set it at create, it costs a little memory.

  pvhctl info free_memory        what the host has left, in MiB
  pvhctl mem-set web 192         ask the guest to have so much
  pvhctl mem-set --wait 30 web 1g
                                 and tell whether it got there
  pvhctl mem-max web 2g          say how far mem-set may go

The guest's balloon driver does it, when and if it likes. The domain's next
life begins with what was set last.)";

constexpr std::string_view kDisksTopic =
    R"(In a config:

  disk = [ '/dev/vg0/web,raw,xvda,rw', '/srv/tools.img,raw,xvdb,ro' ]
  vif  = [ 'bridge=xenbr0' ]

and while the guest runs:

  pvhctl block-attach web /srv/data.img,raw,xvdc,rw
  pvhctl block-detach web xvdc   unmount it in the guest first
  pvhctl network-attach web bridge=xenbr0
  pvhctl network-detach web 1
  pvhctl block-list web          4 in column state is connected

Block devices and raw images are served by dom0's kernel, other formats by a
QEMU. What somebody else writes to is refused, with his name.)";

constexpr std::string_view kWaiting =
    R"(  pvhctl events                  what has happened, whoever caused it
  pvhctl events --follow         and goes on
  pvhctl wait web --for shutdown
                                 until this life of it has ended
  pvhctl shutdown --wait --timeout 60 web

For programs: --json prints one event a line, with its number. Who was away
asks for what came after the last one it saw, and is told if that is lost:

  pvhctl events --json --follow --since 41 --boot-id ID

Long work may be a job: it goes on whoever stays connected.

  pvhctl create --job web.cfg    prints its name
  pvhctl jobs
  pvhctl job-wait JOB)";

constexpr std::string_view kXl =
    R"(pvhctl has xl's commands, options and tables, for PVH domains. xl may go on
beside it: pvhctl list shows its domains, and xl list ours. A link by the name
of xl has scripts use pvhctl unchanged:

  ln -s /usr/bin/pvhctl /usr/local/lib/pvhd/xl

What pvhctl has besides:

  pvhctl check, plan             before something is created
  pvhctl console --replay web    what a guest has printed
  pvhctl wait, events, jobs      for scripts
  pvhctl doctor                  for hosts
  --json                         with each command

What differs on purpose: pvhctl never exits with 0 when it failed, and says
what it was by its status. /usr/share/doc/pvhd/docs/xl.md has all of it.)";

constexpr std::array kTopics{
    HelpTopic{"config", "what a guest needs, and how to try it", kConfig},
    HelpTopic{"errors", "where to look when something fails", kErrors},
    HelpTopic{"memory", "how much a guest has, and may have", kMemory},
    HelpTopic{"devices", "disks and interfaces", kDisksTopic},
    HelpTopic{"waiting", "to hear of domains, to wait for them, jobs", kWaiting},
    HelpTopic{"xl", "for those who come from xl", kXl},
};

} // namespace

std::span<const HelpTopic> help_topics() {
    return kTopics;
}

} // namespace pvh::cli
