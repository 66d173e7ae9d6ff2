// SPDX-License-Identifier: LGPL-2.1-or-later
// Reading a message out of a JSON value that nobody has vouched for.
#pragma once

#include "libdomain/core/uuid.h"
#include "rpc/members.h"
#include "rpc/protocol_error.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

// One value each; `name` is the member's, for messages. All throw InvalidParams.
void read_value(const nlohmann::json& json, const char* name, bool& out);
void read_value(const nlohmann::json& json, const char* name, std::string& out);
void read_value(const nlohmann::json& json, const char* name, Uuid& out);
void read_value(const nlohmann::json& json, const char* name, std::int64_t& out);

/// Anything.
inline void read_value(const nlohmann::json& json, const char* /*name*/, nlohmann::json& out) {
    out = json;
}

std::uint64_t read_unsigned(const nlohmann::json& json, const char* name, std::uint64_t max);
/// The index of the word that `json` holds.
std::size_t read_word(const nlohmann::json& json, const char* name,
                      std::span<const std::string_view> words);
/// Throws unless `json` is an array.
void require_array(const nlohmann::json& json, const char* name);
/// Throws unless `json` is an object.
void require_object(const nlohmann::json& json);

template <std::unsigned_integral T>
void read_value(const nlohmann::json& json, const char* name, T& out) {
    out = static_cast<T>(read_unsigned(json, name, std::numeric_limits<T>::max()));
}

template <Worded E> void read_value(const nlohmann::json& json, const char* name, E& out) {
    out = static_cast<E>(read_word(json, name, kWords<E>));
}

template <Message T> void read_value(const nlohmann::json& json, const char* name, T& out);
template <class T> void read_value(const nlohmann::json& json, const char* name, Strictly<T>& out);

template <class T>
void read_value(const nlohmann::json& json, const char* name, std::vector<T>& out) {
    require_array(json, name);
    out.clear();
    for (const auto& element : json) {
        T value{};
        read_value(element, name, value);
        out.push_back(std::move(value));
    }
}

template <class T>
void read_value(const nlohmann::json& json, const char* name, std::optional<T>& out) {
    T value{};
    read_value(json, name, value);
    out = std::move(value);
}

/// Visitor that fills a message and notes which names it knows.
class JsonReader {
  public:
    /// Throws InvalidParams unless `object` is one. `is_strict`: refuse_unknown() will be asked.
    JsonReader(const nlohmann::json& object, bool is_strict)
        : object_{object}, is_strict_{is_strict} {
        require_object(object);
    }

    template <class T> void required(const char* name, T& member, const char* /*meaning*/) {
        if (!read(name, member)) missing_.emplace_back(name);
    }

    template <class T> void optional(const char* name, T& member, const char* /*meaning*/) {
        read(name, member);
    }

    template <class T> void inlined(T& message) { Members<T>::visit(*this, message); }

    /// Of each whatever it has.
    template <class T>
    void partial(const char* name, std::vector<T>& out, std::optional<Fields>& /*fields*/,
                 const char* meaning);

    /// Throws InvalidParams for the first member that nobody asked for, with the nearest known
    /// name.
    void refuse_unknown() const;
    /// Throws InvalidParams for the first required member that is not there.
    void refuse_missing() const;

  private:
    /// Whether it is there.
    template <class T> bool read(const char* name, T& member) {
        const nlohmann::json* value = find(name);
        if (value == nullptr) return false;
        read_value(*value, name, member);
        return true;
    }

    const nlohmann::json* find(const char* name) {
        if (is_strict_) known_.emplace_back(name);
        const auto found = object_.find(name);
        return found == object_.end() ? nullptr : &*found;
    }

    const nlohmann::json& object_;
    bool is_strict_;
    std::vector<std::string_view> known_;
    std::vector<std::string_view> missing_;
};

/// Visitor that collects the names of a message's members.
class NameReader {
  public:
    template <class T>
    void required(const char* name, const T& /*member*/, const char* /*meaning*/) {
        names_.emplace_back(name);
    }

    template <class T> void optional(const char* name, const T& member, const char* meaning) {
        required(name, member, meaning);
    }

    template <class T> void inlined(const T& message) { Members<T>::visit(*this, message); }

    [[nodiscard]] const std::vector<std::string_view>& names() const { return names_; }

  private:
    std::vector<std::string_view> names_;
};

/// Throws InvalidParams if there are more than `names`, and for the first that is not among them,
/// with the nearest of them.
void require_fields(const Fields& fields, const std::vector<std::string_view>& names);

/// Throws InvalidParams unless all of them are members of T.
template <Message T> void require_fields_of(const Fields& fields) {
    NameReader reader;
    const T message{};
    Members<T>::visit(reader, message);
    require_fields(fields, reader.names());
}

template <class T>
void read_message(const nlohmann::json& json, T& message, bool is_strict = Members<T>::is_strict) {
    JsonReader reader{json, is_strict};
    T read{};
    Members<T>::visit(reader, read);
    // Unknown before missing: of a mistyped name it is the typo that helps.
    if (is_strict) reader.refuse_unknown();
    reader.refuse_missing();
    message = std::move(read);
}

/// Says where in a message the complaint arose: "spec: disk: unknown member ...".
template <class Read> void reading_member(const char* name, Read read) {
    try {
        read();
    } catch (const InvalidParams& e) {
        throw InvalidParams{std::string{name} + ": " + e.what()};
    }
}

template <class T>
void JsonReader::partial(const char* name, std::vector<T>& out, std::optional<Fields>& /*fields*/,
                         const char* /*meaning*/) {
    const nlohmann::json* elements = find(name);
    if (elements == nullptr) {
        missing_.emplace_back(name);
        return;
    }
    require_array(*elements, name);
    out.reserve(elements->size());
    for (const nlohmann::json& element : *elements)
        reading_member(name, [&] {
            JsonReader reader{element, false};
            Members<T>::visit(reader, out.emplace_back());
        });
}

template <Message T> void read_value(const nlohmann::json& json, const char* name, T& out) {
    reading_member(name, [&] { read_message(json, out); });
}

template <class T> void read_value(const nlohmann::json& json, const char* name, Strictly<T>& out) {
    reading_member(name, [&] { read_message(json, out.value, true); });
}

} // namespace pvh::rpc
