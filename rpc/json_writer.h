// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "rpc/members.h"

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

template <Message T> nlohmann::json write_message(const T& message);

/// Any member's value.
template <class T> nlohmann::json write_value(const T& value) {
    if constexpr (Worded<T>)
        return std::string{word_of(value)};
    else if constexpr (Message<T>)
        return write_message(value);
    else
        return value;
}

template <class T> nlohmann::json write_value(const std::vector<T>& values) {
    nlohmann::json array = nlohmann::json::array();
    for (const T& value : values)
        array.push_back(write_value(value));
    return array;
}

template <class T> nlohmann::json write_value(const Strictly<T>& value) {
    return write_value(value.value);
}

/// Visitor that writes each member into an object; an absent std::optional is left out.
class JsonWriter {
  public:
    explicit JsonWriter(nlohmann::json& object) : object_{object} {}

    template <class T> void required(const char* name, const T& value, const char* /*meaning*/) {
        object_[name] = write_value(value);
    }

    template <class T> void optional(const char* name, const T& value, const char* meaning) {
        required(name, value, meaning);
    }

    template <class T>
    void optional(const char* name, const std::optional<T>& value, const char* meaning) {
        if (value) required(name, *value, meaning);
    }

    template <class T> void inlined(const T& message) { Members<T>::visit(*this, message); }

  private:
    nlohmann::json& object_;
};

template <Message T> nlohmann::json write_message(const T& message) {
    nlohmann::json object = nlohmann::json::object();
    JsonWriter writer{object};
    Members<T>::visit(writer, message);
    return object;
}

} // namespace pvh::rpc
