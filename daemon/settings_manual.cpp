// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/manual.h"
#include "daemon/settings.h"

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

constexpr std::string_view kHead = R"(pvhd.conf(5)

# NAME

pvhd.conf - settings of pvhd and pvhconsoled

# SYNOPSIS

/etc/pvhd/pvhd.conf

# DESCRIPTION

Both daemons read this file when they start; without it, everything has its default. It is written in the language of
*pvhd.cfg*(5): lines of key = value, strings in quotes, lists in brackets, comments from *#* on. A key that is unknown, or a
value that cannot be, is an error that names the place, and the daemon does not start.

Most keys have an option on the command line of *pvhd*, which goes before the file: *--log-level* for *log\_level*.
pvhconsoled heeds *socket*, *group*, *log\_level* and the roles.

*pvhd --check-settings* _FILE_ reads a file, tells what is wrong with it, and does nothing else. *--settings* _FILE_ has a
daemon read another one.

SIGHUP, which *systemctl reload* sends, has a daemon read the file again. Keys marked "at once" then apply; of others that
have changed the log says that they wait for the next start. A file with an error changes nothing.

# KEYS
)";

constexpr std::string_view kTail = R"(
# ROLES

Who connects is known from the kernel, by user and groups. A *reader* may look: list domains, ask for their state, wait
for one. An *operator* may also do everything with domains but dump their memory, and use their consoles. An *admin* may
do whatever there is. An operator can become root: a config may name any script, disk or directory of dom0.
*pvhctl* is told by the daemon which role a command needed, and *rpc.discover* lists all of them.

root is always an admin. Whoever has several roles has the highest. While none of these keys is set, members of the
socket's group are admins; once one is, though it names nobody, these keys alone count.

A user or group is a name, or a number as a string. One that does not exist is warned of, and gives nothing to anybody. A
role is of no use to a user who cannot connect: the socket is open to members of its group only.

# EXAMPLES

All members of group pvh may look, and those of group xen-ops may do more:

	reader\_groups = [ "pvh" ]++
operator\_groups = [ "xen-ops" ]++
log\_level = "warn"

# SEE ALSO

*pvhd*(8), *pvhconsoled*(8), *pvhctl*(1), *pvhd.cfg*(5)
)";

std::string entry(const SettingKey& key) {
    const std::string usual = default_text(key);
    config::Option option = key.option;
    option.default_text = usual;
    std::string text = config::manual_entry(option);
    text.pop_back(); // its line goes on
    if (key.most > 0) text += fmt::format(" From {} to {}.", key.least, key.most);
    return text + (key.is_live ? " At once.\n" : "\n");
}

} // namespace

std::string settings_manual() {
    std::string page{kHead};
    for (const SettingKey& key : setting_keys())
        page += entry(key);
    page += kTail;
    return page;
}

} // namespace pvh::daemon
