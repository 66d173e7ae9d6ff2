// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/parse.h"

#include "rpc/protocol_error.h"
#include "rpc/shape.h"
#include "rpc/shortened.h"

#include <set>
#include <vector>

#include <fmt/format.h>

namespace pvh::rpc {

namespace {

using nlohmann::json;

/// The keys of each object that is open while parsing.
class DuplicateKeys {
  public:
    bool operator()(int /*depth*/, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) open_.emplace_back();
        if (event == json::parse_event_t::object_end) open_.pop_back();
        if (event == json::parse_event_t::key) note(parsed.get_ref<const std::string&>());
        return true;
    }

  private:
    void note(const std::string& key) {
        if (open_.back().insert(key).second) return;
        throw ProtocolError{kInvalidRequest,
                            fmt::format("key \"{}\" occurs twice in an object", shortened(key))};
    }

    std::vector<std::set<std::string>> open_;
};

} // namespace

json parse_untrusted(std::string_view text) {
    check_shape(text);
    DuplicateKeys duplicates;
    const json::parser_callback_t callback = [&](int depth, json::parse_event_t event,
                                                 json& parsed) {
        return duplicates(depth, event, parsed);
    };
    try {
        return json::parse(text, callback);
    } catch (const json::parse_error& e) {
        // Not e.what(): it quotes the input, which may be a megabyte of anything.
        throw ProtocolError{kParseError, fmt::format("this is no JSON from byte {} on", e.byte)};
    } catch (const json::out_of_range&) {
        throw ProtocolError{kParseError, "a number is too large for any machine type"};
    }
}

std::string to_line(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string valid_utf8(std::string_view text, std::size_t max_bytes) {
    const std::string quoted = to_line(json(text.substr(0, max_bytes)));
    return json::parse(quoted).get<std::string>();
}

} // namespace pvh::rpc
