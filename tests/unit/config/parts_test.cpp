// SPDX-License-Identifier: LGPL-2.1-or-later
// The small parts of the reader, each by itself.
#include "config/diagnostics.h"
#include "config/excerpt.h"
#include "config/number.h"
#include "config/option_table.h"
#include "config/source.h"
#include "config/string_literal.h"
#include "config/suggest.h"
#include "libdomain/spec/domain_spec.h"

#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::config::test {

namespace {

using ::testing::HasSubstr;

Span at(std::uint32_t begin, std::uint32_t end) {
    return {.source = 0, .begin = begin, .end = end};
}

TEST(Places, CountLinesAndBytesFromOne) {
    EXPECT_EQ(place_of("ab\ncd\n", 0).line, 1U);
    EXPECT_EQ(place_of("ab\ncd\n", 4).line, 2U);
    EXPECT_EQ(place_of("ab\ncd\n", 4).column, 2U);
    EXPECT_EQ(place_of("ab\ncd\n", 6).line, 3U);
    EXPECT_EQ(place_of("", 0).column, 1U);
}

TEST(Places, DoNotCountAByteOrderMark) {
    EXPECT_EQ(place_of("\xEF\xBB\xBFname", 3).column, 1U);
}

TEST(Places, GiveTheLineWithoutItsEnd) {
    EXPECT_EQ(line_at("ab\r\ncd", 1).text, "ab");
    EXPECT_EQ(line_at("ab\r\ncd", 4).text, "cd");
    EXPECT_EQ(line_at("ab", 99).text, "ab");
}

TEST(Excerpt, PutsTheCaretUnderWhatItMarks) {
    const Sources sources{{"f", "a = 512\n"}};
    EXPECT_EQ(excerpt(sources, at(4, 7)), "    a = 512\n        ^~~\n");
}

TEST(Excerpt, KeepsTabsAndCountsCharactersNotBytes) {
    const Sources sources{{"f", "\t'\xC3\xA4' x"}};
    EXPECT_EQ(excerpt(sources, at(6, 7)), "    \t'\xC3\xA4' x\n    \t    ^\n");
}

TEST(Excerpt, MakesControlBytesHarmless) {
    const Sources sources{{"f", "a\x1b[2Jb"}};
    EXPECT_EQ(excerpt(sources, at(0, 1)), "    a?[2Jb\n    ^\n");
}

TEST(Excerpt, ShowsAWindowOfALongLine) {
    const std::string line = std::string(5000, 'a') + "HERE" + std::string(5000, 'b');
    const Sources sources{{"f", line}};
    const std::string shown = excerpt(sources, at(5000, 5004));
    EXPECT_LT(shown.size(), 300U);
    EXPECT_THAT(shown, HasSubstr("aHEREb"));
    const auto second_line = shown.find('\n') + 1;
    EXPECT_EQ(shown.find("HERE"), shown.find("^~~~") - second_line);
}

TEST(Excerpt, StopsTheMarkAtTheEndOfTheLine) {
    const Sources sources{{"f", "a = [\n1 ]"}};
    EXPECT_EQ(excerpt(sources, at(4, 9)), "    a = [\n        ^\n");
}

TEST(Diagnostics, AppearInTheOrderOfTheTextAndAreCapped) {
    const std::string lines(100, '\n');
    const Sources sources{{"f", lines}};
    Diagnostics diagnostics{sources};
    for (std::uint32_t i = 30; i-- > 0;)
        diagnostics.error(at(i, i + 1), "e" + std::to_string(i));
    const std::string text = diagnostics.render();
    EXPECT_LT(text.find("f:11:1: error: e10"), text.find("f:12:1: error: e11"));
    EXPECT_THAT(text, HasSubstr("... and 10 more errors"));
}

TEST(Quoting, CutsAndEscapes) {
    EXPECT_EQ(in_quotes("a\x1b"), "\"a\\x1b\"");
    EXPECT_EQ(in_quotes(std::string(61, 'a')), "\"" + std::string(60, 'a') + "...\"");
}

TEST(Numbers, FollowStrtolButForTheSign) {
    EXPECT_EQ(std::get<std::uint64_t>(parse_number("0")), 0U);
    EXPECT_EQ(std::get<std::uint64_t>(parse_number("+7")), 7U);
    EXPECT_EQ(std::get<std::uint64_t>(parse_number("\t 7")), 7U);
    EXPECT_EQ(std::get<std::uint64_t>(parse_number("0777")), 511U);
    EXPECT_EQ(std::get<std::uint64_t>(parse_number("9223372036854775807")), 9223372036854775807U);
    for (const char* bad : {"", " ", "-", "-1", "+", "+-1", "0x", "0xg", "08", "1x", "1 ", "1.0",
                            "--1", "9223372036854775808", "18446744073709551616"})
        EXPECT_TRUE(std::holds_alternative<std::string>(parse_number(bad))) << bad;
}

TEST(Numbers, WithUnitsAreUnderstoodForTheHint) {
    EXPECT_EQ(mib_with_unit("512m"), 512U);
    EXPECT_EQ(mib_with_unit("2 GiB"), 2048U);
    EXPECT_EQ(mib_with_unit("1TB"), 1048576U);
    EXPECT_EQ(mib_with_unit("2048k"), 2U);
    for (const char* bad : {"", "512", "g", "1k", "1x", "2Gx", "1.5G", "99999999999G"})
        EXPECT_EQ(mib_with_unit(bad), 0U) << bad;
}

TEST(Suggestions, FindTheOptionThatWasMeant) {
    EXPECT_EQ(nearest_option("Memory"), "memory");
    EXPECT_EQ(nearest_option("on-crash"), "on_crash");
    EXPECT_EQ(nearest_option("memroy"), "memory");
    EXPECT_EQ(nearest_option("kernal"), "kernel");
    EXPECT_EQ(nearest_option("vcpu"), "vcpus");
    EXPECT_EQ(nearest_option("max_vcpus"), "maxvcpus");
}

TEST(Suggestions, AreNotMadeForSomethingElse) {
    for (const char* word : {"", "zzzzzz", "max_clones", "x", "autostart"})
        EXPECT_EQ(nearest_option(word), std::nullopt) << word;
    EXPECT_EQ(nearest_option(std::string(100000, 'm')), std::nullopt);
}

TEST(OptionTable, FindsEveryOptionByItsKey) {
    for (const Option& option : all_options())
        EXPECT_EQ(find_option(option.key), &option);
    EXPECT_EQ(find_option("memor"), nullptr);
    EXPECT_EQ(find_option(""), nullptr);
    EXPECT_EQ(find_option("zzz"), nullptr);
}

TEST(OptionTable, ExplainsWhatItRefuses) {
    for (const Option& option : all_options()) {
        const bool refuses =
            option.status == Status::refused || option.status == Status::not_yet_needed;
        EXPECT_EQ(!option.why.empty(), refuses) << option.key;
    }
}

TEST(OptionTable, StatesTheDefaultsOfTheSpec) {
    const DomainSpec spec;
    EXPECT_EQ(find_option("on_poweroff")->default_text, word_of(spec.on_poweroff));
    EXPECT_EQ(find_option("on_reboot")->default_text, word_of(spec.on_reboot));
    EXPECT_EQ(find_option("on_crash")->default_text, word_of(spec.on_crash));
    EXPECT_EQ(find_option("on_watchdog")->default_text, word_of(spec.on_watchdog));
    EXPECT_EQ(find_option("on_soft_reset")->default_text, word_of(spec.on_soft_reset));
    EXPECT_EQ(find_option("vcpus")->default_text, std::to_string(spec.vcpus));
    EXPECT_EQ(find_option("memory")->default_text,
              "maxmem, else " + std::to_string(spec.memory_mib));
}

TEST(PlaceCounter, AgreesWithPlaceOfEverywhere) {
    for (const std::string text :
         {"", "a", "\n\nab\n", "\xEF\xBB\xBFname\nb\r\nc", "\xEF\xBB\xBF"}) {
        PlaceCounter counter{text};
        for (std::uint32_t offset = 0; offset <= text.size() + 1; ++offset) {
            const Place place = counter.at(offset);
            EXPECT_EQ(place.line, place_of(text, offset).line) << text << offset;
            EXPECT_EQ(place.column, place_of(text, offset).column) << text << offset;
        }
    }
}

TEST(StringLiteral, KnowsWhereEachByteOfItsValueStands) {
    const std::string text = R"(x = "a\tb\"c")";
    const Literal literal = read_literal(text, 4);
    EXPECT_EQ(literal.value, "a\tb\"c");
    EXPECT_EQ(literal.end, text.size());
    EXPECT_EQ(offset_in_literal(text, 4, 0), 5U);  // a
    EXPECT_EQ(offset_in_literal(text, 4, 1), 6U);  // \t
    EXPECT_EQ(offset_in_literal(text, 4, 2), 8U);  // b
    EXPECT_EQ(offset_in_literal(text, 4, 4), 11U); // c
    EXPECT_EQ(offset_in_literal(text, 4, 99), 12U);
}

TEST(StringLiteral, ReportsAFewFaultsAndNoMore) {
    EXPECT_EQ(read_literal("'\\q\\q\\q\\q\\q\\q\\q\\q'", 0).faults.size(), 5U);
    EXPECT_EQ(read_literal(std::string_view{"'a\0b'", 5}, 0).faults.size(), 1U);
    EXPECT_FALSE(read_literal("'abc\\", 0).closed);
    EXPECT_FALSE(read_literal("'", 0).closed);
}

} // namespace

} // namespace pvh::config::test
