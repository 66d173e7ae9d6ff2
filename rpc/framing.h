// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pvh::rpc {

/// Cuts a stream of bytes into lines at LF and never holds more of an unfinished line than its
/// limit.
class LineSplitter {
  public:
    explicit LineSplitter(std::size_t limit) : limit_{limit} {}

    /// Throws ProtocolError (invalid request) once an unfinished line is longer than the limit; the
    /// stream is then lost.
    void append(std::string_view bytes);

    /// The next finished line without its LF. Throws ProtocolError if it is longer than the limit.
    std::optional<std::string> next();

    /// All that no line was made of; nothing is held any more.
    std::string take_rest();

    /// Whether bytes of an unfinished line are held; meaningful once next() has answered nothing.
    [[nodiscard]] bool has_partial() const { return begin_ < buffer_.size(); }

  private:
    void compact();

    std::size_t limit_;
    std::string buffer_;
    std::size_t begin_{0};   // of the line that comes next
    std::size_t scanned_{0}; // no LF in [begin_, scanned_)
};

} // namespace pvh::rpc
