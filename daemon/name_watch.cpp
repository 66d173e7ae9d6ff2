// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/name_watch.h"

namespace pvh::daemon {

std::optional<Uuid> named_at(std::string_view path) {
    constexpr std::string_view kFolder = "/vm/";
    constexpr std::string_view kNode = "/name";
    if (!path.starts_with(kFolder) || !path.ends_with(kNode)) return std::nullopt;
    path.remove_prefix(kFolder.size());
    if (path.size() < kNode.size()) return std::nullopt;
    path.remove_suffix(kNode.size());
    return parse_uuid(path);
}

} // namespace pvh::daemon
