// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes as a client's stream, in chunks whose size the first byte says: every line is refused with
// a ProtocolError or is what jsonrpc.h promises, and its parameters are read or refused by every
// message.
#include "rpc/framing.h"
#include "rpc/jsonrpc.h"
#include "rpc/limits.h"
#include "rpc/messages_json.h"
#include "rpc/parse.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace pvh::rpc;

void require(bool holds) {
    if (!holds) __builtin_trap();
}

template <class Params> void read_params(const nlohmann::json& json) {
    try {
        // What was read and written again reads the same.
        const nlohmann::json written = json.get<Params>();
        require(nlohmann::json(written.get<Params>()) == written);
    } catch (const InvalidParams&) { // the other right answer
    }
}

void check_request(const Request& request) {
    require(request.params.is_object());
    read_params<CreateParams>(request.params);
    read_params<ListParams>(request.params);
    read_params<ShutdownParams>(request.params);
    read_params<WaitParams>(request.params);
    read_params<Selector>(request.params);
    read_params<NoParams>(request.params);
    require(!to_line(make_reply(request.id.value_or(nullptr), request.params)).empty());
}

void check_line(std::string_view line) {
    try {
        const Incoming incoming = read_line(line);
        require(!incoming.entries.empty() && incoming.entries.size() <= kMaxBatch);
        for (const Entry& entry : incoming.entries)
            if (const auto* request = std::get_if<Request>(&entry)) check_request(*request);
    } catch (const ProtocolError& e) {
        require(!to_line(make_error_reply(nullptr, e)).empty());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t chunk = std::size_t{data[0]} + 1;
    std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
    LineSplitter lines{4096};
    try {
        while (!rest.empty()) {
            lines.append(rest.substr(0, chunk));
            rest.remove_prefix(std::min(chunk, rest.size()));
            while (const auto line = lines.next())
                check_line(*line);
        }
    } catch (const ProtocolError&) { // a line too long
    }
    return 0;
}
