// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/cpu_list.h"

#include "config/number.h"
#include "config/spec_reader.h"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr const char* kHint = "want CPUs such as 0-3,^1, nodes:0 or all";

class CpuListReader {
  public:
    CpuListReader(SpecReader& reader, const Phrase& phrase) : reader_{reader}, phrase_{phrase} {}

    CpuList run() {
        const std::vector<Word> words = split_at_commas(phrase_.text());
        if (words.size() > kMaxCpuItems)
            fail(phrase_.whole(),
                 fmt::format("a list of CPUs has {} items, at most {} are read", words.size(),
                             kMaxCpuItems),
                 "join neighbours, as in 0-3");
        for (const Word& word : words)
            if (!failed_) read_item(word);
        if (!failed_ && names_nothing())
            fail(phrase_.whole(), fmt::format("{} names no CPU", in_quotes(phrase_.text())), kHint);
        return std::move(list_);
    }

  private:
    /// Takes `prefix` off the front of `word`.
    static bool take(Word& word, std::string_view prefix) {
        if (!word.text.starts_with(prefix)) return false;
        word.text.remove_prefix(prefix.size());
        word.begin += prefix.size();
        return true;
    }

    void read_item(Word word) {
        CpuSet set;
        set.is_removed = take(word, "^");
        if (take(word, "node:") || take(word, "nodes:")) set.kind = CpuSetKind::nodes;
        if (word.text == "all") {
            if (set.is_removed) return fail(phrase_.at(word.begin), "all cannot be removed", kHint);
            set.kind = CpuSetKind::all;
        } else {
            read_range(word, set);
        }
        list_.push_back(set);
    }

    /// CPUs beyond all that there can be are cut.
    void read_range(Word word, CpuSet& set) {
        const auto parsed = parse_range(word.text, "CPU", kMaxCpus);
        if (const auto* fault = std::get_if<RangeFault>(&parsed))
            return fail(phrase_.at(word.begin + fault->at), fault->message,
                        fault->hint.empty() ? kHint : fault->hint);
        const auto& range = std::get<NumberRange>(parsed);
        set.first = range.first;
        set.last = range.last;
    }

    /// Without knowing the host: as long as nodes are unknown, they may hold any CPU.
    [[nodiscard]] bool names_nothing() const {
        std::vector<bool> named(kMaxCpus + 1);
        bool has_unknown = false;
        for (const CpuSet& set : list_) {
            if (set.kind == CpuSetKind::cpus)
                std::fill(named.begin() + set.first, named.begin() + set.last + 1, !set.is_removed);
            else
                has_unknown |= !set.is_removed;
        }
        return !has_unknown && std::find(named.begin(), named.end(), true) == named.end();
    }

    void fail(Span where, std::string message, std::string hint) {
        failed_ = true;
        reader_.fail(where, std::move(message), std::move(hint));
    }

    SpecReader& reader_;
    const Phrase& phrase_;
    CpuList list_;
    bool failed_ = false;
};

std::vector<CpuList> read_lists(SpecReader& reader) {
    std::vector<CpuList> lists;
    if (!reader.is_list()) {
        lists.push_back(CpuListReader{reader, reader.phrase()}.run());
        return lists;
    }
    for (const Phrase& phrase : reader.phrases())
        lists.push_back(CpuListReader{reader, phrase}.run());
    return lists;
}

} // namespace

void read_hard_affinity(SpecReader& reader) {
    reader.spec().hard_affinity = read_lists(reader);
}

void read_soft_affinity(SpecReader& reader) {
    reader.spec().soft_affinity = read_lists(reader);
}

} // namespace pvh::config
