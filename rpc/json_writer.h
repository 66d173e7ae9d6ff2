// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "rpc/members.h"

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

/// Visitor that writes each member into an object; an absent std::optional is left out.
class JsonWriter {
  public:
    explicit JsonWriter(nlohmann::json& object) : object_{object} {}

    template <class T> void required(const char* name, const T& value, const char* /*meaning*/) {
        object_[name] = value;
    }

    void required(const char* name, EndAction value, const char* /*meaning*/) {
        object_[name] = std::string{to_string(value)};
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

template <class T> nlohmann::json write_message(const T& message) {
    nlohmann::json object = nlohmann::json::object();
    JsonWriter writer{object};
    Members<T>::visit(writer, message);
    return object;
}

} // namespace pvh::rpc
