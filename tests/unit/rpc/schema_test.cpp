// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/schema.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace pvh::rpc {
namespace {

using nlohmann::json;

json spec_schema() {
    json schema = ValueSchema<Strictly<DomainSpec>>::make();
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = "The spec of a PVH domain";
    return schema;
}

// For editors and validators. PVH_WRITE_GOLDEN=1 writes it.
TEST(SpecSchema, InTheTreeIsWhatTheReaderTakes) {
    const std::string path = std::string{PVH_SOURCE_DIR} + "/docs/domain_spec.schema.json";
    const std::string text = spec_schema().dump(2) + "\n";
    if (std::getenv("PVH_WRITE_GOLDEN") != nullptr) std::ofstream{path, std::ios::binary} << text;
    std::ifstream in{path, std::ios::binary};
    const std::string in_tree{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    EXPECT_EQ(text, in_tree);
}

TEST(SpecSchema, AllowsNothingElse) {
    EXPECT_EQ(spec_schema().at("additionalProperties"), false);
    EXPECT_EQ(spec_schema().at("properties").at("disk").at("items").at("additionalProperties"),
              false);
    EXPECT_EQ(spec_schema().at("required"), json::array({"name"}));
}

} // namespace
} // namespace pvh::rpc
