// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is at a console: any number read, one of them writes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace pvh::console {

enum class Wish {
    read,       // never write
    write_next, // when nobody else does
    write_now,  // take over
};

class Seats {
  public:
    using Id = std::uint64_t;
    /// Tells a client that another writes now, or, with "", that it does itself.
    using Tell = std::function<void(const std::string& writer)>;

    /// `who` is for the others: "pid 12 uid 0". Whoever wrote is told, but not the newcomer.
    void enter(Id id, std::string who, Wish wish, Tell tell);
    /// It has nothing more to write, and goes on reading. The one who waited longest writes next,
    /// and is told.
    void put_down_pen(Id id);
    /// No error if it is not here.
    void leave(Id id);

    [[nodiscard]] bool writes(Id id) const { return !line_.empty() && line_.front() == id; }

    /// Who writes; "" if nobody does.
    [[nodiscard]] std::string writer() const;

    [[nodiscard]] bool empty() const { return seats_.empty(); }

  private:
    struct Seat {
        std::string who;
        Tell tell;
    };

    std::map<Id, Seat> seats_;
    std::vector<Id> line_; // of those who would write; the first one does
};

} // namespace pvh::console
