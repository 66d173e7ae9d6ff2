// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/toolstack.h"

#include "daemon/host_memory.h"
#include "daemon/host_watcher.h"
#include "daemon/pool.h"
#include "daemon/qemu_watch.h"
#include "daemon/record_change.h"
#include "daemon/text.h"

#include <algorithm>
#include <utility>

namespace pvh::daemon {

namespace {

// Some kernels of a distribution, unpacked.
constexpr std::uint64_t kImageCacheBytes = 256 * kMiB;

constexpr std::uint64_t kLargestRamdisk = 2 * kGiB;

/// Each worker may hold an unpacked kernel and a ramdisk of a quarter of its share of dom0's
/// memory: half of it in all. Only one unpacks at a time (ImageCache), which takes the packed file
/// and, while the output grows, its size once more.
std::uint64_t file_share(unsigned workers) {
    return host_memory() / workers / 4;
}

image::Limits image_limits(unsigned workers) {
    image::Limits limits;
    limits.max_file = std::min(limits.max_file, host_memory() / 8);
    limits.max_unpacked = std::min(limits.max_unpacked, file_share(workers));
    limits.max_decoder_memory = std::min(limits.max_decoder_memory, host_memory() / 3);
    return limits;
}

} // namespace

Toolstack::Toolstack(StateDir state_dir, unsigned builder_threads,
                     const SessionFactory& open_session)
    : states{std::move(state_dir)}, events{states.path() + "/events.jsonl", states.boot_id()},
      requests{states.path() + "/requests.jsonl", states.boot_id()},
      images{std::make_shared<image::ImageCache>(kImageCacheBytes, image_limits(builder_threads))},
      max_ramdisk{std::min(kLargestRamdisk, file_share(builder_threads))}, builders{loop,
                                                                                    builder_threads,
                                                                                    open_session},
      queries{loop, 1, open_session}, lone_builder{loop, 1, open_session} {
    qemus = std::make_unique<QemuWatch>(*this);
    pool = std::make_unique<Pool>(*this);
    registry.on_change([this](std::optional<DomId> id) {
        if (id && are_events_told) record_change(events, registry, *id);
        changed.notify();
    });
}

void Toolstack::report(rpc::EventType type, const Domain& domain, const std::string& name,
                       rpc::EventData data) {
    events.append(type, {domain.uuid, guest_text(name), domain.id.value()}, std::move(data));
    changed.notify();
}

Toolstack::~Toolstack() {
    if (watcher) watcher->stop();
}

} // namespace pvh::daemon
