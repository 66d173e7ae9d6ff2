// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/limits.h"
#include "rpc/parse.h"
#include "rpc/protocol_error.h"
#include "rpc/shape.h"

#include <string>

#include <gtest/gtest.h>

namespace pvh::rpc {
namespace {

int code_of_failure(std::string_view text) {
    try {
        parse_untrusted(text);
    } catch (const ProtocolError& e) {
        return e.rpc_code();
    }
    return 0;
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Shape, AllowsTheDepthAndNoMore) {
    EXPECT_NO_THROW(check_shape(nested(kMaxDepth)));
    EXPECT_THROW(check_shape(nested(kMaxDepth + 1)), ProtocolError);
}

TEST(Shape, CountsObjectsAndArraysAlike) {
    std::string text;
    for (unsigned i = 0; i <= kMaxDepth; ++i)
        text += i % 2 == 0 ? "[" : "{\"a\":";
    EXPECT_THROW(check_shape(text), ProtocolError);
}

TEST(Shape, TakesBracketsInStringsForText) {
    EXPECT_NO_THROW(check_shape("\"" + std::string(1000, '[') + "\""));
    EXPECT_NO_THROW(check_shape(R"(["\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "\\"])"));
}

TEST(Shape, IsNotFooledByAnEscapedBackslashBeforeAQuote) {
    EXPECT_THROW(check_shape(R"(["\\")" + std::string(kMaxDepth, '[')), ProtocolError);
}

TEST(Shape, AMillionOpenBracketsAreRefusedWithoutADom) {
    EXPECT_EQ(code_of_failure(std::string(1'000'000, '[')), kInvalidRequest);
}

TEST(Shape, ALineOfCommasIsRefused) {
    EXPECT_EQ(code_of_failure("[" + std::string(kMaxValues + 1, ',') + "]"), kInvalidRequest);
}

TEST(Shape, SurplusClosingBracketsAreTheParsersToRefuse) {
    EXPECT_NO_THROW(check_shape("]]]]}"));
    EXPECT_EQ(code_of_failure("]]]]}"), kParseError);
}

TEST(ParseUntrusted, RefusesWhatIsNoJson) {
    for (const char* text : {"", "{", "nul", "{'a':1}", "[1,]", "NaN", "[Infinity]", "1e999999",
                             "\"\x01\"", "// c", "{} {}"})
        EXPECT_EQ(code_of_failure(text), kParseError) << text;
}

TEST(ParseUntrusted, RefusesInvalidUtf8) {
    EXPECT_EQ(code_of_failure("\"\xff\xfe\""), kParseError);
    EXPECT_EQ(code_of_failure("\"\xc0\xaf\""), kParseError); // overlong
}

TEST(ParseUntrusted, RefusesDuplicateKeysAtAnyDepth) {
    EXPECT_EQ(code_of_failure(R"({"a":1,"a":2})"), kInvalidRequest);
    EXPECT_EQ(code_of_failure(R"({"x":[{"a":1,"b":2,"a":3}]})"), kInvalidRequest);
    EXPECT_EQ(code_of_failure(R"({"a":1,"\u0061":2})"), kInvalidRequest);
}

TEST(ParseUntrusted, AllowsTheSameKeyInDifferentObjects) {
    EXPECT_EQ(code_of_failure(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})"), 0);
}

TEST(ParseUntrusted, DoesNotQuoteTheInputInItsComplaint) {
    try {
        parse_untrusted(std::string(100'000, 'x'));
        FAIL();
    } catch (const ProtocolError& e) {
        EXPECT_LT(std::string{e.what()}.size(), 200U);
    }
}

TEST(ToLine, ReplacesBytesThatAreNoUtf8) {
    const nlohmann::json guest = std::string{"a\xff\xfe z"};
    EXPECT_EQ(to_line(guest), "\"a\xef\xbf\xbd\xef\xbf\xbd z\"");
}

TEST(ValidUtf8, CutsAndStaysValid) {
    EXPECT_EQ(valid_utf8("abc"), "abc");
    EXPECT_EQ(valid_utf8("abcdef", 3), "abc");
    EXPECT_EQ(valid_utf8("ab\xc3\xa9", 3), "ab\xef\xbf\xbd"); // cut inside of an e acute
    EXPECT_EQ(valid_utf8(std::string{"a\0b", 3}), (std::string{"a\0b", 3}));
}

} // namespace
} // namespace pvh::rpc
