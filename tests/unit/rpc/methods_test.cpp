// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/error_object.h"
#include "rpc/methods.h"
#include "rpc/protocol_error.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace pvh::rpc {
namespace {

TEST(Methods, AreSortedAndUnique) {
    const auto table = methods();
    const auto is_out_of_order = [](const Method& a, const Method& b) { return a.name >= b.name; };
    EXPECT_EQ(std::adjacent_find(table.begin(), table.end(), is_out_of_order), table.end());
}

TEST(Methods, AnUnknownOneIsNamedWithTheNearest) {
    EXPECT_EQ(require_method("domain.list").name, "domain.list");
    try {
        require_method("domain.lst");
        FAIL();
    } catch (const ProtocolError& e) {
        EXPECT_EQ(e.rpc_code(), kMethodNotFound);
        EXPECT_STREQ(e.what(), "there is no method \"domain.lst\"; did you mean \"domain.list\"?");
    }
}

TEST(Methods, TheDocumentHasEveryMethodWithItsParameters) {
    const auto document = describe_api("1.2.3");
    EXPECT_EQ(document.at("methods").size(), methods().size());
    for (const auto& method : document.at("methods")) {
        if (method.at("name") != "domain.wait") continue;
        EXPECT_EQ(method.at("params").size(), 5U); // three selectors, until, timeout_ms
        EXPECT_EQ(method.at("x-role"), "reader");
    }
}

TEST(Methods, ProtocolMdHasASectionForEach) {
    std::ifstream file{std::string{PVH_SOURCE_DIR} + "/rpc/protocol.md"};
    const std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    for (const Method& method : methods())
        EXPECT_NE(text.find("### " + std::string{method.name} + "\n"), std::string::npos)
            << method.name;
}

TEST(Errors, EveryCodeHasItsOwnNumberAndComesBack) {
    for (std::size_t i = 0; i < kErrcs; ++i) {
        const auto code = static_cast<Errc>(i);
        EXPECT_EQ(errc_of_rpc_code(rpc_code_of(code)), code);
        EXPECT_EQ(parse_errc(to_string(code)), code);
        EXPECT_LE(rpc_code_of(code), -32000);
        EXPECT_GE(rpc_code_of(code), -32099);
    }
}

TEST(Errors, TravelWithHintAndStage) {
    const Error error =
        Error{Errc::no_memory, "populate", 12}.with_hint("buy some").at_stage("populate");
    const auto object = to_error_object(error);
    EXPECT_EQ(object.at("code"), -32005);
    EXPECT_EQ(object.at("data").at("errno"), 12);
    EXPECT_EQ(object.at("data").at("retryable"), false);
    const Error back = from_error_object(object);
    EXPECT_EQ(back.code(), Errc::no_memory);
    EXPECT_STREQ(back.what(), error.what());
    EXPECT_EQ(back.hint(), "buy some");
    EXPECT_EQ(back.stage(), "populate");
}

TEST(Errors, ReservedCodesKeepTheirNumber) {
    EXPECT_EQ(to_error_object(InvalidParams{"x"}).at("code"), -32602);
    EXPECT_EQ(from_error_object({{"code", -32601}, {"message", "m"}}).code(), Errc::unsupported);
}

TEST(Errors, WhateverADaemonSendsBecomesAnError) {
    for (const char* text : {"null", "[]", "{}", R"({"code":"x"})", R"({"code":1e300,"message":3})",
                             R"({"data":[1]})", R"({"code":-32001,"data":{"code":7,"hint":{}}})"})
        EXPECT_STRNE(from_error_object(nlohmann::json::parse(text)).what(), "") << text;
}

} // namespace
} // namespace pvh::rpc
