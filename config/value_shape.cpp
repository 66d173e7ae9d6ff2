// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/value_shape.h"

#include "config/complaints.h"
#include "config/number.h"
#include "libdomain/core/uuid.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace pvh::config {

namespace {

using Fault = std::optional<Diagnostic>;

std::string_view one_of(Shape shape) {
    switch (shape) {
    case Shape::number:
    case Shape::signed_number:
        return "one number";
    case Shape::boolean:
        return "0 or 1";
    case Shape::word:
        return "one word";
    case Shape::uuid:
        return "one UUID";
    default:
        return "one string";
    }
}

Fault number_fault(const Option& option, const Setting& setting) {
    const std::string text = setting.text();
    const auto number = parse_number(text);
    const auto* complaint = std::get_if<std::string>(&number);
    if (complaint == nullptr) return std::nullopt;
    return error_at(setting.value_span(), fmt::format("{} {}", in_quotes(text), *complaint),
                    hint_on_number(option.key, option.unit, text));
}

Fault boolean_fault(const Setting& setting) {
    const std::string text = setting.text();
    if (std::holds_alternative<std::uint64_t>(parse_number(text))) return std::nullopt;
    return error_at(setting.value_span(), fmt::format("{} is not a boolean", in_quotes(text)),
                    "use 0 or 1");
}

Fault signed_fault(const Setting& setting) {
    const std::string text = setting.text();
    const auto number = parse_signed_number(text);
    const auto* complaint = std::get_if<std::string>(&number);
    if (complaint == nullptr) return std::nullopt;
    return error_at(setting.value_span(), fmt::format("{} {}", in_quotes(text), *complaint));
}

std::string listed(std::span<const std::string_view> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i]);
    return text;
}

Fault word_fault(const Option& option, const Setting& setting) {
    const std::string text = setting.text();
    if (std::find(option.words.begin(), option.words.end(), text) != option.words.end())
        return std::nullopt;
    const auto number = parse_number(text);
    const auto* index = std::get_if<std::uint64_t>(&number);
    if (option.takes_index && index != nullptr && *index < option.words.size()) return std::nullopt;
    return error_at(setting.value_span(),
                    fmt::format("{} cannot be {}", option.key, in_quotes(text)),
                    fmt::format("want {}", listed(option.words)));
}

Fault uuid_fault(const Setting& setting) {
    const std::string text = setting.text();
    if (parse_uuid(text)) return std::nullopt;
    return error_at(setting.value_span(), fmt::format("{} is not a UUID", in_quotes(text)),
                    "want 8-4-4-4-12 hex digits");
}

/// `+=` joins texts, and 51 += 2 would be 512: what is no string takes one assignment.
Fault joined_fault(const Option& option, const Setting& setting) {
    if (setting.parts().size() == 1) return std::nullopt;
    return error_at(setting.value_span(), fmt::format("{} takes {}, += cannot add to it",
                                                      option.key, one_of(option.shape)));
}

Fault strings_fault(const Option& option, const Setting& setting) {
    if (!setting.is_list())
        return error_at(setting.value_span(), fmt::format("{} takes a list", option.key),
                        "write [ \"...\" ]");
    for (const Value* item : setting.items())
        if (item->kind == ValueKind::list)
            return error_at(item->span, fmt::format("{} items must be strings", option.key));
    return std::nullopt;
}

Fault lists_fault(const Option& option, const Setting& setting) {
    constexpr const char* kHint = R"(write [ [ "...", "..." ], ... ])";
    if (!setting.is_list())
        return error_at(setting.value_span(), fmt::format("{} takes a list of lists", option.key),
                        kHint);
    for (const Value* item : setting.items()) {
        if (item->kind != ValueKind::list)
            return error_at(item->span, fmt::format("{} items must be lists", option.key), kHint);
        for (const Value& part : item->items)
            if (part.kind == ValueKind::list)
                return error_at(part.span,
                                fmt::format("{} items hold strings, not lists", option.key), kHint);
    }
    return std::nullopt;
}

Fault single_fault(const Option& option, const Setting& setting) {
    if (setting.is_list())
        return error_at(setting.value_span(),
                        fmt::format("{} takes {}, not a list", option.key, one_of(option.shape)));
    if (option.shape == Shape::string) return std::nullopt;
    if (auto fault = joined_fault(option, setting)) return fault;
    switch (option.shape) {
    case Shape::number:
        return number_fault(option, setting);
    case Shape::signed_number:
        return signed_fault(setting);
    case Shape::boolean:
        return boolean_fault(setting);
    case Shape::word:
        return word_fault(option, setting);
    default:
        return uuid_fault(setting);
    }
}

} // namespace

std::optional<Diagnostic> shape_fault(const Option& option, const Setting& setting) {
    switch (option.shape) {
    case Shape::any:
        return std::nullopt;
    case Shape::strings:
        return strings_fault(option, setting);
    case Shape::lists:
        return lists_fault(option, setting);
    case Shape::text_or_strings:
        return setting.is_list() ? strings_fault(option, setting) : std::nullopt;
    default:
        return single_fault(option, setting);
    }
}

} // namespace pvh::config
