// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/schema.h"

#include <string>

namespace pvh::rpc {

nlohmann::json action_schema() {
    nlohmann::json words = nlohmann::json::array();
    for (int i = 0; i <= static_cast<int>(EndAction::soft_reset); ++i)
        words.push_back(std::string{to_string(static_cast<EndAction>(i))});
    return {{"type", "string"}, {"enum", words}};
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
