// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/schema.h"

#include <string>

namespace pvh::rpc {

nlohmann::json words_schema(std::span<const std::string_view> words) {
    return {{"type", "string"}, {"enum", std::vector<std::string>{words.begin(), words.end()}}};
}

nlohmann::json uuid_schema() {
    return {{"type", "string"},
            {"pattern", "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"}};
}

nlohmann::json SchemaWriter::object(bool is_strict) const {
    nlohmann::json schema{{"type", "object"}, {"properties", properties_}};
    if (!required_.empty()) schema["required"] = required_;
    if (is_strict) schema["additionalProperties"] = false;
    return schema;
}

} // namespace pvh::rpc
