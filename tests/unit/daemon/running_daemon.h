// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole daemon on a real socket, over a model of Xen.
#pragma once

#include "daemon/daemon.h"
#include "tests/fake/fake_xen.h"
#include "tests/support/elf_builder.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/daemon/fake_watch.h"
#include "tests/unit/daemon/gate.h"
#include "tests/unit/daemon/raw_client.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace pvh::test {

/// SCHEDOP_shutdown reasons.   [xen/include/public/sched.h]
inline constexpr std::uint8_t kPoweroff = 0;
inline constexpr std::uint8_t kReboot = 1;
inline constexpr std::uint8_t kSuspend = 2;
inline constexpr std::uint8_t kCrash = 3;

class DaemonTest : public testing::Test {
  protected:
    DaemonTest() {
        options_.socket = folder_ / "pvhd.sock";
        options_.state_dir = folder_ / "state";
        options_.group = "no-such-group";
        options_.builder_threads = 2;
        options_.stop_patience = std::chrono::seconds{20};
        options_.quick_end = std::chrono::milliseconds{0}; // no brake
        kernel_ = folder_.file("kernel", pvh_kernel());
    }

    ~DaemonTest() override {
        gate_.open();
        if (daemon_) stop();
    }

    void start() {
        board_ = std::make_unique<WatchBoard>();
        daemon_.emplace(options_, access());
        thread_ = std::thread{[this] { is_drained_ = daemon_->run(); }};
    }

    /// Whether everything under way had ended.
    bool stop() {
        daemon_->stop();
        return join();
    }

    bool join() {
        thread_.join();
        daemon_.reset();
        return is_drained_;
    }

    daemon::XenAccess access() {
        return {.open_session =
                    [this] {
                        return daemon::WorkerSession{
                            .xen = {.hypervisor = std::make_unique<fake::FakeHypervisor>(xen_),
                                    .store = std::make_unique<GatedStore>(xen_, gate_, *board_)},
                            .devices = std::make_unique<fake::FakeHostDevices>(xen_)};
                    },
                .open_watch = [this] { return std::make_unique<FakeWatch>(*board_); }};
    }

    [[nodiscard]] RawClient connect() const { return RawClient{options_.socket}; }

    [[nodiscard]] std::string config(const std::string& name, const std::string& more = "") const {
        return "name = \"" + name + "\"\ntype = \"pvh\"\nkernel = \"" + kernel_ +
               "\"\nmemory = 64\n" + more;
    }

    [[nodiscard]] nlohmann::json create_params(const std::string& name,
                                               const std::string& more = "") const {
        return {{"config", config(name, more)}, {"directory", "/"}};
    }

    /// Creates a domain and returns its domid.
    DomId create(RawClient& client, const std::string& name, const std::string& more = "") {
        const auto reply = client.call("domain.create", create_params(name, more));
        EXPECT_TRUE(reply.contains("result")) << reply.dump();
        if (!reply.contains("result")) return DomId{};
        return DomId{reply.at("result").at("domid").get<std::uint16_t>()};
    }

    /// The guest ends, and Xen says so.
    void guest_ends(DomId id, std::uint8_t reason) {
        {
            const std::lock_guard lock{xen_.mutex};
            xen_.domains.at(id).shutdown_reason = reason;
        }
        board_->fire("@releaseDomain");
    }

    /// Another toolstack makes a domain.
    void foreign_domain(DomId id, const Uuid& uuid, const std::string& name) {
        const std::lock_guard lock{xen_.mutex};
        fake::FakeDomain domain;
        domain.args.handle = uuid;
        domain.pause_count = 0;
        domain.has_run = true;
        xen_.domains.emplace(id, std::move(domain));
        fake::FakeStore store{xen_};
        store.write("/local/domain/" + std::to_string(id.value()) + "/name", name);
    }

    [[nodiscard]] std::size_t guests() {
        const std::lock_guard lock{xen_.mutex};
        return xen_.domains.size() - xen_.domains.count(kDom0);
    }

    [[nodiscard]] std::size_t state_files() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator{options_.state_dir})
            if (entry.path().extension() == ".json") ++count;
        return count;
    }

    static nlohmann::json wait(RawClient& client, const nlohmann::json& selector,
                               const std::string& until) {
        auto params = selector;
        params["until"] = until;
        params["timeout_ms"] = 20'000;
        return client.call("domain.wait", params);
    }

    static nlohmann::json status(RawClient& client, const std::string& name) {
        const auto reply = client.call("domain.get", {{"name", name}});
        return reply.contains("result") ? reply.at("result").at("status") : reply;
    }

    TempFolder folder_;
    daemon::DaemonOptions options_;
    fake::FakeXen xen_;
    Gate gate_;
    std::unique_ptr<WatchBoard> board_ = std::make_unique<WatchBoard>();
    std::string kernel_;
    std::optional<daemon::Daemon> daemon_;
    std::thread thread_;
    bool is_drained_{};
};

/// For what nothing announces: looks until it holds, for a bounded time.
inline bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

inline std::string error_code(const nlohmann::json& reply) {
    if (!reply.contains("error") || !reply.at("error").is_object()) return "none: " + reply.dump();
    return reply.at("error").at("data").at("code").get<std::string>();
}

inline int rpc_code(const nlohmann::json& reply) {
    if (!reply.contains("error") || !reply.at("error").is_object()) return 0;
    return reply.at("error").at("code").get<int>();
}

} // namespace pvh::test
