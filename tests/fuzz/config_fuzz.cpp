// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as a config: accepted or refused with a report, within bounds; never anything else.
// Input: the file, then overrides, each behind a 0xFF byte.
#include "config/read_config.h"
#include "libdomain/core/error.h"
#include "libdomain/spec/validate.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::vector<std::string> split(std::string_view bytes) {
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t end = bytes.find('\xFF');
        parts.emplace_back(bytes.substr(0, end));
        if (end == std::string_view::npos) return parts;
        bytes.remove_prefix(end + 1);
    }
}

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto parts = split({reinterpret_cast<const char*>(data), size});
    const pvh::config::Source file{.name = "fuzz.cfg", .text = std::move(parts.front())};
    parts.erase(parts.begin());
    try {
        const auto result = pvh::config::read_domain_config(file, parts, "/folder");
        require(pvh::validate(result.spec).empty());
        require(result.spec.kernel.starts_with('/'));
    } catch (const pvh::Error& e) {
        require(e.code() == pvh::Errc::invalid_config);
        require(std::string_view{e.what()}.find(": error: ") != std::string_view::npos);
    }
    return 0;
}
