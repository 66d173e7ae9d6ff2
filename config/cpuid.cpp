// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/cpuid.h"

#include "config/characters.h"
#include "config/cpuid_features.h"
#include "config/spec_reader.h"
#include "libdomain/core/nearest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <variant>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr std::size_t kBits = 32;

std::string& register_of(CpuidMask& mask, CpuidRegister reg) {
    switch (reg) {
    case CpuidRegister::eax:
        return mask.eax;
    case CpuidRegister::ebx:
        return mask.ebx;
    case CpuidRegister::ecx:
        return mask.ecx;
    case CpuidRegister::edx:
        return mask.edx;
    }
    return mask.edx;
}

/// The masks of one domain, one for each leaf.
class Masks {
  public:
    explicit Masks(std::vector<CpuidMask>& masks) : masks_{masks} {}

    CpuidMask& at(std::uint32_t leaf, std::optional<std::uint32_t> subleaf) {
        const auto found = std::find_if(masks_.begin(), masks_.end(), [&](const CpuidMask& mask) {
            return mask.leaf == leaf && mask.subleaf == subleaf;
        });
        if (found != masks_.end()) return *found;
        masks_.push_back(
            {.leaf = leaf, .subleaf = subleaf, .eax = {}, .ebx = {}, .ecx = {}, .edx = {}});
        return masks_.back();
    }

    /// Sets the bits from `bit` up, `text` being written from the highest down.
    void set(const CpuidField& field, unsigned bit, std::string_view text) {
        CpuidMask& mask = at(
            field.leaf, field.subleaf == kNoSubleaf ? std::nullopt : std::optional{field.subleaf});
        std::string& reg = register_of(mask, field.reg);
        if (reg.empty()) reg.assign(kBits, 'x');
        reg.replace(kBits - bit - text.size(), text.size(), text);
    }

  private:
    std::vector<CpuidMask>& masks_;
};

std::string binary(std::uint64_t number, std::size_t width) {
    std::string text;
    for (std::size_t i = width; i-- > 0;)
        text += ((number >> i) & 1U) != 0 ? '1' : '0';
    return text;
}

// -- "host,aes=0"

class HostFormReader {
  public:
    HostFormReader(SpecReader& reader, const Phrase& phrase)
        : reader_{reader}, phrase_{phrase}, masks_{reader.spec().cpuid} {}

    void run() {
        const std::vector<Word> words = split_at_commas(phrase_.text());
        if (words.empty() || words.front().text != "host")
            return fail(0, "the first word of cpuid must be \"host\"",
                        "write \"host,aes=0\", or a list for the other form");
        if (words.size() > kMaxCpuidMasks)
            return fail(0, fmt::format("cpuid has {} words, at most {} are read", words.size(),
                                       kMaxCpuidMasks));
        for (auto word = words.begin() + 1; word != words.end(); ++word)
            read_pair(*word);
    }

  private:
    void read_pair(const Word& word) {
        const std::size_t sign = word.text.find('=');
        if (sign == std::string_view::npos)
            return fail(word.begin, fmt::format("{} has no value", in_quotes(word.text)),
                        fmt::format("write {}=0, or 1, x, k or s", word.text.substr(0, 20)));
        const std::string_view name = word.text.substr(0, sign);
        const CpuidField* field = find_cpuid_field(name);
        if (field == nullptr) return refuse_name(word, name);
        read_value(*field, {word.begin + sign + 1, word.text.substr(sign + 1)});
    }

    void refuse_name(const Word& word, std::string_view name) {
        std::vector<std::string_view> names;
        if (reader_.wants_errors())
            for (const CpuidField& field : cpuid_fields())
                names.push_back(field.name);
        const auto nearest = nearest_of(name, names);
        const std::string hint =
            nearest ? fmt::format("did you mean {}?", in_quotes(*nearest)) : std::string{};
        fail(word.begin, fmt::format("unknown CPU feature {}", in_quotes(name)), hint);
    }

    void read_value(const CpuidField& field, const Word& value) {
        if (value.text == "x" || value.text == "k" || value.text == "s")
            return set(field, std::string(field.width, value.text.front()));
        const auto parsed = parse_number(value.text);
        const auto* number = std::get_if<std::uint64_t>(&parsed);
        if (number == nullptr)
            return fail(value.begin,
                        fmt::format("{} is no value of a CPU feature", in_quotes(value.text)),
                        field.width == 1 ? "want 0, 1, x, k or s" : "want a number, x, k or s");
        const std::uint64_t most = highest(field);
        if (*number > most)
            return fail(value.begin, fmt::format("{} = {} is out of range", field.name, *number),
                        fmt::format("at most {}", most));
        if (field.name == "family") return set_family(field, *number);
        set(field, binary(*number, field.width));
    }

    static std::uint64_t highest(const CpuidField& field) {
        constexpr std::uint64_t kHighestFamily = 15 + 0xff;
        if (field.name == "family") return kHighestFamily;
        return (1ULL << field.width) - 1;
    }

