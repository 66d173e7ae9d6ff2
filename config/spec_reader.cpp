// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/spec_reader.h"

#include "config/relatives.h"

#include <variant>

#include <fmt/format.h>

namespace pvh::config {

DomainSpec SpecReader::read_options() {
    for (const auto& [key, setting] : settings_.all()) {
        const Option* option = find_option(key);
        if (option == nullptr || option->read == nullptr || settings_.is_faulty(key)) continue;
        option_ = option;
        setting_ = &setting;
        option->read(*this);
    }
    return std::move(spec_);
}

DomainSpec SpecReader::read_all() {
    spec_ = read_options();
    read_relatives(*this);
    return std::move(spec_);
}

void SpecReader::into(std::int64_t& out) const {
    out = std::get<std::int64_t>(parse_signed_number(text()));
}

void SpecReader::into_path(std::string& out) {
    out = absolute(text(), setting_->value_span());
}

std::string SpecReader::absolute(std::string path, Span where) {
    if (path.empty() || path.front() == '/') return path;
    if (directory_.starts_with('/'))
        return directory_ + (directory_.ends_with('/') ? "" : "/") + path;
    fail(where, fmt::format("{} is a relative path, and there is no folder to start from",
                            in_quotes(path)));
    return {};
}

std::vector<Phrase> SpecReader::phrases() const {
    std::vector<Phrase> all;
    for (const Value* item : setting_->items())
        all.emplace_back(sources_, std::vector{item});
    return all;
}

std::optional<std::uint64_t> SpecReader::number(std::string_view key) const {
    const Setting* setting = settings_.find_sound(key);
    if (setting == nullptr) return std::nullopt;
    return number_of(setting->text());
}

std::optional<std::string> SpecReader::text(std::string_view key) const {
    const Setting* setting = settings_.find_sound(key);
    if (setting == nullptr) return std::nullopt;
    return setting->text();
}

void SpecReader::fail(Span where, std::string message, std::string hint) {
    fail({.severity = Severity::error,
          .where = where,
          .message = std::move(message),
          .hint = std::move(hint),
          .notes = {}});
}

void SpecReader::fail(Diagnostic diagnostic) {
    diagnostics_.add(std::move(diagnostic));
    settings_.mark_faulty(option_->key);
}

void SpecReader::fail_in_this_release(Span where, Unsupported lack) {
    Diagnostic diagnostic{.severity = Severity::error,
                          .where = where,
                          .message = std::move(lack.message),
                          .hint = std::move(lack.hint),
                          .notes = {}};
    diagnostic.is_only_this_release = true;
    fail(std::move(diagnostic));
}

void SpecReader::warn(Span where, std::string message, std::string hint) {
    diagnostics_.warning(where, std::move(message), std::move(hint));
}

void SpecReader::fail_at(std::string_view key, std::string message, std::string hint) {
    const Setting* setting = settings_.find(key);
    diagnostics_.error(setting != nullptr ? setting->value_span() : Span{}, std::move(message),
                       std::move(hint));
    settings_.mark_faulty(key);
}

std::uint64_t SpecReader::number_of(std::string_view text) {
    return std::get<std::uint64_t>(parse_number(text));
}

std::size_t SpecReader::word_index() const {
    const std::string word = text();
    const auto found = std::find(option_->words.begin(), option_->words.end(), word);
    if (found != option_->words.end())
        return static_cast<std::size_t>(found - option_->words.begin());
    return number_of(word); // of options that take the index
}

} // namespace pvh::config
