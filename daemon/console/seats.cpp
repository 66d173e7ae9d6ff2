// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/seats.h"

#include <algorithm>
#include <utility>

namespace pvh::console {

void Seats::enter(Id id, std::string who, Wish wish, Tell tell) {
    seats_[id] = {.who = std::move(who), .tell = std::move(tell)};
    if (wish == Wish::read) return;
    if (wish == Wish::write_next) {
        line_.push_back(id);
        return;
    }
    if (!line_.empty()) seats_.at(line_.front()).tell(seats_.at(id).who);
    line_.insert(line_.begin(), id);
}

void Seats::put_down_pen(Id id) {
    const bool wrote = writes(id);
    line_.erase(std::remove(line_.begin(), line_.end(), id), line_.end());
    if (wrote && !line_.empty()) seats_.at(line_.front()).tell("");
}

void Seats::leave(Id id) {
    put_down_pen(id);
    seats_.erase(id);
}

std::string Seats::writer() const {
    return line_.empty() ? "" : seats_.at(line_.front()).who;
}

} // namespace pvh::console
