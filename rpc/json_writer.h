// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "rpc/members.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
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

    template <class T>
    void partial(const char* name, const std::vector<T>& messages,
                 const std::optional<Fields>& fields, const char* meaning);

  private:
    nlohmann::json& object_;
};

/// As JsonWriter, but for what was not asked for, and what is false, 0 or empty and not inlined.
class FieldWriter {
  public:
    FieldWriter(nlohmann::json& object, const Fields& fields) : writer_{object}, fields_{fields} {}

    template <class T> void required(const char* name, const T& value, const char* meaning) {
        if (value == T{} && !is_inlined_) return;
        if (std::find(fields_.begin(), fields_.end(), name) == fields_.end()) return;
        writer_.required(name, value, meaning);
    }

    template <class T> void optional(const char* name, const T& value, const char* meaning) {
        required(name, value, meaning);
    }

    template <class T> void inlined(const T& message) {
        is_inlined_ = true;
        Members<T>::visit(*this, message);
        is_inlined_ = false;
    }

  private:
    JsonWriter writer_;
    const Fields& fields_;
    bool is_inlined_ = false;
};

template <class T>
void JsonWriter::partial(const char* name, const std::vector<T>& messages,
                         const std::optional<Fields>& fields, const char* meaning) {
    if (!fields) return required(name, messages, meaning);
    nlohmann::json array = nlohmann::json::array();
    for (const T& message : messages) {
        FieldWriter writer{array.emplace_back(nlohmann::json::object()), *fields};
        Members<T>::visit(writer, message);
    }
    object_[name] = std::move(array);
}

template <Message T> nlohmann::json write_message(const T& message) {
    nlohmann::json object = nlohmann::json::object();
    JsonWriter writer{object};
    Members<T>::visit(writer, message);
    return object;
}

} // namespace pvh::rpc
