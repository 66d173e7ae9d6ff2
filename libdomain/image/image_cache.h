// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/file.h"
#include "libdomain/image/kernel_image.h"

#include <cstdint>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace pvh::image {

/// Parsed kernels by file identity, so that a kernel is unpacked once and not per create.
/// Thread-safe. Single-flight: of several workers that want the same file one unpacks and the
/// others wait for it. Bounded by the bytes it holds; the least recently used leave first. An image
/// in use stays alive with its users.
class ImageCache {
  public:
    using Image = std::shared_ptr<const KernelImage>;

    explicit ImageCache(std::uint64_t capacity_bytes, Limits limits = {});

    /// The image of the file as it is now; the file is looked at again on every call.
    /// Throws what reading and parsing throw, with the path in the text, and Errc::busy if the file
    /// changed while it was read; failures are not cached, nor is an image larger than the
    /// capacity.
    Image get(const std::string& path);

    [[nodiscard]] std::uint64_t bytes_held() const;

  private:
    struct Entry {
        FileIdentity identity;
        std::shared_future<Image> image;
        std::uint64_t bytes{}; // 0 while it is being loaded
    };

    using Entries = std::list<Entry>; // most recently used first

    /// A place in the line for an image; `load` is there for the one who has to do the work.
    struct Ticket {
        std::shared_future<Image> image;
        std::packaged_task<Image()> load;
    };

    Ticket join_or_start(const std::string& path, const FileIdentity& identity);
    Image load(const std::string& path, const FileIdentity& identity);
    void keep(const FileIdentity& identity, std::uint64_t bytes);
    void forget(const FileIdentity& identity);

    // The caller holds mutex_.
    Entries::iterator find(const FileIdentity& identity);
    [[nodiscard]] std::uint64_t sum() const;
    void evict();

    const std::uint64_t capacity_;
    const Limits limits_;
    std::mutex loading_; // one at a time: what unpacking takes beside its result is there once
    mutable std::mutex mutex_;
    Entries entries_;
};

} // namespace pvh::image
