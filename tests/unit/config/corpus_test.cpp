// SPDX-License-Identifier: LGPL-2.1-or-later
// tests/corpus: what must be accepted, what must be refused, and every word that is said about it.
// The lab holds the same files against xl's reader.
#include "config/check_config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pvh::config::test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

std::vector<fs::path> corpus(const char* kind) {
    std::vector<fs::path> files;
    for (const auto& entry :
         fs::directory_iterator{fs::path{PVH_SOURCE_DIR} / "tests" / "corpus" / kind})
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

CheckResult check(const fs::path& path) {
    return check_domain_config({.name = path.filename().string(), .text = text_of(path)}, {},
                               "/folder");
}

TEST(Corpus, GoodOnesAreSound) {
    const auto files = corpus("good");
    EXPECT_GE(files.size(), 60U);
    for (const fs::path& file : files) {
        const CheckResult result = check(file);
        EXPECT_TRUE(result.is_sound()) << result.report;
    }
}

TEST(Corpus, BadOnesAreNot) {
    const auto files = corpus("bad");
    EXPECT_GE(files.size(), 80U);
    for (const fs::path& file : files)
        EXPECT_FALSE(check(file).is_sound()) << file;
}

// Read the golden file whenever it changes: it is what users read. PVH_WRITE_GOLDEN=1 writes it.
TEST(Corpus, WhatIsSaidAboutBadOnesReadsAsReviewed) {
    const fs::path golden = fs::path{PVH_SOURCE_DIR} / "tests" / "golden" / "config_reports.txt";
    std::string said;
    for (const fs::path& file : corpus("bad"))
        said += check(file).report + "\n\n";
    if (std::getenv("PVH_WRITE_GOLDEN") != nullptr) std::ofstream{golden, std::ios::binary} << said;
    EXPECT_EQ(said, text_of(golden));
}

} // namespace
} // namespace pvh::config::test
