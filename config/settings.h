// SPDX-License-Identifier: LGPL-2.1-or-later
// Which assignments count: the last `=` of a key and every `+=` behind it, over all sources in
// their order; and which do not, and why.
#pragma once

#include "config/diagnostics.h"
#include "config/phrase.h"
#include "config/source.h"
#include "config/syntax.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pvh::config {

/// What a key was set to, in one or more parts that are all lists or none.
class Setting {
  public:
    explicit Setting(const Assignment& first) : parts_{&first} {}

    void set(const Assignment& assignment) { parts_ = {&assignment}; }

    void append(const Assignment& assignment) { parts_.push_back(&assignment); }

    [[nodiscard]] const std::vector<const Assignment*>& parts() const { return parts_; }

    /// Whether a part of it could not be parsed.
    [[nodiscard]] bool is_unparsed() const;
    /// Whether a part of it has no value for that: then it has none either.
    [[nodiscard]] bool lacks_value() const;

    [[nodiscard]] bool is_list() const { return parts_.front()->value.kind == ValueKind::list; }

    /// Of what is no list: the parts' texts joined.
    [[nodiscard]] std::string text() const;
    /// Of a list.
    [[nodiscard]] std::vector<const Value*> items() const;

    /// Places for complaints: the part written last.
    [[nodiscard]] Span key_span() const { return parts_.back()->key_span; }

    [[nodiscard]] Span value_span() const { return parts_.back()->value.span; }

    /// Of what is no list: its text, with the places of its bytes.
    [[nodiscard]] Phrase phrase(const Sources& sources) const;

  private:
    std::vector<const Assignment*> parts_;
};

class Settings {
  public:
    using Map = std::map<std::string_view, Setting>;

    /// `assignments` must outlive this. Complains about `+=` that joins a list to what is none, and
    /// warns of a key that one text sets twice.
    Settings(const Sources& sources, const std::vector<Assignment>& assignments,
             Diagnostics& diagnostics);

    /// nullptr if no source sets it.
    [[nodiscard]] const Setting* find(std::string_view key) const;

    [[nodiscard]] const Map& all() const { return settings_; }

    /// Assignments that later ones of their keys have taken the place of.
    [[nodiscard]] const std::vector<const Assignment*>& overridden() const { return overridden_; }

    /// A key that another one makes meaningless; `why` ends a sentence.
    void mark_idle(std::string_view key, std::string why) { idle_.emplace(key, std::move(why)); }

    /// Why the key is idle; empty if it is not.
    [[nodiscard]] std::string why_idle(std::string_view key) const;

    /// A key whose value was complained about: nothing more is concluded from it.
    void mark_faulty(std::string_view key) { faulty_.insert(key); }

    [[nodiscard]] bool is_faulty(std::string_view key) const { return faulty_.contains(key); }

    /// The setting, if there is one that can be read.
    [[nodiscard]] const Setting* find_sound(std::string_view key) const;

  private:
    void append(Setting& setting, const Assignment& assignment, Diagnostics& diagnostics);

    Map settings_;
    std::vector<const Assignment*> overridden_;
    std::map<std::string_view, std::string> idle_;
    std::set<std::string_view> faulty_;
};

} // namespace pvh::config
