// SPDX-License-Identifier: LGPL-2.1-or-later
// What a guest printed: the last MiB, in a file of its own, so that it survives a restart of
// pvhconsoled. On a tmpfs that file is memory; no second copy is held.
#pragma once

#include "libdomain/core/ids.h"
#include "libdomain/core/unique_handle.h"
#include "libdomain/core/uuid.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pvh::console {

/// Positions count all bytes that were ever printed: those from begin() up to end() are kept.
class History {
  public:
    static constexpr std::uint64_t kCapacity = 1 * kMiB;

    /// Whose it is. The domid is that of the domain's latest life.
    struct Owner {
        DomId id;
        std::string name;
    };

    /// The one in the file, or an empty one if there is none or it cannot be believed. If the
    /// folder takes no file, it is kept in memory alone, with a warning.
    static History open(const std::string& path);
    /// One that nobody is to find again.
    static History in_memory();
    /// Nothing unless there is one to be believed. Only to be read.
    static std::optional<History> find(const std::string& path);

    /// A life of the domain begins, or is found again: `ring_index` is where its ring stands.
    /// Returns where the ring stood when the last bytes were appended, which is the same unless a
    /// predecessor was killed between that and telling the guest.
    std::uint32_t begin_life(const Owner& owner, std::uint32_t ring_index);
    void rename(const std::string& name);

    /// Its file is as young as the end of its domain, however long that was silent.
    void end_life() const noexcept;

    void append(std::string_view bytes);

    [[nodiscard]] std::uint64_t begin() const;

    [[nodiscard]] std::uint64_t end() const { return written_; }

    /// At most `max` bytes from `position`, which is one of those kept.
    [[nodiscard]] std::string read(std::uint64_t position, std::size_t max) const;

    [[nodiscard]] const Owner& owner() const { return owner_; }

  private:
    void make_room_in_memory();

    explicit History(UniqueFd file) : file_{std::move(file)} {}

    bool load();
    void save_header() const;
    void grow(std::size_t more);
    void put(std::uint64_t offset, std::string_view bytes) const;

    UniqueFd file_;
    Owner owner_;
    std::uint64_t capacity_{0}; // grows to kCapacity before anything is overwritten
    std::uint64_t written_{0};
    std::uint32_t ring_base_{0}; // the ring stands at this plus written_
};

} // namespace pvh::console
