// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/mounts.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include <sys/stat.h>

namespace pvh::host {

namespace {

/// A blank is "\040" there.   [fs/seq_file.c mangle_path]
std::string unescaped(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = static_cast<unsigned char>(text[i]);
        if (text[i] == '\\' && i + 3 < text.size()) {
            std::from_chars(text.data() + i + 1, text.data() + i + 4, code, 8);
            i += 3;
        }
        plain += static_cast<char>(code);
    }
    return plain;
}

bool is_below(const std::string& path, const std::string& folder) {
    return folder == "/" || (path.starts_with(folder) &&
                             (path.size() == folder.size() || path[folder.size()] == '/'));
}

/// NUMBER PARENT MAJOR:MINOR ROOT PLACE OPTIONS [TAG...] - TYPE SOURCE OPTIONS, of which the last
/// are the file system's own.
std::optional<Mount> parse_mount(const std::string& line) {
    std::istringstream words{line};
    std::string skipped, number, place, type, source, options;
    words >> skipped >> skipped >> number >> skipped >> place >> skipped;
    while (words >> skipped && skipped != "-") {
    }
    words >> type >> source >> options;
    const auto file_system = parse_device_number(number, 10);
    if (!file_system || place.empty()) return std::nullopt;
    return Mount{.file_system = *file_system,
                 .place = unescaped(place),
                 .source = unescaped(source),
                 .is_writable = options == "rw" || options.starts_with("rw,")};
}

/// Of some file systems the number is not that of the block device that they are on: btrfs.
Medium medium_under(const Mount& mount) {
    struct stat info {};

    const bool is_known = mount.source.starts_with("/dev/") &&
                          ::stat(mount.source.c_str(), &info) == 0 && S_ISBLK(info.st_mode);
    return {.device = is_known ? info.st_rdev : mount.file_system, .file = {}};
}

} // namespace

std::vector<Mount> parse_mounts(const std::string& text) {
    std::vector<Mount> mounts;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        if (auto mount = parse_mount(line)) mounts.push_back(*std::move(mount));
    return mounts;
}

std::vector<Mount> read_mounts() {
    std::ifstream file{"/proc/self/mountinfo"};
    return parse_mounts({std::istreambuf_iterator<char>{file}, {}});
}

dev_t file_system_at(const std::vector<Mount>& mounts, const std::string& path) {
    const Mount* nearest = nullptr;
    for (const Mount& mount : mounts)
        if (is_below(path, mount.place) &&
            (nearest == nullptr || mount.place.size() >= nearest->place.size()))
            nearest = &mount;
    return nearest == nullptr ? 0 : nearest->file_system;
}

const Mount* find_writable(const std::vector<Mount>& mounts, const Medium& medium) {
    const auto found = std::find_if(mounts.begin(), mounts.end(), [&](const Mount& mount) {
        return mount.is_writable && overlaps(medium_under(mount), medium);
    });
    return found == mounts.end() ? nullptr : &*found;
}

} // namespace pvh::host
