// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/json_reader.h"

#include "libdomain/core/nearest.h"
#include "rpc/protocol_error.h"
#include "rpc/shortened.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pvh::rpc {

namespace {

[[noreturn]] void complain(const nlohmann::json& json, const char* name, std::string_view wanted) {
    throw InvalidParams{
        fmt::format("member \"{}\" must be {}, not {}", name, wanted, json.type_name())};
}

} // namespace

void read_value(const nlohmann::json& json, const char* name, bool& out) {
    if (!json.is_boolean()) complain(json, name, "true or false");
    out = json.get<bool>();
}

void read_value(const nlohmann::json& json, const char* name, std::string& out) {
    if (!json.is_string()) complain(json, name, "a string");
    out = json.get_ref<const std::string&>();
}

void read_value(const nlohmann::json& json, const char* name, Uuid& out) {
    const auto uuid =
        json.is_string() ? parse_uuid(json.get_ref<const std::string&>()) : std::nullopt;
    if (!uuid)
        throw InvalidParams{
            fmt::format("member \"{}\" must be a UUID as 8-4-4-4-12 hexadecimal digits", name)};
    out = *uuid;
}

std::size_t read_word(const nlohmann::json& json, const char* name,
                      std::span<const std::string_view> words) {
    const auto found =
        json.is_string() ? std::find(words.begin(), words.end(), json.get_ref<const std::string&>())
                         : words.end();
    if (found == words.end())
        throw InvalidParams{
            fmt::format("member \"{}\" must be one of {}", name, fmt::join(words, ", "))};
    return static_cast<std::size_t>(found - words.begin());
}

void read_value(const nlohmann::json& json, const char* name, std::int64_t& out) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    const bool fits = json.is_number_integer() &&
                      (!json.is_number_unsigned() || json.get<std::uint64_t>() <= kMax);
    if (!fits) complain(json, name, "a 64-bit integer");
    out = json.get<std::int64_t>();
}

std::uint64_t read_unsigned(const nlohmann::json& json, const char* name, std::uint64_t max) {
    // Numbers beyond 64 bits, fractions and exponents arrive as floats.
    const bool is_whole =
        json.is_number_unsigned() || (json.is_number_integer() && json.get<std::int64_t>() >= 0);
    if (!is_whole)
        throw InvalidParams{
            fmt::format("member \"{}\" must be a whole number from 0 to {}", name, max)};
    const auto value = json.get<std::uint64_t>();
    if (value > max)
        throw InvalidParams{
            fmt::format("member \"{}\" is {}, at most {} is accepted", name, value, max)};
    return value;
}

void require_array(const nlohmann::json& json, const char* name) {
    if (!json.is_array()) complain(json, name, "an array");
}

void require_object(const nlohmann::json& json) {
    if (!json.is_object())
        throw InvalidParams{fmt::format("an object is wanted here, not {}", json.type_name())};
}

void JsonReader::refuse_unknown() const {
    for (const auto& [name, value] : object_.items()) {
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
        const auto nearest = nearest_of(name, known_);
        throw InvalidParams{
            fmt::format("unknown member \"{}\"{}", shortened(name),
                        nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "")};
    }
}

void require_fields(const Fields& fields, const std::vector<std::string_view>& names) {
    if (fields.size() > names.size())
        throw InvalidParams{
            fmt::format("{} fields are given, and there are {}", fields.size(), names.size())};
    for (const std::string& field : fields) {
        if (std::find(names.begin(), names.end(), field) != names.end()) continue;
        const auto nearest = nearest_of(field, names);
        throw InvalidParams{
            fmt::format("there is no field \"{}\"{}", shortened(field),
                        nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "")};
    }
}

void JsonReader::refuse_missing() const {
    if (missing_.empty()) return;
    throw InvalidParams{fmt::format("member \"{}\" is missing", missing_.front())};
}

} // namespace pvh::rpc
