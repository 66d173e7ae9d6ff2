// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/table.h"
#include "libdomain/doctor/host_checks.h"
#include "rpc/messages_json.h"
#include "rpc/unix_address.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

constexpr std::size_t kStatusWidth = 6;
constexpr std::size_t kCheckWidth = 14;

Colour colour_of(const std::string& status) {
    if (status == "fail") return Colour::red;
    return status == "ok" ? Colour::green : Colour::yellow;
}

void print_checks(const rpc::DoctorResult& result, Context& context) {
    for (const rpc::DoctorCheck& check : result.checks) {
        print_marked(context, colour_of(check.status), pad_right(check.status, kStatusWidth),
                     pad_right(check.name, kCheckWidth) + check.message);
        if (!check.hint.empty())
            print_line(context, pad_right("", kStatusWidth + kCheckWidth) + "hint: " + check.hint);
    }
}

int status_of(const rpc::DoctorResult& result) {
    const bool has_failed =
        std::any_of(result.checks.begin(), result.checks.end(),
                    [](const rpc::DoctorCheck& check) { return check.status == "fail"; });
    return has_failed ? 1 : kSuccess;
}

rpc::DoctorCheck message_of(doctor::Check check) {
    return {.name = std::move(check.name),
            .status = std::string{to_string(check.status)},
            .message = std::move(check.message),
            .hint = std::move(check.hint)};
}

/// What can be seen without pvhd, of the host that pvhctl runs on.
rpc::DoctorResult look_without(const Error& failure, const Context& context) {
    const bool is_console_served = rpc::is_served(rpc::console_socket_beside(context.socket));
    doctor::Checks checks = doctor::check_host({.is_console_served = is_console_served});
    checks.push_back(doctor::check_xenstored_process());
    rpc::DoctorResult result;
    result.checks.push_back(message_of(doctor::fail("pvhd", failure.what(), failure.hint())));
    for (doctor::Check& check : checks)
        result.checks.push_back(message_of(std::move(check)));
    return result;
}

void report_without(const Error& failure, int status, Context& context) {
    const rpc::DoctorResult result = look_without(failure, context);
    context.status = status;
    if (context.json) return print_json(context, result);
    print_checks(result, context);
}

/// Nothing that there is to say against pvhd keeps us from looking at the rest.
void run_doctor(Context& context) {
    nlohmann::json answer;
    try {
        answer = context.daemon.call("system.doctor", nlohmann::json::object());
    } catch (const DaemonUnreachable& e) {
        return report_without(e, kNoDaemon, context);
    } catch (const Error& e) {
        return report_without(e, exit_status(e.code()), context);
    }
    const auto result = read_as<rpc::DoctorResult>("system.doctor", answer);
    context.status = status_of(result);
    if (context.json) return print_json(context, answer);
    print_checks(result, context);
}

} // namespace

void setup_doctor(::CLI::App& app, Context& context) {
    ::CLI::App* sub =
        app.add_subcommand("doctor", "Tell what of the host is as it should be, and what to do");
    sub->footer("The status is 1 if something fails that domains need. Without pvhd it looks at\n"
                "what can be seen without it, and the status is 17.");
    add_examples(*sub, kHost, {"pvhctl doctor"});
    sub->callback([&context] { run_doctor(context); });
}

} // namespace pvh::cli
