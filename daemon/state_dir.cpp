// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/state_dir.h"

#include "daemon/state_file.h"
#include "libdomain/core/error.h"
#include "libdomain/core/file.h"
#include "libdomain/core/log.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pvh::daemon {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxFile = 1 * kMiB;

void make_private_folder(const fs::path& path) {
    std::error_code failure;
    fs::create_directories(path, failure);

    struct stat st {};

    if (!failure && ::stat(path.c_str(), &st) == 0 && st.st_uid != ::geteuid())
        throw Error{Errc::invalid_config,
                    fmt::format("the state folder {} belongs to uid {}", path.string(), st.st_uid)}
            .with_hint("whoever owns it could have pvhd build what they like: give it to root, or "
                       "name another folder with --state-dir");
    if (!failure) fs::permissions(path, fs::perms::owner_all, failure);
    if (failure)
        throw Error{Errc::internal, fmt::format("make the state folder {}", path.string()),
                    failure.value()}
            .with_hint("run pvhd as root, or name another folder with --state-dir");
}

/// Who could write a file could have the daemon build what they like.
void require_own_file(const fs::path& path) {
    struct stat st {};

    if (::lstat(path.c_str(), &st) != 0)
        throw Error{Errc::internal, "it cannot be looked at", errno};
    if (!S_ISREG(st.st_mode)) throw Error{Errc::invalid_config, "it is no regular file"};
    if (st.st_uid != ::geteuid())
        throw Error{Errc::invalid_config, fmt::format("it belongs to uid {}", st.st_uid)};
}

StateFile read_file(const fs::path& path) {
    require_own_file(path);
    const auto uuid = parse_uuid(path.stem().string());
    if (!uuid) throw Error{Errc::invalid_config, "its name is no UUID"};
    const Bytes content = read_regular_file(path.string(), kMaxFile, "state file");
    return parse_state({reinterpret_cast<const char*>(content.data()), content.size()}, *uuid);
}

// The lock is what counts; the pid in the file is for the message.

std::string read_pid(const std::string& lock) {
    std::string pid = "unknown";
    std::ifstream{lock} >> pid;
    return pid;
}

void write_pid(int fd) {
    const std::string pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0)
        log::warn("note our pid in the lock file: {}", std::generic_category().message(errno));
}

std::vector<fs::path> files_in(const std::string& folder, const char* extension) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.path().extension() == extension) files.push_back(entry.path());
    return files;
}

void forget_earlier_boot(const fs::path& file, const StoredDomain& domain) {
    log::info("domain \"{}\" uuid={} was of an earlier boot of this host: forgetting it",
              domain.spec.name, file.stem().string());
    std::error_code failure;
    fs::remove(fs::path{file}.replace_extension(".next"), failure);
    fs::remove(file, failure);
    if (failure) log::warn("remove {}: {}", file.string(), failure.message());
}

/// A name in `folder` that nobody has.
fs::path free_name(const fs::path& folder, const std::string& name) {
    fs::path candidate = folder / name;
    for (unsigned i = 1; fs::exists(fs::symlink_status(candidate)); ++i)
        candidate = folder / fmt::format("{}.{}", name, i);
    return candidate;
}

} // namespace

std::string host_boot_id() {
    std::string id;
    std::ifstream{"/proc/sys/kernel/random/boot_id"} >> id;
    return id;
}

UniqueFd StateDir::claim() const {
    make_private_folder(path_);
    const std::string lock = path_ + "/lock";
    UniqueFd fd{::open(lock.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!fd) throw Error{Errc::internal, fmt::format("open {}", lock), errno};
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        throw Error{Errc::busy,
                    fmt::format("the state folder {} is in use by another pvhd (pid {})", path_,
                                read_pid(lock))}
            .with_hint("stop that one first, or name another folder with --state-dir");
    write_pid(fd.get());
    return fd;
}

std::vector<StoredDomain> StateDir::load() const {
    for (const fs::path& leftover : files_in(path_, ".new"))
        fs::remove(leftover);
    std::vector<StoredDomain> domains;
    for (const fs::path& file : files_in(path_, ".json")) {
        try {
            StateFile read = read_file(file);
            if (read.boot_id == boot_id_)
                domains.push_back(std::move(read.domain));
            else
                forget_earlier_boot(file, read.domain);
        } catch (const Error& e) {
            quarantine(file.filename().string(), e.what());
        }
    }
    // Whoever gets such a UUID anew is another one.
    for (const fs::path& next : files_in(path_, ".next"))
        if (!fs::exists(fs::path{next}.replace_extension(".json"))) fs::remove(next);
    return domains;
}

std::optional<StoredDomain> StateDir::find(const Uuid& uuid) const {
    try {
        return read_file(file_of(uuid)).domain;
    } catch (const Error&) {
        return std::nullopt;
    }
}

void StateDir::save(const StoredDomain& domain) const {
    write(file_of(domain.spec.uuid.value()), domain);
}

void StateDir::write(const std::string& path, const StoredDomain& domain) const {
    // Without fsync, unlike write_file_atomically: what matters is that it survives this process.
    // When the host itself goes down, so do its domains, and then the best state file is none; a
    // create is spared the disk's latency twice.
    const std::string temporary = path + ".new";
    std::ofstream out{temporary, std::ios::trunc | std::ios::binary};
    out << format_state({.boot_id = boot_id_, .domain = domain});
    out.close();
    if (!out) throw Error{Errc::internal, fmt::format("write {}", temporary), errno};
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        throw Error{Errc::internal, fmt::format("rename {} to {}", temporary, path), errno};
}

void StateDir::save_next(const DomainSpec& spec) const {
    write(next_file_of(spec.uuid.value()),
          {.phase = Phase::restarting, .spec = spec, .domid = std::nullopt});
}

std::optional<DomainSpec> StateDir::load_next(const Uuid& uuid) const {
    const std::string path = next_file_of(uuid);
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return std::nullopt;
    try {
        return read_file(path).domain.spec;
    } catch (const Error& e) {
        quarantine(fs::path{path}.filename().string(), e.what());
        return std::nullopt;
    }
}

void StateDir::remove_next(const Uuid& uuid) const noexcept {
    std::error_code failure;
    fs::remove(next_file_of(uuid), failure);
    if (failure) log::warn("remove {}: {}", next_file_of(uuid), failure.message());
}

void StateDir::remove(const Uuid& uuid) const noexcept {
    remove_next(uuid);
    std::error_code failure;
    fs::remove(file_of(uuid), failure);
    if (failure) log::warn("remove {}: {}", file_of(uuid), failure.message());
}

std::string StateDir::file_of(const Uuid& uuid) const {
    return fmt::format("{}/{}.json", path_, to_string(uuid));
}

std::string StateDir::next_file_of(const Uuid& uuid) const {
    return fmt::format("{}/{}.next", path_, to_string(uuid));
}

void StateDir::quarantine(const std::string& file, const std::string& why) const {
    const fs::path folder = fs::path{path_} / "quarantine";
    std::error_code failure;
    fs::create_directories(folder, failure);
    const fs::path target = free_name(folder, file);
    fs::rename(fs::path{path_} / file, target, failure);
    log::warn("state file {}/{} cannot be believed ({}); {}", path_, file, why,
              failure ? "it cannot be moved aside: " + failure.message()
                      : "moved to " + target.string());
}

} // namespace pvh::daemon
