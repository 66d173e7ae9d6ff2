// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/sysfs.h"

#include "libdomain/core/unique_handle.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include <fcntl.h>

namespace pvh::host {

std::string read_attribute(const std::string& path) {
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return {};
    std::array<char, 4096> buffer; // an attribute is at most a page
    const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
    if (size <= 0) return {};
    std::string text{buffer.data(), static_cast<std::size_t>(size)};
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

std::vector<std::string> list_folder(const std::string& path) {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry{path, error}, end; !error && entry != end;
         entry.increment(error))
        names.push_back(entry->path().filename().string());
    return names;
}

std::string read_link(const std::string& path) {
    std::error_code error;
    return std::filesystem::read_symlink(path, error).string();
}

std::string plain_line(std::string text) {
    constexpr std::size_t kLongest = 300;
    text.resize(std::min(text.size(), kLongest));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

bool exists(const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(path, error);
}

} // namespace pvh::host
