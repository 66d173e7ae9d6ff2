// SPDX-License-Identifier: LGPL-2.1-or-later
// How this room fails: one code, one sentence with what, where, the value seen and the bound.
#pragma once

#include "libdomain/core/bytes_view.h"
#include "libdomain/core/error.h"

#include <string>
#include <utility>

#include <fmt/format.h>

namespace pvh::image {

/// An Error of Errc::invalid_kernel; `text` is an fmt format.
template <class... Args>
[[nodiscard]] Error invalid_kernel(fmt::format_string<Args...> text, Args&&... args) {
    return Error{Errc::invalid_kernel, fmt::format(text, std::forward<Args>(args)...)};
}

/// The first bytes in hex, as messages show what was found instead of a magic: "7f 45 4c 46".
std::string first_bytes(BytesView bytes);

/// Whether `bytes` has `magic` at `offset`.
bool has_magic(BytesView bytes, std::string_view magic, std::uint64_t offset = 0);

} // namespace pvh::image
