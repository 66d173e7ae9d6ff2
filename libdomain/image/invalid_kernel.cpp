// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/invalid_kernel.h"

#include <algorithm>
#include <cstring>

namespace pvh::image {

std::string first_bytes(BytesView bytes) {
    constexpr std::uint64_t kShown = 8;
    const auto shown = bytes.span().first(std::min(bytes.size(), kShown));
    std::string text;
    for (const std::byte byte : shown)
        text += fmt::format("{}{:02x}", text.empty() ? "" : " ", std::to_integer<unsigned>(byte));
    return text;
}

bool has_magic(BytesView bytes, std::string_view magic, std::uint64_t offset) {
    const auto found = bytes.sub(offset, magic.size());
    return found && std::memcmp(found->data(), magic.data(), magic.size()) == 0;
}

} // namespace pvh::image
