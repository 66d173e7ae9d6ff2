// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/toolstack.h"

#include "daemon/host_memory.h"
#include "daemon/host_watcher.h"

#include <algorithm>
#include <utility>

namespace pvh::daemon {

namespace {

// Some kernels of a distribution, unpacked.
constexpr std::uint64_t kImageCacheBytes = 256 * kMiB;

/// Two workers may unpack at once: each gets a quarter of dom0's memory at most.
image::Limits image_limits() {
    image::Limits limits;
    limits.max_unpacked = std::min(limits.max_unpacked, host_memory() / 4);
    limits.max_file = std::min(limits.max_file, host_memory() / 4);
    return limits;
}

} // namespace

Toolstack::Toolstack(StateDir state_dir, unsigned builder_threads,
                     const SessionFactory& open_session)
    : states{std::move(state_dir)}, images{std::make_shared<image::ImageCache>(kImageCacheBytes,
                                                                               image_limits())},
      builders{loop, builder_threads, open_session}, queries{loop, 1, open_session} {
    registry.on_change([this] { changed.notify(); });
}

Toolstack::~Toolstack() {
    if (watcher) watcher->stop();
}

} // namespace pvh::daemon
