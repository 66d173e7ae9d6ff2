// SPDX-License-Identifier: LGPL-2.1-or-later
// A daemon made of answers, and pvhctl run against it.
#pragma once

#include "cli/connection.h"
#include "cli/pvhctl.h"
#include "rpc/messages_json.h"

#include <deque>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace pvh::cli::test {

class FakeDaemon : public Connection {
  public:
    using Answer = std::function<nlohmann::json(const nlohmann::json& params)>;

    void on(const std::string& method, Answer answer) { answers_[method] = std::move(answer); }

    nlohmann::json call(std::string_view method, const nlohmann::json& params) override {
        calls.emplace_back(std::string{method}, params);
        const auto found = answers_.find(std::string{method});
        if (found == answers_.end())
            throw Error{Errc::internal, "unexpected " + std::string{method}};
        return found->second(params);
    }

    /// Those of `notifications`, then the connection is lost.
    nlohmann::json next_notification(std::string_view name) override {
        calls.emplace_back("notification", name);
        if (notifications.empty())
            throw rpc::ConnectionLost{Error{Errc::internal, "connection to pvhd broke"}};
        nlohmann::json next = std::move(notifications.front());
        notifications.pop_front();
        return next;
    }

    void hang_up() override { calls.emplace_back("hang_up", nlohmann::json::object()); }

    /// Nobody serves consoles.
    AttachedConsole attach(const rpc::ConsoleAttachParams& /*params*/) override {
        throw Error{Errc::not_found, "connect to pvhconsoled"};
    }

    /// "domain.get {"name":"web"}", one for each call.
    [[nodiscard]] std::vector<std::string> log() const {
        std::vector<std::string> lines;
        for (const auto& [method, params] : calls)
            lines.push_back(method + " " + params.dump());
        return lines;
    }

    std::vector<std::pair<std::string, nlohmann::json>> calls;
    std::deque<nlohmann::json> notifications;

  private:
    std::map<std::string, Answer> answers_;
};

struct Outcome {
    int status{};
    std::string out;
    std::string err;
    std::string socket;
};

inline Outcome run(FakeDaemon& daemon, const std::vector<std::string>& arguments,
                   bool terminal = false) {
    std::ostringstream out;
    std::ostringstream err;
    Context context{.daemon = daemon,
                    .out = out,
                    .err = err,
                    .out_is_terminal = terminal,
                    .err_is_terminal = terminal};
    std::string socket;
    const int status =
        run_pvhctl(arguments, context, [&](const std::string& path) { socket = path; });
    return {.status = status, .out = out.str(), .err = err.str(), .socket = socket};
}

inline rpc::DomainStatus running_domain(const std::string& name, std::uint16_t domid) {
    rpc::DomainStatus status;
    status.domain = {.uuid = parse_uuid("00112233-4455-6677-8899-aabbccddeeff").value(),
                     .name = name,
                     .domid = domid};
    status.state = "blocked";
    status.blocked = true;
    status.memory_kib = 512UL * 1024;
    status.vcpus_online = 2;
    status.max_vcpus = 2;
    status.cpu_time_ns = 1'250'000'000;
    status.managed = true;
    return status;
}

inline FakeDaemon::Answer always(nlohmann::json answer) {
    return [answer = std::move(answer)](const nlohmann::json&) { return answer; };
}

/// To domain.list: of each what is asked for.
inline FakeDaemon::Answer listing(rpc::ListResult list) {
    return [list = std::move(list)](const nlohmann::json& params) mutable {
        list.fields = params.get<rpc::ListParams>().fields;
        return nlohmann::json(list);
    };
}

inline FakeDaemon::Answer failing(Errc code, const std::string& text,
                                  const std::string& hint = {}) {
    return [=](const nlohmann::json&) -> nlohmann::json {
        throw Error{code, text}.with_hint(hint);
    };
}

} // namespace pvh::cli::test
