// SPDX-License-Identifier: LGPL-2.1-or-later
// XenStore watches by hand: a test says what fires.
#pragma once

#include "libdomain/core/unique_handle.h"
#include "libdomain/xen/store_watch.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

namespace pvh::test {

/// What one FakeWatch and the test that fires it share; for any threads.
class WatchBoard {
  public:
    WatchBoard() : fd_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {}

    [[nodiscard]] int fd() const { return fd_.get(); }

    void watch(const std::string& path, const std::string& token) {
        const std::lock_guard lock{mutex_};
        watched_.emplace(path, token);
        push({path, token}); // as xenstored does
    }

    void unwatch(const std::string& path) {
        const std::lock_guard lock{mutex_};
        watched_.erase(path);
    }

    /// What a change at `path` does, if it is watched.
    void fire(const std::string& path) {
        const std::lock_guard lock{mutex_};
        for (const auto& [watched, token] : watched_)
            if (path == watched || path.starts_with(watched + '/')) push({path, token});
    }

    [[nodiscard]] bool is_watched(const std::string& path) const {
        const std::lock_guard lock{mutex_};
        return watched_.contains(path);
    }

    std::vector<xen::StoreWatch::Event> take() {
        const std::lock_guard lock{mutex_};
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(fd_.get(), &count, sizeof(count));
        return std::exchange(events_, {});
    }

  private:
    void push(xen::StoreWatch::Event event) {
        events_.push_back(std::move(event));
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto put = ::write(fd_.get(), &one, sizeof(one));
    }

    mutable std::mutex mutex_;
    UniqueFd fd_;
    std::map<std::string, std::string> watched_;
    std::vector<xen::StoreWatch::Event> events_;
};

class FakeWatch final : public xen::StoreWatch {
  public:
    explicit FakeWatch(WatchBoard& board) : board_{board} {}

    [[nodiscard]] int fd() const override { return board_.fd(); }

    void watch(const std::string& path, const std::string& token) override {
        board_.watch(path, token);
    }

    void unwatch(const std::string& path, const std::string& /*token*/) override {
        board_.unwatch(path);
    }

    std::vector<Event> take_events() override { return board_.take(); }

  private:
    WatchBoard& board_;
};

} // namespace pvh::test
