// SPDX-License-Identifier: LGPL-2.1-or-later
// The exchanges of rpc/examples, one for each method, with a daemon over a model of Xen.
#include "rpc/methods.h"
#include "tests/unit/daemon/running_daemon.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using nlohmann::json;

constexpr const char* kFolder = "/srv/web"; // as the files call the test's own
constexpr const char* kWeb = R"(name = "web"
uuid = "0b4dde04-9e7c-4d5a-a0a7-3c1e5dcd0a52"
type = "pvh"
kernel = "vmlinuz"
memory = 64
vcpus = 2
disk = [ "web.img,raw,xvda,rw" ]
vif = [ "mac=00:16:3e:0b:4d:de,bridge=xenbr0" ]
)";

/// What differs from run to run, from host to host, or with each version of pvhd: it is to be of
/// the same type, and no more. "" stands for all methods, "*" for all members but objects.
struct Moving {
    std::string_view method, member;
};

constexpr std::array kMoving{
    Moving{"", "boot_id"},
    Moving{"", "by"},
    Moving{"", "elapsed_us"},
    Moving{"", "job"},
    Moving{"", "time"},
    Moving{"", "version"},
    Moving{"domain.dump_core", "disk_bytes"}, // the file system's affair
    Moving{"domain.uptime", "uptime_s"},
    Moving{"domain.usage", "time_ns"},
    Moving{"rpc.discover", "methods"}, // compared below, as a whole
    Moving{"rpc.discover", "x-daemon-version"},
    Moving{"system.doctor", "checks"}, // of this machine
    Moving{"system.info", "*"},
    Moving{"system.topology", "devices"}, // likewise
};

bool is_moving(std::string_view method, std::string_view member, const json& value) {
    return std::ranges::any_of(kMoving, [&](const Moving& moving) {
        if (!moving.method.empty() && moving.method != method) return false;
        return moving.member == member || (moving.member == "*" && !value.is_object());
    });
}

