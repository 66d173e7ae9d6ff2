// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/toolstack.h"

#include "daemon/host_watcher.h"

namespace pvh::daemon {

namespace {

// Some kernels of a distribution, unpacked.
constexpr std::uint64_t kImageCacheBytes = 256 * kMiB;

} // namespace

Toolstack::Toolstack(const StateDir& state_dir, unsigned builder_threads,
                     const SessionFactory& open_session)
    : states{state_dir}, images{std::make_shared<image::ImageCache>(kImageCacheBytes)},
      builders{loop, builder_threads, open_session}, queries{loop, 1, open_session} {
    registry.on_change([this] { changed.notify(); });
}

Toolstack::~Toolstack() {
    if (watcher) watcher->stop();
}

} // namespace pvh::daemon
