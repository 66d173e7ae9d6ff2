// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/ring.h"

#include "libdomain/core/error.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include <fmt/format.h>

namespace pvh::console {

// char in[1024], out[2048]; uint32_t in_cons, in_prod, out_cons, out_prod.
enum class ConsoleRing::Index : std::size_t {
    in_cons = kInSize + kOutSize,
    in_prod = in_cons + 4,
    out_cons = in_prod + 4,
    out_prod = out_cons + 4,
};

namespace {

constexpr std::size_t kLayoutSize = ConsoleRing::kInSize + ConsoleRing::kOutSize + 4 * 4;

} // namespace

ConsoleRing::ConsoleRing(std::span<std::byte> page) : page_{page} {
    if (page.size() < kLayoutSize)
        throw Error{Errc::internal, fmt::format("a console ring of {} bytes", page.size())};
}

std::uint32_t ConsoleRing::load(Index index) const {
    auto* word = reinterpret_cast<std::uint32_t*>(page_.data() + static_cast<std::size_t>(index));
    return std::atomic_ref{*word}.load(std::memory_order_acquire);
}

void ConsoleRing::store(Index index, std::uint32_t value) {
    auto* word = reinterpret_cast<std::uint32_t*>(page_.data() + static_cast<std::size_t>(index));
    // Sequential: what we read or wrote of the ring comes before the index that tells of it.
    std::atomic_ref{*word}.store(value, std::memory_order_seq_cst);
}

std::optional<ConsoleRing::Output> ConsoleRing::peek() const {
    const std::uint32_t prod = load(Index::out_prod);
    const std::uint32_t cons = load(Index::out_cons);
    const std::uint32_t size = prod - cons; // modulo 2^32, as the ABI has it
    if (size > kOutSize) return std::nullopt;
    Output output{.bytes = std::string(size, '\0'), .end = prod};
    const auto ring = page_.subspan(kInSize, kOutSize);
    const std::size_t begin = cons % kOutSize;
    const std::size_t first = std::min<std::size_t>(size, kOutSize - begin);
    std::memcpy(output.bytes.data(), ring.data() + begin, first);
    std::memcpy(output.bytes.data() + first, ring.data(), size - first);
    return output;
}

void ConsoleRing::take_to(std::uint32_t end) {
    store(Index::out_cons, end);
}

std::uint32_t ConsoleRing::taken() const {
    return load(Index::out_cons);
}

void ConsoleRing::resume_at(std::uint32_t index) {
    const std::uint32_t prod = load(Index::out_prod);
    const std::uint32_t cons = load(Index::out_cons);
    if (prod - cons <= kOutSize && index - cons <= prod - cons) store(Index::out_cons, index);
}

std::size_t ConsoleRing::put(std::string_view bytes) {
    const std::uint32_t prod = load(Index::in_prod);
    const std::uint32_t used = prod - load(Index::in_cons);
    if (used >= kInSize) return 0; // full, or nonsense
    const auto ring = page_.first(kInSize);
    const std::size_t count = std::min<std::size_t>(bytes.size(), kInSize - used);
    const std::size_t begin = prod % kInSize;
    const std::size_t first = std::min(count, kInSize - begin);
    std::memcpy(ring.data() + begin, bytes.data(), first);
    std::memcpy(ring.data(), bytes.data() + first, count - first);
    store(Index::in_prod, prod + static_cast<std::uint32_t>(count));
    return count;
}

} // namespace pvh::console
