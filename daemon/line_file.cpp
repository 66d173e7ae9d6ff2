// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/line_file.h"

#include "libdomain/core/error.h"
#include "libdomain/core/file.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fstream>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

constexpr std::uint64_t kMaxFile = 64UL * 1024 * 1024;

Bytes read_if_there(const std::string& path, std::string_view role) {
    try {
        return read_regular_file(path, kMaxFile, role);
    } catch (const Error& e) {
        if (e.code() != Errc::not_found) throw;
        return {};
    }
}

void write_to(const std::string& path, const std::string& text, std::ios::openmode mode) {
    std::ofstream out{path, mode | std::ios::binary};
    out << text;
    out.close();
    if (!out) throw Error{Errc::internal, fmt::format("write to {}", path), errno};
}

} // namespace

void for_each_line(const std::string& path, std::string_view role,
                   const std::function<void(std::string_view)>& take) {
    const Bytes content = read_if_there(path, role);
    std::string_view text{reinterpret_cast<const char*>(content.data()), content.size()};
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        take(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
}

void append_to_file(const std::string& path, const std::string& text) {
    write_to(path, text, std::ios::app);
}

void replace_file(const std::string& path, const std::string& text) {
    const std::string temporary = path + ".new";
    write_to(temporary, text, std::ios::trunc);
    if (std::rename(temporary.c_str(), path.c_str()) != 0)
        throw Error{Errc::internal, fmt::format("rename {} to {}", temporary, path), errno};
}

} // namespace pvh::daemon
