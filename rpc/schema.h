// SPDX-License-Identifier: LGPL-2.1-or-later
// JSON Schema of each message, derived from the same table that reads and writes it (members.h).
#pragma once

#include "rpc/members.h"

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

nlohmann::json words_schema(std::span<const std::string_view> words);
nlohmann::json uuid_schema();

template <class T> nlohmann::json schema_of();

/// What a member's value looks like.
template <class T> struct ValueSchema {
    static nlohmann::json make() {
        if constexpr (std::is_same_v<T, bool>)
            return {{"type", "boolean"}};
        else if constexpr (std::is_same_v<T, std::string>)
            return {{"type", "string"}};
        else if constexpr (std::is_same_v<T, nlohmann::json>)
            return nlohmann::json::object(); // anything
        else if constexpr (std::is_same_v<T, Uuid>)
            return uuid_schema();
        else if constexpr (Worded<T>)
            return words_schema(kWords<T>);
        else if constexpr (std::unsigned_integral<T>)
            return {{"type", "integer"}, {"minimum", 0}};
        else if constexpr (std::integral<T>)
            return {{"type", "integer"}};
        else
            return schema_of<T>();
    }
};

template <class T> struct ValueSchema<std::vector<T>> {
    static nlohmann::json make() { return {{"type", "array"}, {"items", ValueSchema<T>::make()}}; }
};

template <class T> struct ValueSchema<std::optional<T>> : ValueSchema<T> {};

template <class T> struct ValueSchema<Strictly<T>> {
    static nlohmann::json make() {
        nlohmann::json schema = schema_of<T>();
        schema["additionalProperties"] = false;
        return schema;
    }
};

/// Visitor that describes.
class SchemaWriter {
  public:
    template <class T> void required(const char* name, const T& member, const char* meaning) {
        required_.push_back(name);
        optional(name, member, meaning);
    }

    template <class T> void optional(const char* name, const T& /*member*/, const char* meaning) {
        nlohmann::json schema = ValueSchema<T>::make();
        if (*meaning != '\0') schema["description"] = meaning;
        properties_[name] = std::move(schema);
    }

    template <class T> void inlined(const T& message) { Members<T>::visit(*this, message); }

    /// Nothing in its elements is required, since it is where no fields are asked for only.
    template <class T>
    void partial(const char* name, const std::vector<T>& messages,
                 const std::optional<Fields>& /*fields*/, const char* meaning) {
        required(name, messages, meaning);
        properties_[name]["items"].erase("required");
    }

    [[nodiscard]] nlohmann::json object(bool is_strict) const;

  private:
    nlohmann::json properties_ = nlohmann::json::object();
    nlohmann::json required_ = nlohmann::json::array();
};

template <class T> nlohmann::json schema_of() {
    SchemaWriter writer;
    const T message{};
    Members<T>::visit(writer, message);
    return writer.object(Members<T>::is_strict);
}

} // namespace pvh::rpc
