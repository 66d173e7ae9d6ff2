// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/config_file.h"

#include "config/limits.h"
#include "libdomain/core/error.h"
#include "libdomain/core/file.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace pvh::cli {

namespace {

std::string read_standard_input() {
    std::string text;
    std::array<char, 4096> chunk{};
    for (;;) {
        const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error{Errc::internal, "read the config from standard input", errno};
        if (got == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(got));
        if (text.size() > config::kMaxText)
            throw Error{Errc::invalid_config,
                        fmt::format("the config on standard input has more than {} bytes",
                                    config::kMaxText)};
    }
}

} // namespace

std::string read_config_text(const std::string& path) {
    if (path == "-") return read_standard_input();
    if (path == "/dev/null") return {};
    const Bytes bytes = read_regular_file(path, config::kMaxText, "config");
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string config_display_name(const std::string& path) {
    return path == "-" ? "<stdin>" : path;
}

std::string current_directory() {
    std::error_code fault;
    const auto folder = std::filesystem::current_path(fault);
    if (fault) throw Error{Errc::internal, "find the current folder", fault.value()};
    return folder.string();
}

} // namespace pvh::cli