/// Of metrics: the lines stay, their figures do not.
std::string without_figures(const std::string& text) {
    static const std::regex figure{R"( [0-9.]+\n|pvhd_version="[^"]*")"};
    return std::regex_replace(text, figure, "\n");
}

/// Seconds since 1970, as xenstore has them.
bool is_time(const std::string& text) {
    static const std::regex time{"[0-9]{10}\\.[0-9]{2}"};
    return std::regex_match(text, time);
}

bool is_as_good(std::string_view method, std::string_view member, const json& now,
                const json& stored) {
    if (now.type() != stored.type()) return false;
    if (method == "metrics.get" && member == "text")
        return without_figures(now) == without_figures(stored);
    if (method == "domain.plan" && member == "value") // of a node: when it would have begun
        return is_time(now) && is_time(stored);
    return is_moving(method, member, now);
}

/// What was said now, but for what moves, which is as it was stored.
json settled(std::string_view method, json now, const json& stored) {
    if (now.is_object() && stored.is_object()) {
        for (const auto& [name, value] : now.items()) { // the value is a reference
            const auto old = stored.find(name);
            if (old == stored.end()) continue;
            value = is_as_good(method, name, value, *old) ? *old : settled(method, value, *old);
        }
    } else if (now.is_array() && stored.is_array()) {
        for (std::size_t i = 0; i < std::min(now.size(), stored.size()); ++i)
            now[i] = settled(method, now[i], stored[i]);
    }
    return now;
}

std::string path_of(const std::string& method) {
    return PVH_SOURCE_DIR "/rpc/examples/" + method + ".json";
}

json read_json(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return json::parse(in, nullptr, false);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

class ExampleTest : public DaemonTest, public testing::WithParamInterface<std::string> {
  protected:
    ExampleTest() {
        static_cast<void>(folder_.file("vmlinuz", pvh_kernel()));
        xen_.files = {folder_ / "web.img", folder_ / "data.img"};
        xen_.console = "(XEN) Xen version 4.17.5\n(XEN) Command line: dom0_mem=1024M\n";
        fake::FakeStore{xen_}.write("/local/pool/0/name", "Pool-0");
        fake::FakeDomain& dom0 = xen_.domain(kDom0);
        dom0.max_memory_kib = 1 << 20;
        dom0.pages = dom0.max_memory_kib / 4;
        dom0.has_run = true;
        add_name(kFolder, folder_ / "");
    }

    /// Where each exchange begins: a new pvhd, and "web", which listens and has a console.
    void begin() {
        start();
        client_ = std::make_unique<RawClient>(connect());
        const json reply = call("domain.create", {{"config", kWeb}, {"directory", kFolder}});
        ASSERT_TRUE(reply.contains("result")) << reply.dump();
        fake::FakeStore store{xen_};
        store.write("/local/domain/1/console/tty", "/dev/pts/3");
        for (const char* feature : {"poweroff", "reboot", "sysrq"})
            store.write(std::string{"/local/domain/1/control/feature-"} + feature, "1");
        notifications_ = json::array();
    }

    /// The daemon's answer to the exchange, in the words of the file. `before` it other calls may
    /// be made; with `held` a build among them stands still at its end.
    json exchange(const json& example) {
        const bool is_held = example.value("held", false);
        if (is_held) gate_.close();
        for (const json& step : example.value("before", json::array()))
            learn_names(example, call(step.at("method"), step.value("params", json::object())));
        EXPECT_TRUE(!is_held || gate_.wait_for(1));
        json answer = send(example.at("request"));
        while (notifications_.size() < example.value("notifications", json::array()).size())
            if (receive().is_null()) break;
        return answer;
    }

    json call(const std::string& method, const json& params) {
        return send({{"jsonrpc", "2.0"}, {"id", 0}, {"method", method}, {"params", params}});
    }

    json send(const json& request) {
        std::string line = request.dump() + "\n";
        for (const auto& [ours, theirs] : names_)
            line = replaced(line, ours, theirs);
        client_->send(line);
        for (;;)
            if (const json message = receive(); !message.contains("method")) return message;
    }

    /// The next message, null at the end. Notifications are also kept.
    json receive() {
        std::string line = client_->reply().value_or(json{}).dump();
        for (const auto& [ours, theirs] : names_)
            line = replaced(line, theirs, ours);
        json message = json::parse(line);
        if (message.contains("method")) notifications_.push_back(message);
        return message;
    }

    void add_name(const std::string& ours, std::string theirs) {
        if (theirs.ends_with('/')) theirs.pop_back();
        names_.emplace_back(ours, std::move(theirs));
    }

    /// What the daemon has drawn meanwhile, and the request of the file calls by another name.
    void learn_names(const json& example, const json& answer) {
        const json params = example.at("request").value("params", json::object());
        const json result = answer.value("result", json::object());
        for (const char* key : {"job", "boot_id"})
            if (params.contains(key) && result.contains(key) && params.at(key) != result.at(key))
                add_name(params.at(key), result.at(key));
    }

    std::unique_ptr<RawClient> client_;
    std::vector<std::pair<std::string, std::string>> names_; // the file's, the daemon's
    json notifications_ = json::array();
};

// PVH_WRITE_GOLDEN=1 writes the answers; the requests, and what comes before them, are yours.
TEST_P(ExampleTest, IsAnsweredAsWritten) {
    const std::string method = GetParam();
    const json stored = read_json(path_of(method));
    ASSERT_TRUE(stored.is_object())
        << method << " has no example: write {\"request\": {...}} into " << path_of(method)
        << " and run this test with PVH_WRITE_GOLDEN=1";
    ASSERT_EQ(stored.at("request").at("method"), method);
    ASSERT_NO_FATAL_FAILURE(begin());

    json now = stored;
    now["answer"] = exchange(stored);
    if (stored.contains("notifications")) {
        json& first = now.at("notifications");
        ASSERT_GE(notifications_.size(), first.size());
        std::copy_n(notifications_.begin(), first.size(), first.begin());
    }
    EXPECT_TRUE(now.at("answer").contains("result")) << now.at("answer").dump();
    now = settled(method, now, stored);
    if (std::getenv("PVH_WRITE_GOLDEN") != nullptr)
        std::ofstream{path_of(method), std::ios::binary} << now.dump(2) << "\n";
    else
        EXPECT_EQ(now, stored);
}

std::vector<std::string> method_names() {
    std::vector<std::string> names;
    for (const rpc::Method& method : rpc::methods())
        names.emplace_back(method.name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Methods, ExampleTest, testing::ValuesIn(method_names()),
                         [](const auto& method) { return replaced(method.param, ".", "_"); });

// What a daemon tells of itself is what the document in the tree says, but for the examples.
TEST_F(DaemonTest, TheOpenRpcDocumentInTheTreeIsTheDaemons) {
    start();
    auto client = connect();
    json told = client.call("rpc.discover").at("result");
    told.at("info").erase("x-daemon-version");
    json written = read_json(PVH_SOURCE_DIR "/rpc/openrpc.json");
    ASSERT_TRUE(written.is_object());
    for (json& method : written.at("methods"))
        method.erase("examples");
    EXPECT_EQ(told, written) << "run rpc_test with PVH_WRITE_GOLDEN=1";
}

} // namespace
} // namespace pvh::test
