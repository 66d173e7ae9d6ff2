// SPDX-License-Identifier: LGPL-2.1-or-later
// Which assignments count: the last `=` of a key and every `+=` behind it, over all sources in
// their order.
#pragma once

#include "config/diagnostics.h"
#include "config/phrase.h"
#include "config/source.h"
#include "config/syntax.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::config {

/// What a key was set to, in one or more parts that are all lists or none.
class Setting {
  public:
    explicit Setting(const Assignment& first) : parts_{&first} {}

    void set(const Assignment& assignment) { parts_ = {&assignment}; }

    void append(const Assignment& assignment) { parts_.push_back(&assignment); }

    [[nodiscard]] const std::vector<const Assignment*>& parts() const { return parts_; }

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

    /// `assignments` must outlive this. Complains about `+=` that joins a list to what is none.
    Settings(const std::vector<Assignment>& assignments, Diagnostics& diagnostics);

    /// nullptr if no source sets it.
    [[nodiscard]] const Setting* find(std::string_view key) const;

    [[nodiscard]] const Map& all() const { return settings_; }

    /// A key whose value was complained about: nothing more is concluded from it.
    void mark_faulty(std::string_view key) { faulty_.insert(key); }

    [[nodiscard]] bool is_faulty(std::string_view key) const { return faulty_.contains(key); }

    /// The setting, if there is one that can be read.
    [[nodiscard]] const Setting* find_sound(std::string_view key) const;

  private:
    void append(const Assignment& assignment, Diagnostics& diagnostics);

    Map settings_;
    std::set<std::string_view> faulty_;
};

} // namespace pvh::config
