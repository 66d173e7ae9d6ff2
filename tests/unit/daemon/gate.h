// SPDX-License-Identifier: LGPL-2.1-or-later
// A place in a build where a test can hold it, and know that it is there.
#pragma once

#include "tests/fake/fake_xen.h"
#include "tests/unit/daemon/fake_watch.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace pvh::test {

class Gate {
  public:
    void close() {
        const std::lock_guard lock{mutex_};
        is_closed_ = true;
    }

    void open() {
        const std::lock_guard lock{mutex_};
        is_closed_ = false;
        changed_.notify_all();
    }

    /// For the build: waits while the gate is closed. Bounded, so that a failing test ends.
    void pass() {
        std::unique_lock lock{mutex_};
        ++waiting_;
        changed_.notify_all();
        changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return !is_closed_; });
        --waiting_;
    }

    /// For the test: until that many stand before the gate; false if they do not come.
    [[nodiscard]] bool wait_for(int count,
                                std::chrono::milliseconds patience = std::chrono::seconds{20}) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return waiting_ >= count; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_closed_{false};
    int waiting_{0};
};

/// The fake store with a gate before the introduction, which fires the watch that xenstored would.
class GatedStore final : public xen::Store {
  public:
    GatedStore(fake::FakeXen& xen, Gate& gate, WatchBoard& board)
        : store_{xen}, gate_{gate}, board_{board} {}

    std::optional<std::string> read(const std::string& path) override { return store_.read(path); }

    void write(const std::string& path, std::string_view value) override {
        store_.write(path, value);
    }

    void remove(const std::string& path) override { store_.remove(path); }

    std::optional<std::vector<std::string>> list(const std::string& path) override {
        return store_.list(path);
    }

    void set_permissions(const std::string& path, const xen::Permissions& permissions) override {
        store_.set_permissions(path, permissions);
    }

    void transact(const std::function<void(xen::Store&)>& body) override { store_.transact(body); }

    void introduce(DomId dom, Gfn ring, Port port) override {
        gate_.pass();
        store_.introduce(dom, ring, port);
        board_.fire("@introduceDomain");
    }

  private:
    fake::FakeStore store_;
    Gate& gate_;
    WatchBoard& board_;
};

} // namespace pvh::test
