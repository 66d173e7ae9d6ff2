// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/bytes_view.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pvh::image {

/// Where decoders write: straight into the final memory, which grows as bytes really come out and
/// never past a limit. `limit` is below 2^62; `limit_meaning` ends the sentence "unpacks to more
/// than N bytes, ...". `likely_size` is allocated at once, so a right guess costs one allocation
/// and no copy.
class OutputBuffer {
  public:
    OutputBuffer(std::uint64_t limit, std::string_view limit_meaning, std::uint64_t likely_size);

    /// Free room behind what was written: `wanted` bytes, or as many as the limit leaves and one
    /// more. That one is how a decoder shows that it has more to say than the limit allows. Never
    /// empty.
    std::span<std::byte> room(std::uint64_t wanted = 1);

    /// Keeps the first `count` bytes of the last room. Throws Errc::invalid_kernel if that passes
    /// the limit.
    void wrote(std::uint64_t count);

    [[nodiscard]] std::uint64_t size() const { return size_; }

    [[noreturn]] void overflow() const;

    /// What was written.
    Bytes take() &&;

  private:
    std::uint64_t limit_;
    std::string_view limit_meaning_;
    std::uint64_t size_{0};
    Bytes buffer_;
};

} // namespace pvh::image
