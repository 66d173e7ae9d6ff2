// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/image_cache.h"

#include "libdomain/core/error.h"
#include "libdomain/core/scope_exit.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace pvh::image {

namespace {

constexpr std::string_view kRole = "kernel";

KernelImage read_and_parse(const std::string& path, const Limits& limits) {
    Bytes file = read_regular_file(path, limits.max_file, kRole);
    try {
        return parse_kernel(std::move(file), limits);
    } catch (Error& e) {
        e.add_context("kernel " + path);
        throw;
    }
}

/// Whether what was read may be taken for the file of that identity: nobody wrote or replaced it
/// meanwhile.
bool is_unchanged(const std::string& path, const FileIdentity& identity) {
    try {
        return identify_file(path, kRole) == identity;
    } catch (const Error&) {
        return false; // gone
    }
}

/// Gives each waiter an exception of its own: it will add its context to it, in its own thread.
ImageCache::Image result_of(const std::shared_future<ImageCache::Image>& image) {
    try {
        return image.get();
    } catch (const Error& shared) {
        throw Error{shared};
    }
}

} // namespace

ImageCache::ImageCache(std::uint64_t capacity_bytes, Limits limits)
    : capacity_{capacity_bytes}, limits_{limits} {}

ImageCache::Image ImageCache::get(const std::string& path) {
    Ticket ticket = join_or_start(path, identify_file(path, kRole));
    if (ticket.load.valid()) ticket.load(); // what it throws goes into the future
    return result_of(ticket.image);
}

std::uint64_t ImageCache::bytes_held() const {
    const std::scoped_lock lock{mutex_};
    return sum();
}

ImageCache::Ticket ImageCache::join_or_start(const std::string& path,
                                             const FileIdentity& identity) {
    const std::scoped_lock lock{mutex_};
    if (const auto known = find(identity); known != entries_.end()) {
        entries_.splice(entries_.begin(), entries_, known);
        return {.image = known->image, .load = {}};
    }
    std::packaged_task<Image()> task{[this, path, identity] { return load(path, identity); }};
    entries_.push_front({.identity = identity, .image = task.get_future().share()});
    return {.image = entries_.front().image, .load = std::move(task)};
}

ImageCache::Image ImageCache::load(const std::string& path, const FileIdentity& identity) {
    ScopeExit unless_kept{[&] { forget(identity); }};
    auto image = [&] {
        const std::scoped_lock lock{loading_};
        return std::make_shared<const KernelImage>(read_and_parse(path, limits_));
    }();
    if (!is_unchanged(path, identity))
        throw Error{Errc::busy, fmt::format("{} was changed while it was read", path)}.with_hint(
            "try again when it is complete");
    const std::uint64_t bytes = image->elf.size();
    if (bytes <= capacity_) {
        keep(identity, bytes);
        unless_kept.dismiss();
    }
    return image;
}

void ImageCache::keep(const FileIdentity& identity, std::uint64_t bytes) {
    const std::scoped_lock lock{mutex_};
    find(identity)->bytes = bytes; // only the one who loads it takes an unfinished entry out
    evict();
}

void ImageCache::forget(const FileIdentity& identity) {
    const std::scoped_lock lock{mutex_};
    entries_.erase(find(identity));
}

ImageCache::Entries::iterator ImageCache::find(const FileIdentity& identity) {
    return std::find_if(entries_.begin(), entries_.end(),
                        [&](const Entry& entry) { return entry.identity == identity; });
}

std::uint64_t ImageCache::sum() const {
    std::uint64_t bytes = 0;
    for (const Entry& entry : entries_)
        bytes += entry.bytes;
    return bytes;
}

void ImageCache::evict() {
    for (auto entry = entries_.end(); sum() > capacity_;) {
        --entry; // a sum above the capacity, which is not negative, proves that one is left
        if (entry->bytes != 0) entry = entries_.erase(entry);
    }
}

} // namespace pvh::image
