// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/histories.h"

#include "libdomain/core/error.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace pvh::console {

namespace {

namespace fs = std::filesystem;

struct File {
    Uuid uuid;
    fs::file_time_type time; // of the last byte, or the end
};

/// Latest first.
std::vector<File> files_in(const std::string& folder) {
    std::vector<File> files;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator{folder, failure}) {
        const auto uuid = parse_uuid(entry.path().filename().string());
        const auto time = entry.last_write_time(failure);
        if (uuid && !failure) files.push_back({*uuid, time});
    }
    std::sort(files.begin(), files.end(),
              [](const File& a, const File& b) { return a.time > b.time; });
    return files;
}

} // namespace

Histories::Histories(std::string folder) : folder_{std::move(folder)} {
    std::error_code failure;
    fs::create_directories(folder_, failure);
    if (!failure) fs::permissions(folder_, fs::perms::owner_all, failure);
    if (failure)
        throw Error{Errc::internal, fmt::format("make the folder {}", folder_), failure.value()}
            .with_hint("run pvhconsoled as root, or name another folder with --history");
}

std::string Histories::path_of(const Uuid& uuid) const {
    return (fs::path{folder_} / to_string(uuid)).string();
}

std::shared_ptr<History> Histories::open(const Uuid& uuid) {
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
    if (auto found = open_[uuid].lock()) return found;
    auto history = std::make_shared<History>(History::open(path_of(uuid)));
    open_[uuid] = history;
    return history;
}

std::shared_ptr<History> Histories::find(const Uuid& uuid) const {
    const auto open = open_.find(uuid);
    if (open != open_.end())
        if (auto found = open->second.lock()) return found;
    auto found = History::find(path_of(uuid));
    return found ? std::make_shared<History>(*std::move(found)) : nullptr;
}

std::optional<Histories::Found> Histories::find_named(const std::string& name) const {
    for (const File& file : files_in(folder_))
        if (auto history = find(file.uuid); history && history->owner().name == name)
            return Found{.uuid = file.uuid, .history = std::move(history)};
    return std::nullopt;
}

void Histories::forget(const Uuid& uuid) {
    std::error_code ignored;
    open_.erase(uuid);
    fs::remove(path_of(uuid), ignored);
}

void Histories::prune(const IsLive& is_live) const {
    std::size_t ended = 0;
    for (const File& file : files_in(folder_)) {
        std::error_code ignored;
        if (!is_live(file.uuid) && ++ended > kEnded) fs::remove(path_of(file.uuid), ignored);
    }
}

} // namespace pvh::console
