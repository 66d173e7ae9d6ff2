// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/framing.h"

#include "rpc/protocol_error.h"

#include <fmt/format.h>

namespace pvh::rpc {

namespace {

[[noreturn]] void refuse(std::size_t limit) {
    throw ProtocolError{kInvalidRequest, fmt::format("a line is longer than {} bytes", limit)};
}

} // namespace

void LineSplitter::append(std::string_view bytes) {
    compact();
    buffer_.append(bytes);
    const bool is_unfinished = buffer_.find('\n', scanned_) == std::string::npos;
    if (is_unfinished && buffer_.size() - begin_ > limit_) refuse(limit_);
}

std::optional<std::string> LineSplitter::next() {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
        if (buffer_.size() - begin_ > limit_) refuse(limit_);
        scanned_ = buffer_.size();
        return std::nullopt;
    }
    if (end - begin_ > limit_) refuse(limit_);
    std::string line = buffer_.substr(begin_, end - begin_);
    begin_ = scanned_ = end + 1;
    return line;
}

std::string LineSplitter::take_rest() {
    std::string rest = buffer_.substr(begin_);
    buffer_.clear();
    begin_ = scanned_ = 0;
    return rest;
}

void LineSplitter::compact() {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
}

} // namespace pvh::rpc
