// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/envelope.h"

#include "rpc/json_reader.h"
#include "rpc/schema.h"

namespace pvh::rpc {

template <> struct Members<Envelope> {
    static constexpr bool is_strict = false;

    template <class V, class M> static void visit(V& v, M& m) {
        v.optional("mode", m.mode, "job: answer at once, with the job that does it");
        v.optional("request_id", m.request_id,
                   "a name for this request, so that it may be sent again: 1 to 128 bytes");
    }
};

Envelope take_envelope(nlohmann::json& params) {
    constexpr std::size_t kLongestId = 128;
    Envelope envelope;
    read_message(params, envelope);
    if (params.contains("request_id") &&
        (envelope.request_id.empty() || envelope.request_id.size() > kLongestId))
        throw InvalidParams{R"(member "request_id" must have 1 to 128 bytes)"};
    params.erase("mode");
    params.erase("request_id");
    return envelope;
}

nlohmann::json envelope_schema() {
    return schema_of<Envelope>().at("properties");
}

} // namespace pvh::rpc
