// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/output_buffer.h"

#include "libdomain/core/ids.h"
#include "libdomain/image/invalid_kernel.h"

#include <algorithm>
#include <utility>

namespace pvh::image {

OutputBuffer::OutputBuffer(std::uint64_t limit, std::string_view limit_meaning,
                           std::uint64_t likely_size)
    : limit_{limit}, limit_meaning_{limit_meaning}, buffer_(std::min(likely_size, limit) + 1) {}

std::span<std::byte> OutputBuffer::room(std::uint64_t wanted) {
    const std::uint64_t needed = size_ + std::min(wanted, limit_ + 1 - size_);
    if (needed > buffer_.size()) {
        const std::uint64_t ample = std::max(needed, buffer_.size() + buffer_.size() / 2 + kMiB);
        const std::uint64_t next = std::min(ample, limit_ + 1);
        buffer_.reserve(next); // exactly: resize alone would double
        buffer_.resize(next);
    }
    return std::span{buffer_}.subspan(size_);
}

void OutputBuffer::wrote(std::uint64_t count) {
    size_ += count;
    if (size_ > limit_) overflow();
}

void OutputBuffer::overflow() const {
    throw invalid_kernel("unpacks to more than {} bytes, {}", limit_, limit_meaning_);
}

Bytes OutputBuffer::take() && {
    buffer_.resize(size_);
    // After a guess far too high the holder would pay for memory that nobody counts.
    if (buffer_.capacity() - size_ > size_ / 4 + kMiB) buffer_.shrink_to_fit();
    return std::move(buffer_);
}

} // namespace pvh::image
