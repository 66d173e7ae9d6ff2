// SPDX-License-Identifier: LGPL-2.1-or-later
// What the readers of options are given: the value they are to read, the spec it goes into, and
// where to complain.
#pragma once

#include "config/diagnostics.h"
#include "config/number.h"
#include "config/option_table.h"
#include "config/phrase.h"
#include "config/settings.h"
#include "libdomain/spec/device_rules.h"
#include "libdomain/spec/domain_spec.h"

#include <algorithm>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace pvh::config {

class SpecReader {
  public:
    /// Relative paths start at `directory`. All references must outlive this.
    SpecReader(const Sources& sources, Settings& settings, const std::string& directory,
               Diagnostics& diagnostics)
        : sources_{sources}, settings_{settings}, directory_{directory}, diagnostics_{diagnostics} {
    }

    /// Runs the reader of each option that is set and sound, then those of related options.
    DomainSpec read_all();
    /// Only the former: for a text that holds no whole config.
    DomainSpec read_options();

    [[nodiscard]] DomainSpec& spec() { return spec_; }

    [[nodiscard]] const Settings& settings() const { return settings_; }

    // -- the option whose reader runs; check_options vouches for its shape

    [[nodiscard]] std::string text() const { return setting_->text(); }

    void into(std::string& out) const { out = text(); }

    void into(bool& out) const { out = number_of(text()) != 0; }

    template <std::unsigned_integral T> void into(T& out) const {
        // Bounds are the table's or validate()'s; both are lower.
        constexpr std::uint64_t kMost = std::numeric_limits<T>::max();
        out = static_cast<T>(std::min(number_of(text()), kMost));
    }

    void into(std::int64_t& out) const;

    void into(std::optional<Uuid>& out) const { out = parse_uuid(text()); }

    template <Worded E> void into(E& out) const { out = static_cast<E>(word_index()); }

    template <class T> void into(std::optional<T>& out) const {
        T value{};
        into(value);
        out = value;
    }

    /// A path as the daemon can open it, whose own folder is another one.
    void into_path(std::string& out);
    /// The same of a path that stands at `where`; empty if there is no folder to start from.
    std::string absolute(std::string path, Span where);

    /// The value as one phrase, or each item of a list as one.
    [[nodiscard]] Phrase phrase() const { return setting_->phrase(sources_); }

    [[nodiscard]] std::vector<Phrase> phrases() const;

    /// A string of a list of lists.
    [[nodiscard]] Phrase phrase_of(const Value& value) const { return {sources_, {&value}}; }

    [[nodiscard]] bool is_list() const { return setting_->is_list(); }

    [[nodiscard]] std::vector<const Value*> items() const { return setting_->items(); }

    // -- any option

    /// The number that `key` is set to, if it is set and sound.
    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key) const;
    [[nodiscard]] std::optional<std::string> text(std::string_view key) const;

    /// Complains, and marks the option that is being read as faulty.
    void fail(Span where, std::string message, std::string hint = {});
    void fail(Diagnostic diagnostic);
    /// Of what is sound, and only not done yet.
    void fail_in_this_release(Span where, Unsupported lack);
    void warn(Span where, std::string message, std::string hint = {});

    /// `key` means nothing beside another option; `why` names that.
    void mark_idle(std::string_view key, std::string why) {
        settings_.mark_idle(key, std::move(why));
    }

    [[nodiscard]] bool has_errors() const { return diagnostics_.has_errors(); }

    /// Whether one more error would be kept: a hint that costs time to find need not be.
    [[nodiscard]] bool wants_errors() const { return diagnostics_.wants_errors(); }

    [[nodiscard]] bool wants_warnings() const { return diagnostics_.wants_warnings(); }

    /// The same about another option's value, or the file if it is not set.
    void fail_at(std::string_view key, std::string message, std::string hint = {});

  private:
    static std::uint64_t number_of(std::string_view text);
    [[nodiscard]] std::size_t word_index() const;

    const Sources& sources_;
    Settings& settings_;
    const std::string& directory_;
    Diagnostics& diagnostics_;
    DomainSpec spec_;
    const Option* option_ = nullptr;
    const Setting* setting_ = nullptr;
};

} // namespace pvh::config
