// SPDX-License-Identifier: LGPL-2.1-or-later
// A string that has a language of its own (a disk, a list of CPUs), and where its bytes stand.
#pragma once

#include "config/source.h"
#include "config/syntax.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::config {

class Phrase {
  public:
    /// The texts of `parts` joined: `+=` makes several. None is a list; all must outlive this.
    Phrase(const Sources& sources, std::vector<const Value*> parts);

    [[nodiscard]] std::string_view text() const { return text_; }

    /// The whole value, for complaints about all of it.
    [[nodiscard]] Span whole() const { return parts_.back()->span; }

    /// Where byte `index` of text() stands; at its end, the end of the value.
    [[nodiscard]] Span at(std::size_t index) const;

  private:
    const Sources& sources_;
    std::vector<const Value*> parts_;
    std::string text_;
};

/// A part of a phrase.
struct Word {
    std::size_t begin{};
    std::string_view text;
};

/// The words between commas, without blanks before them; empty ones are left out, as strtok does.
std::vector<Word> split_at_commas(std::string_view text, std::size_t begin = 0);

/// `word` without blanks at either end.
Word trimmed(Word word);

} // namespace pvh::config
