// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace pvh::xen {

/// XenStore watches for an event loop. A firing says "look again", never what happened; it may come
/// more than once, or late. Used by one thread.
class StoreWatch {
  public:
    StoreWatch() = default;
    StoreWatch(const StoreWatch&) = delete;
    StoreWatch& operator=(const StoreWatch&) = delete;
    virtual ~StoreWatch() = default;

    /// Readable when take_events() would return something. Owned by this object.
    [[nodiscard]] virtual int fd() const = 0;
    /// A new watch fires once at once. `@introduceDomain` and `@releaseDomain` are paths too.
    virtual void watch(const std::string& path, const std::string& token) = 0;
    virtual void unwatch(const std::string& path, const std::string& token) = 0;

    struct Event {
        std::string path; // that changed; at or below the watched one
        std::string token;
    };

    /// What fired since the last call; never blocks.
    virtual std::vector<Event> take_events() = 0;
};

} // namespace pvh::xen
