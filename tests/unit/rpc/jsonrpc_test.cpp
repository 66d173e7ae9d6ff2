// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/jsonrpc.h"
#include "rpc/limits.h"

#include <string>

#include <gtest/gtest.h>

namespace pvh::rpc {
namespace {

Request only_request(const std::string& line) {
    const Incoming incoming = read_line(line);
    EXPECT_FALSE(incoming.is_batch);
    return std::get<Request>(incoming.entries.at(0));
}

BadRequest only_refusal(const std::string& line) {
    const Incoming incoming = read_line(line);
    return std::get<BadRequest>(incoming.entries.at(0));
}

int code_for_line(const std::string& line) {
    try {
        read_line(line);
    } catch (const ProtocolError& e) {
        return e.rpc_code();
    }
    return 0;
}

TEST(ReadLine, ReadsARequest) {
    const Request request =
        only_request(R"({"jsonrpc":"2.0","id":7,"method":"a.b","params":{"x":1}})");
    EXPECT_EQ(request.id, 7);
    EXPECT_EQ(request.method, "a.b");
    EXPECT_EQ(request.params, nlohmann::json({{"x", 1}}));
}

TEST(ReadLine, AnAbsentIdMakesANotification) {
    EXPECT_FALSE(only_request(R"({"jsonrpc":"2.0","method":"a.b"})").id.has_value());
}

TEST(ReadLine, AbsentParamsAreAnEmptyObject) {
    EXPECT_TRUE(only_request(R"({"jsonrpc":"2.0","id":1,"method":"a.b"})").params.is_object());
}

TEST(ReadLine, TakesStringsAndIntegersAsIds) {
    EXPECT_EQ(only_request(R"({"jsonrpc":"2.0","id":"x","method":"m"})").id, "x");
    EXPECT_EQ(only_request(R"({"jsonrpc":"2.0","id":-3,"method":"m"})").id, -3);
    EXPECT_EQ(only_request(R"({"jsonrpc":"2.0","id":null,"method":"m"})").id, nullptr);
}

TEST(ReadLine, RefusesIdsOfOddTypeWithANullId) {
    for (const char* id : {"[]", "{}", "true", "1.5", "1e3"}) {
        const BadRequest bad =
            only_refusal(std::string{R"({"jsonrpc":"2.0","method":"m","id":)"} + id + "}");
        EXPECT_EQ(bad.error.rpc_code(), kInvalidRequest) << id;
        EXPECT_TRUE(bad.id.is_null()) << id;
    }
}

TEST(ReadLine, RefusesWhatIsNoRequest) {
    for (const char* text :
         {"1", "\"x\"", "null", "true", "{}", R"({"jsonrpc":"2.0"})",
          R"({"jsonrpc":"1.0","method":"m"})", R"({"jsonrpc":2.0,"method":"m"})",
          R"({"jsonrpc":"2.0","method":1})", R"({"jsonrpc":"2.0","method":null})",
          R"({"jsonrpc":"2.0","method":"m","params":1})",
          R"({"jsonrpc":"2.0","method":"m","params":null})"})
        EXPECT_EQ(only_refusal(text).error.rpc_code(), kInvalidRequest) << text;
}

TEST(ReadLine, RefusesPositionalParamsAndKeepsTheId) {
    const BadRequest bad = only_refusal(R"({"jsonrpc":"2.0","id":4,"method":"m","params":[1]})");
    EXPECT_EQ(bad.error.rpc_code(), kInvalidParams);
    EXPECT_EQ(bad.id, 4);
}

TEST(ReadLine, NamesAnUnknownMemberAndTheNearest) {
    const BadRequest bad = only_refusal(R"({"jsonrpc":"2.0","id":4,"method":"m","parms":{}})");
    EXPECT_EQ(bad.error.rpc_code(), kInvalidRequest);
    EXPECT_STREQ(bad.error.what(), "a request has no member \"parms\"; did you mean \"params\"?");
}

TEST(ReadLine, ReadsABatchEntryByEntry) {
    const Incoming incoming =
        read_line(R"([{"jsonrpc":"2.0","id":1,"method":"a"},5,{"jsonrpc":"2.0","method":"b"}])");
    ASSERT_TRUE(incoming.is_batch);
    ASSERT_EQ(incoming.entries.size(), 3U);
    EXPECT_TRUE(std::holds_alternative<Request>(incoming.entries[0]));
    EXPECT_TRUE(std::holds_alternative<BadRequest>(incoming.entries[1]));
    EXPECT_FALSE(std::get<Request>(incoming.entries[2]).id.has_value());
}

std::string batch_of(std::size_t count) {
    std::string batch = "[";
    for (std::size_t i = 0; i < count; ++i)
        batch += (i == 0 ? "" : ",") + std::string{R"({"jsonrpc":"2.0","id":1,"method":"a"})"};
    return batch + "]";
}

TEST(ReadLine, RefusesAnEmptyBatchAndOneThatIsTooLong) {
    EXPECT_EQ(code_for_line("[]"), kInvalidRequest);
    EXPECT_EQ(code_for_line(batch_of(kMaxBatch)), 0);
    EXPECT_EQ(code_for_line(batch_of(kMaxBatch + 1)), kInvalidRequest);
    EXPECT_EQ(code_for_line("[" + std::string(900'000, ' ') + "]"), kInvalidRequest);
}

TEST(ReadLine, RefusesWhatIsNoJson) {
    EXPECT_EQ(code_for_line("{"), kParseError);
    EXPECT_EQ(code_for_line(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"x":NaN}})"),
              kParseError);
}

TEST(MakeReply, HasTheShapeOfTheSpecification) {
    EXPECT_EQ(make_reply(3, "r"),
              nlohmann::json::parse(R"({"jsonrpc":"2.0","id":3,"result":"r"})"));
    const auto error = make_error_reply(nullptr, Error{Errc::busy, "no"});
    EXPECT_TRUE(error.at("id").is_null());
    EXPECT_EQ(error.at("error").at("data").at("code"), "busy");
}

} // namespace
} // namespace pvh::rpc
