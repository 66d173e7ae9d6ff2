// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/history.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <type_traits>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pvh::console {

namespace {

constexpr std::array<char, 8> kMagic{'p', 'v', 'h', 'c', 'o', 'n', '0', '1'};
constexpr std::uint64_t kDataOffset = 4096;
constexpr std::uint64_t kStep = 64UL * 1024;

/// The first bytes of a file. `written` is the last thing that an append changes.
struct Header {
    std::array<char, 8> magic;
    std::uint64_t written;
    std::uint32_t ring_base;
    std::uint16_t domid;
    std::uint16_t name_size;
    std::array<char, 256> name;
};

static_assert(std::is_trivially_copyable_v<Header> && sizeof(Header) <= kDataOffset);

std::string message_of(int error) {
    return std::generic_category().message(error);
}

UniqueFd make_memory_file() {
    UniqueFd fd{::memfd_create("console-history", MFD_CLOEXEC)};
    if (!fd) throw Error{Errc::internal, "make room for a console history", errno};
    return fd;
}

UniqueFd in_place_of(const std::string& path, int why) {
    log::warn("console history {}: {}; it will not outlive pvhconsoled", path, message_of(why));
    return make_memory_file();
}

} // namespace

History History::open(const std::string& path) {
    UniqueFd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!fd) fd = in_place_of(path, errno);
    History history{std::move(fd)};
    if (history.load()) return history;
    const int failure = ::ftruncate(history.file_.get(), 0) != 0
                            ? errno
                            : ::posix_fallocate(history.file_.get(), 0, kDataOffset + kStep);
    if (failure != 0) {
        ::unlink(path.c_str());
        history.file_ = in_place_of(path, failure);
        history.make_room_in_memory();
    }
    history.capacity_ = kStep;
    history.save_header();
    return history;
}

History History::in_memory() {
    History history{make_memory_file()};
    history.make_room_in_memory();
    history.capacity_ = kStep;
    return history;
}

void History::make_room_in_memory() {
    if (::ftruncate(file_.get(), kDataOffset + kStep) != 0)
        throw Error{Errc::internal, "make room for a console history", errno};
}

std::optional<History> History::find(const std::string& path) {
    UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!fd) return std::nullopt;
    History history{std::move(fd)};
    if (!history.load()) return std::nullopt;
    return history;
}

bool History::load() {
    Header header{};

    struct stat st {};

    if (::fstat(file_.get(), &st) != 0 || !S_ISREG(st.st_mode)) return false;
    if (::pread(file_.get(), &header, sizeof(header), 0) != sizeof(header)) return false;
    const auto size = static_cast<std::uint64_t>(st.st_size);
    if (header.magic != kMagic || header.name_size > header.name.size()) return false;
    if (size < kDataOffset + kStep || size > kDataOffset + kCapacity) return false;
    capacity_ = size - kDataOffset;
    written_ = header.written;
    ring_base_ = header.ring_base;
    owner_ = {.id = DomId{header.domid}, .name = {header.name.data(), header.name_size}};
    return true;
}

void History::save_header() const {
    Header header{.magic = kMagic,
                  .written = written_,
                  .ring_base = ring_base_,
                  .domid = owner_.id.value(),
                  .name_size = 0,
                  .name = {}};
    const std::size_t size = std::min(owner_.name.size(), header.name.size());
    std::copy_n(owner_.name.begin(), size, header.name.begin());
    header.name_size = static_cast<std::uint16_t>(size);
    put(0, {reinterpret_cast<const char*>(&header), sizeof(header)});
}

std::uint32_t History::begin_life(const Owner& owner, std::uint32_t ring_index) {
    if (owner.id != owner_.id) ring_base_ = ring_index - static_cast<std::uint32_t>(written_);
    owner_ = owner;
    save_header();
    return ring_base_ + static_cast<std::uint32_t>(written_);
}

void History::rename(const std::string& name) {
    owner_.name = name;
    save_header();
}

std::uint64_t History::begin() const {
    return written_ > capacity_ ? written_ - capacity_ : 0;
}

void History::end_life() const noexcept {
    ::futimens(file_.get(), nullptr);
}

void History::append(std::string_view bytes) {
    grow(bytes.size());
    std::string_view left = bytes.substr(bytes.size() - std::min(bytes.size(), capacity_));
    std::uint64_t position = written_ + (bytes.size() - left.size());
    while (!left.empty()) {
        const std::uint64_t offset = position % capacity_;
        const std::string_view part = left.substr(0, capacity_ - offset);
        put(kDataOffset + offset, part);
        position += part.size();
        left.remove_prefix(part.size());
    }
    written_ = position;
    put(offsetof(Header, written), {reinterpret_cast<const char*>(&written_), sizeof(written_)});
}

/// Room is taken in steps, before it is needed; without room, what there is becomes the ring.
void History::grow(std::size_t more) {
    const auto is_wrapped = [&] { return written_ > capacity_; };
    while (capacity_ < kCapacity && !is_wrapped() && written_ + more > capacity_) {
        const auto offset = static_cast<off_t>(kDataOffset + capacity_);
        const int failure = ::posix_fallocate(file_.get(), offset, kStep);
        if (failure != 0) {
            log::warn("the console history of \"{}\" stays at {} KiB: {}", owner_.name,
                      capacity_ / 1024, message_of(failure));
            return;
        }
        capacity_ += kStep;
    }
}

std::string History::read(std::uint64_t position, std::size_t max) const {
    const std::uint64_t offset = position % capacity_;
    const std::uint64_t wanted = std::min<std::uint64_t>(max, written_ - position);
    std::string bytes(std::min(wanted, capacity_ - offset), '\0');
    const ssize_t got =
        ::pread(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(kDataOffset + offset));
    if (got <= 0) throw Error{Errc::internal, "read a console history", got < 0 ? errno : EIO};
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
}

void History::put(std::uint64_t offset, std::string_view bytes) const {
    const ssize_t done =
        ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done == static_cast<ssize_t>(bytes.size())) return;
    throw Error{Errc::internal, "write a console history", done < 0 ? errno : EIO};
}

} // namespace pvh::console