    /// Family and model are in two parts, apart in eax.
    void set(const CpuidField& field, const std::string& text) {
        if (field.name == "model") {
            masks_.set(field, 16, text.substr(0, 4));
            masks_.set(field, field.bit, text.substr(4));
        } else if (field.name == "family") {
            masks_.set(field, 20, text);
            masks_.set(field, field.bit, text.substr(4));
        } else {
            masks_.set(field, field.bit, text);
        }
    }

    void set_family(const CpuidField& field, std::uint64_t number) {
        masks_.set(field, field.bit, binary(std::min<std::uint64_t>(number, 15), 4));
        masks_.set(field, 20, binary(number < 16 ? 0 : number - 15, 8));
    }

    void fail(std::size_t index, std::string message, std::string hint = {}) {
        reader_.fail(phrase_.at(index), std::move(message), std::move(hint));
    }

    SpecReader& reader_;
    const Phrase& phrase_;
    Masks masks_;
};

// -- "1:ecx=xxxx...,edx=..."

class XendFormReader {
  public:
    XendFormReader(SpecReader& reader, const Phrase& phrase)
        : reader_{reader}, phrase_{phrase}, rest_{0, phrase.text()} {}

    void run() {
        const auto leaf = take_number("leaf");
        if (!leaf) return;
        std::optional<std::uint32_t> subleaf;
        if (take(",")) {
            subleaf = take_number("subleaf");
            if (!subleaf) return;
        }
        if (!take(":"))
            return fail("\":\" is expected behind the leaf", "write \"1:ecx=<32 characters>\"");
        CpuidMask& mask = Masks{reader_.spec().cpuid}.at(*leaf, subleaf);
        while (read_register(mask) && !rest_.text.empty())
            take_blanks();
    }

  private:
    bool take(std::string_view prefix) {
        if (!rest_.text.starts_with(prefix)) return false;
        rest_.text.remove_prefix(prefix.size());
        rest_.begin += prefix.size();
        return true;
    }

    void take_blanks() {
        while (!rest_.text.empty() && (is_blank(rest_.text.front()) || rest_.text.front() == '\n'))
            take(rest_.text.substr(0, 1));
    }

    std::optional<std::uint32_t> take_number(std::string_view what) {
        take_blanks();
        const int base = take("0x") ? 16 : 10;
        std::uint32_t number = 0;
        const char* begin = rest_.text.data();
        const auto [end, error] = std::from_chars(begin, begin + rest_.text.size(), number, base);
        if (error != std::errc{}) {
            fail(fmt::format("the {} is no number", what),
                 rest_.text.starts_with("host") ? R"(write cpuid = "host,..." without the list)"
                                                : "write it as 1 or 0x80000001");
            return std::nullopt;
        }
        take(rest_.text.substr(0, static_cast<std::size_t>(end - begin)));
        return number;
    }

    /// One "ecx=<32 characters>" and the comma behind it; false if it went wrong.
    bool read_register(CpuidMask& mask) {
        constexpr std::array<std::string_view, 4> kNames{"eax=", "ebx=", "ecx=", "edx="};
        const auto* const name =
            std::find_if(kNames.begin(), kNames.end(),
                         [&](std::string_view n) { return rest_.text.starts_with(n); });
        if (name == kNames.end()) {
            fail("a register is expected", "want eax=, ebx=, ecx= or edx=");
            return false;
        }
        take(*name);
        const std::string_view bits = rest_.text.substr(0, rest_.text.find(','));
        if (!are_bits(bits)) return false;
        register_of(mask, static_cast<CpuidRegister>(name - kNames.begin())) = bits;
        take(bits);
        take(",");
        return true;
    }

    bool are_bits(std::string_view bits) {
        const std::size_t bad = bits.find_first_not_of("01xks");
        if (bad != std::string_view::npos) {
            rest_.begin += bad;
            fail(fmt::format("{} is no policy for a bit", in_quotes(bits.substr(bad, 1))),
                 "want 0, 1, x, k or s");
            return false;
        }
        if (bits.size() == kBits) return true;
        fail(fmt::format("a register has {} character{} here", bits.size(),
                         bits.size() == 1 ? "" : "s"),
             "want 32, from bit 31 down to bit 0");
        return false;
    }

    void fail(std::string message, std::string hint) {
        reader_.fail(phrase_.at(rest_.begin), std::move(message), std::move(hint));
    }

    SpecReader& reader_;
    const Phrase& phrase_;
    Word rest_;
};

} // namespace

void read_cpuid(SpecReader& reader) {
    if (!reader.is_list()) return HostFormReader{reader, reader.phrase()}.run();
    const std::vector<Phrase> phrases = reader.phrases();
    if (phrases.size() > kMaxCpuidMasks)
        return reader.fail(
            phrases.front().whole(),
            fmt::format("cpuid has {} items, at most {} are read", phrases.size(), kMaxCpuidMasks));
    for (const Phrase& phrase : phrases)
        XendFormReader{reader, phrase}.run();
}

} // namespace pvh::config
