// SPDX-License-Identifier: LGPL-2.1-or-later
// key=value,key=value: the language of most devices.
#pragma once

#include "config/phrase.h"
#include "config/spec_reader.h"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pvh::config {

/// One key with its value, while its row of a table reads it.
class Field {
  public:
    Field(SpecReader& reader, const Phrase& phrase, Word key, std::optional<Word> value)
        : reader_{reader}, phrase_{phrase}, key_{key}, value_{value} {}

    [[nodiscard]] std::string_view key() const { return key_.text; }

    [[nodiscard]] bool has_value() const { return value_.has_value(); }

    [[nodiscard]] std::string_view value() const { return value_.value().text; }

    void into(std::string& out) const { out = value(); }

    void into(std::optional<bool>& out);
    void into(std::optional<Uuid>& out);

    template <std::unsigned_integral T> void into(std::optional<T>& out) {
        out = static_cast<T>(number(std::numeric_limits<T>::max()));
    }

    template <Worded E> void into(E& out) { out = static_cast<E>(word_index(kWords<E>)); }

    /// Of a value that is a list: each item as the value of this key.
    [[nodiscard]] std::vector<Field> items() const;

    /// Complains about the value, from its byte `index`; or about the key.
    void fail(std::string message, std::string hint = {}, std::size_t index = 0);
    void fail_key(std::string message, std::string hint = {});
    void warn(std::string message);

    [[nodiscard]] bool wants_hints() const { return reader_.wants_errors(); }

  private:
    /// Finding it costs the length of the phrase: of a hostile one, only as long as complaints are
    /// kept and so wanted.
    [[nodiscard]] Span place_of(std::size_t index, bool is_wanted) const;

    std::uint64_t number(std::uint64_t max);
    std::size_t word_index(std::span<const std::string_view> words);

    SpecReader& reader_;
    const Phrase& phrase_;
    Word key_;
    std::optional<Word> value_;
};

/// A key of the language that fills a T.
template <class T> struct FieldRow {
    std::string_view key;
    void (*read)(Field&, T&) = nullptr; // null: known, without effect
    bool is_flag = false;               // stands alone, without a value
};

/// `word` as one field, cut at its first "="; blanks around key and value are none of theirs.
Field make_field(SpecReader& reader, const Phrase& phrase, Word word);

/// Cuts a phrase into its fields.
std::vector<Field> split_fields(SpecReader& reader, const Phrase& phrase);

/// "unknown vif key "bridg"; did you mean ...".
void refuse_unknown_field(Field& field, std::string_view what,
                          const std::vector<std::string_view>& known);
/// Whether the value is there exactly if the key takes one; else complains.
bool has_right_form(Field& field, bool is_flag);

/// Reads one key by a table. `what` is whose key it is, for messages.
template <class T>
void read_field(Field& field, std::string_view what, std::span<const FieldRow<T>> rows, T& out) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.key == field.key(); });
    if (row == rows.end()) {
        std::vector<std::string_view> known;
        for (const auto& r : rows)
            known.push_back(r.key);
        refuse_unknown_field(field, what, known);
    } else if (has_right_form(field, row->is_flag) && row->read != nullptr) {
        row->read(field, out);
    }
}

/// Reads a phrase by a table. `what` is the device's name in messages.
template <class T>
void read_fields(SpecReader& reader, const Phrase& phrase, std::string_view what,
                 std::span<const FieldRow<T>> rows, T& out) {
    for (Field& field : split_fields(reader, phrase))
        read_field(field, what, rows, out);
}

} // namespace pvh::config
