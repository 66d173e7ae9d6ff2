// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/devices/fields.h"

#include "libdomain/core/nearest.h"

#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pvh::config {

void Field::into(std::optional<bool>& out) {
    const std::string_view text = value();
    if (text != "0" && text != "1")
        return fail(fmt::format("{} is not a boolean", in_quotes(text)), "use 0 or 1");
    out = text == "1";
}

void Field::into(std::optional<Uuid>& out) {
    out = parse_uuid(value());
    if (!out)
        fail(fmt::format("{} is not a UUID", in_quotes(value())), "want 8-4-4-4-12 hex digits");
}

std::vector<Field> Field::items() const {
    std::vector<Field> items;
    for (const Word& word : split_at_commas(value_.value().text, value_.value().begin))
        items.emplace_back(reader_, phrase_, key_, trimmed(word));
    return items;
}

std::uint64_t Field::number(std::uint64_t max) {
    const auto parsed = parse_number(value());
    if (const auto* complaint = std::get_if<std::string>(&parsed)) {
        fail(fmt::format("{} {}", in_quotes(value()), *complaint));
        return 0;
    }
    const auto number = std::get<std::uint64_t>(parsed);
    if (number > max)
        fail(fmt::format("{} = {} is out of range", key(), number), fmt::format("at most {}", max));
    return std::min(number, max);
}

std::size_t Field::word_index(std::span<const std::string_view> words) {
    const auto found = std::find(words.begin(), words.end(), value());
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    fail(fmt::format("unknown {} {}", key(), in_quotes(value())),
         fmt::format("want {}", fmt::join(words, ", ")));
    return 0;
}

void Field::fail(std::string message, std::string hint, std::size_t index) {
    reader_.fail(place_of(value_.value_or(key_).begin + index, reader_.wants_errors()),
                 std::move(message), std::move(hint));
}

void Field::fail_key(std::string message, std::string hint) {
    reader_.fail(place_of(key_.begin, reader_.wants_errors()), std::move(message), std::move(hint));
}

Span Field::place_of(std::size_t index, bool is_wanted) const {
    return is_wanted ? phrase_.at(index) : phrase_.whole();
}

void Field::warn(std::string message) {
    reader_.warn(place_of(key_.begin, reader_.wants_warnings()), std::move(message));
}

Field make_field(SpecReader& reader, const Phrase& phrase, Word word) {
    const std::size_t sign = word.text.find('=');
    const Word key = trimmed({word.begin, word.text.substr(0, sign)});
    if (sign == std::string_view::npos) return {reader, phrase, key, std::nullopt};
    const Word value{word.begin + sign + 1, word.text.substr(sign + 1)};
    return {reader, phrase, key, trimmed(value)};
}

std::vector<Field> split_fields(SpecReader& reader, const Phrase& phrase) {
    std::vector<Field> fields;
    for (const Word& word : split_at_commas(phrase.text()))
        fields.push_back(make_field(reader, phrase, word));
    return fields;
}

void refuse_unknown_field(Field& field, std::string_view what,
                          const std::vector<std::string_view>& known) {
    const auto nearest = field.wants_hints() ? nearest_of(field.key(), known) : std::nullopt;
    field.fail_key(fmt::format("unknown {} key {}", what, in_quotes(field.key())),
                   nearest ? fmt::format("did you mean {}?", in_quotes(*nearest))
                           : fmt::format("want {}", fmt::join(known, ", ")));
}

bool has_right_form(Field& field, bool is_flag) {
    if (field.has_value() != is_flag) return true;
    field.fail_key(is_flag ? fmt::format("{} takes no value", in_quotes(field.key()))
                           : fmt::format("{} needs a value", in_quotes(field.key())),
                   is_flag ? "" : fmt::format("write {}=...", field.key()));
    return false;
}

} // namespace pvh::config
