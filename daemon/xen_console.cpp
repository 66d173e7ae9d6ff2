// SPDX-License-Identifier: LGPL-2.1-or-later
// system.dmesg and system.debug_keys: the console of the hypervisor itself.
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon::verbs {

namespace {

// Of what Xen keeps, the end: an answer has to fit into the queue of a connection.
constexpr std::size_t kMostText = 1024UL * 1024;

void require_keys(const std::string& keys) {
    const auto is_key = [](char key) { return key > ' ' && key <= '~'; };
    if (keys.empty() || keys.size() > 64 || !std::all_of(keys.begin(), keys.end(), is_key))
        throw Error{Errc::invalid_config,
                    fmt::format("\"{}\" are no keys of Xen's console", printable(keys))}
            .with_hint("h lists them; pvhctl dmesg shows what they print");
}

} // namespace

Task<rpc::DmesgResult> dmesg(Call call, rpc::DmesgParams params) {
    std::function<std::string(WorkerContext&)> job = [clear =
                                                          params.clear](WorkerContext& context) {
        return context.hypervisor.read_console(clear);
    };
    std::string text = co_await call.toolstack.queries.run(std::move(job));
    if (text.size() > kMostText) text.erase(0, text.size() - kMostText);
    // Guests may print there, too.
    co_return rpc::DmesgResult{guest_text(text, kMostText)};
}

Task<rpc::NoResult> debug_keys(Call call, rpc::DebugKeysParams params) {
    require_keys(params.keys);
    std::function<void(WorkerContext&)> job = [keys = params.keys](WorkerContext& context) {
        context.hypervisor.send_debug_keys(keys);
    };
    co_await call.toolstack.queries.run(std::move(job));
    co_return rpc::NoResult{};
}

} // namespace pvh::daemon::verbs
