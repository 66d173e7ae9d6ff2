// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/phrase.h"

#include "config/characters.h"

#include <algorithm>
#include <utility>

namespace pvh::config {

Phrase::Phrase(const Sources& sources, std::vector<const Value*> parts)
    : sources_{sources}, parts_{std::move(parts)} {
    for (const Value* part : parts_)
        text_ += part->text;
}

Span Phrase::at(std::size_t index) const {
    for (const Value* part : parts_) {
        if (index < part->text.size()) return span_inside(sources_, *part, index);
        index -= part->text.size();
    }
    const Value& last = *parts_.back();
    return last.text.empty() ? last.span : span_inside(sources_, last, last.text.size());
}

std::vector<Word> split_at_commas(std::string_view text, std::size_t begin) {
    std::vector<Word> words;
    std::size_t at = 0;
    while (at <= text.size()) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        while (at < comma && text[at] == ' ')
            ++at;
        if (at < comma) words.push_back({begin + at, text.substr(at, comma - at)});
        at = comma + 1;
    }
    return words;
}

Word trimmed(Word word) {
    while (!word.text.empty() && is_blank(word.text.front())) {
        word.text.remove_prefix(1);
        ++word.begin;
    }
    while (!word.text.empty() && is_blank(word.text.back()))
        word.text.remove_suffix(1);
    return word;
}

} // namespace pvh::config
