// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pvh::console {

/// The page that a guest and its console service share.   [xen/include/public/io/console.h]
///
/// The guest can write all of it at any time: indices are read once and believed only if they make
/// sense together, and nothing is addressed by them but what lies inside the ring.
class ConsoleRing {
  public:
    static constexpr std::size_t kInSize = 1024;
    static constexpr std::size_t kOutSize = 2048;

    /// `page` is what was mapped; it outlives this.
    explicit ConsoleRing(std::span<std::byte> page);

    struct Output {
        std::string bytes;   // may be empty
        std::uint32_t end{}; // the index behind them
    };

    /// What the guest printed and nobody took yet; nothing if its indices make no sense.
    [[nodiscard]] std::optional<Output> peek() const;
    /// Gives the guest the room back, up to `end` of a peek.
    void take_to(std::uint32_t end);

    /// Where the next taken byte stands.
    [[nodiscard]] std::uint32_t taken() const;
    /// Passes over what a predecessor took without telling the guest: up to `index`, if that lies
    /// in what is there.
    void resume_at(std::uint32_t index);

    /// Puts as much as fits in front of the guest, and tells how much.
    std::size_t put(std::string_view bytes);

  private:
    enum class Index : std::size_t;
    [[nodiscard]] std::uint32_t load(Index index) const;
    void store(Index index, std::uint32_t value);

    std::span<std::byte> page_;
};

} // namespace pvh::console
