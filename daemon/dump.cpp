// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/dump.h"

#include "daemon/dump_file.h"
#include "daemon/host_watcher.h"
#include "daemon/select.h"
#include "daemon/text.h"
#include "daemon/verbs.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/device/store_node.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace pvh::daemon {

namespace {

/// Lets a guest stand still as long as this lives; a node of it tells the next pvhd, should this
/// one not live so long.
class Standstill {
  public:
    Standstill(WorkerContext& context, const Domain& domain) : context_{context}, domain_{domain} {
        context_.store.write(hold_path(domain_.id), "core dump");
        try {
            context_.hypervisor.pause(domain_.id);
        } catch (const Error&) {
            forget();
            throw;
        }
    }

    Standstill(const Standstill&) = delete;
    Standstill& operator=(const Standstill&) = delete;

    ~Standstill() {
        try {
            const auto info = context_.hypervisor.domain_info(domain_.id);
            if (!info || info->handle != domain_.uuid) return; // its nodes went with it
            context_.hypervisor.unpause(domain_.id);
        } catch (const std::exception& e) {
            log::error("{} uuid={} was paused for a core dump, and cannot go on: {}", domain_.id,
                       to_string(domain_.uuid), e.what());
        }
        forget();
    }

  private:
    void forget() const noexcept {
        try {
            context_.store.remove(hold_path(domain_.id));
        } catch (const std::exception& e) {
            log::warn("{} uuid={}: {}", domain_.id, to_string(domain_.uuid), e.what());
        }
    }

    WorkerContext& context_;
    Domain domain_;
};

/// A guest that its owner has paused, or that has ended, stands still as it is.
bool runs(const xen::DomainInfo& info) {
    return !info.is_paused && !info.is_shutdown;
}

/// Only root looks into it: dumps hold what guests have in memory.
void make_folder(const std::filesystem::path& folder) {
    std::error_code failure;
    if (std::filesystem::create_directories(folder, failure))
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    if (failure)
        throw Error{Errc::internal, fmt::format("make the folder {}", folder.string()),
                    failure.value()};
}

/// Asking Xen about a frame that is populated on demand populates it, until there is nothing left
/// to do it with and Xen crashes the guest.
void refuse_on_demand(xen::Hypervisor& hv, const Domain& domain) {
    if (!hv.has_frames_on_demand(domain.id)) return;
    throw Error{Errc::unsupported,
                fmt::format("memory of {} is still populated on demand (maxmem is above memory), "
                            "and a core dump would populate all of it",
                            domain.id)};
}

/// A pvhd that dies would leave it paused: the next one takes up no domains of others.
void refuse_to_hold(const xen::DomainInfo& info) {
    if (!runs(info)) return;
    throw Error{Errc::unsupported,
                fmt::format("{} was made by another toolstack, and runs", info.id)}
        .with_hint("dump it live, or pause it before");
}

void require_wanted(const DumpOrder& order, const std::atomic<bool>& is_stopping) {
    if (is_stopping) throw Error{Errc::cancelled, "pvhd is stopping"};
    if (order.progress) order.progress->require_wanted();
}

DumpOutcome dump_now(WorkerContext& context, const DumpOrder& order, bool is_ours,
                     const std::atomic<bool>& is_stopping) {
    const auto info = require_alive(context.hypervisor, order.domain);
    if (info.is_dying)
        throw Error{Errc::bad_state, fmt::format("{} is being torn down", order.domain.id)};
    refuse_on_demand(context.hypervisor, order.domain);
    if (!order.is_live && !is_ours) refuse_to_hold(info);
    if (order.is_by_itself) make_folder(std::filesystem::path{order.path}.parent_path());
    DumpFile file{order.path,
                  order.is_by_itself ? DumpFile::IfThere::replace : DumpFile::IfThere::refuse};
    if (order.is_by_itself) file.require_room(info.pages.value() * kPageSize);
    DumpOutcome outcome;
    {
        std::optional<Standstill> standstill;
        if (runs(info) && !order.is_live) standstill.emplace(context, order.domain);
        outcome.dump = write_core(context.hypervisor, order.domain, file.fd(),
                                  [&] { require_wanted(order, is_stopping); });
    }
    file.keep();
    outcome.disk_bytes = file.disk_bytes();
    return outcome;
}

void report_dump(Toolstack& toolstack, const Record& record, rpc::EventType type,
                 std::string message) {
    rpc::EventData data;
    data.message = std::move(message);
    toolstack.report(type, record.domain, record.name, std::move(data));
}

void log_dump(const Record& record, const std::string& path, const DumpOutcome& outcome) {
    log::info(
        "{} \"{}\" uuid={}: core dumped to {}, {} pages of memory ({} absent), {} KiB on disk",
        record.domain.id, printable(record.name), to_string(record.domain.uuid), printable(path),
        outcome.dump.pages, outcome.dump.absent, outcome.disk_bytes / 1024);
}

} // namespace

std::string hold_path(DomId id) {
    return device::record_path(id) + "/pvhd-holds";
}

Task<DumpOutcome> dump_core(Toolstack& toolstack, DumpOrder order) {
    const Record* record = toolstack.registry.find(order.domain.id);
    const bool is_known = record != nullptr && record->domain == order.domain;
    std::function<DumpOutcome(WorkerContext&)> job =
        [order = std::move(order), is_ours = is_known && record->is_managed(),
         &is_stopping = toolstack.is_stopping](WorkerContext& context) {
            return dump_now(context, order, is_ours, is_stopping);
        };
    return toolstack.builders.run(std::move(job));
}

bool is_dumping(const Toolstack& toolstack, const Uuid& uuid) {
    const auto& operations = toolstack.registry.operations();
    return std::any_of(operations.begin(), operations.end(), [&](const auto& one) {
        return one.second.op == Op::dump && one.first != uuid;
    });
}

Task<void> dump_ended(Toolstack& toolstack, Record record) {
    // Of its config: what others call it may be no name of a file.
    // [tools/xl/xl_vmcontrol.c handle_domain_death]
    const std::string path = toolstack.dump_folder + "/" + record.spec.value().name;
    DumpOrder order{.domain = record.domain, .path = path, .is_live = false, .is_by_itself = true};
    std::string failure;
    try {
        const DumpOutcome outcome = co_await dump_core(toolstack, std::move(order));
        log_dump(record, path, outcome);
    } catch (const std::exception& e) { // memory may be short, too
        failure = e.what();
    }
    if (failure.empty()) {
        report_dump(toolstack, record, rpc::EventType::domain_dumped, path);
        co_return;
    }
    log::error("{} \"{}\" uuid={}: no core dump to {}: {}", record.domain.id,
               printable(record.name), to_string(record.domain.uuid), printable(path), failure);
    report_dump(toolstack, record, rpc::EventType::domain_dump_failed,
                fmt::format("{}: {}", path, failure));
}

namespace verbs {

Task<rpc::DumpCoreResult> dump_core(Call call, rpc::DumpCoreParams params) {
    Toolstack& toolstack = call.toolstack;
    const Record record = co_await find_guest(toolstack, std::move(params.domain));
    const OperationToken token =
        toolstack.registry.begin(record.domain.uuid, Op::dump, call.peer->describe());
    if (is_dumping(toolstack, record.domain.uuid)) // others wait for the workers, too
        throw Error{Errc::busy, "another domain's core is being dumped"}.with_hint(
            "try again when that is done");
    // What Xen said meanwhile of the pause, or of the domain's end, is not how things are after it.
    const ScopeExit look{[&] { toolstack.watcher->request_rescan(); }};
    DumpOrder order{.domain = record.domain,
                    .path = params.path,
                    .is_live = params.live,
                    .is_by_itself = false,
                    .progress = call.progress};
    const DumpOutcome outcome = co_await daemon::dump_core(toolstack, std::move(order));
    log_dump(record, params.path, outcome);
    report_dump(toolstack, record, rpc::EventType::domain_dumped, guest_text(params.path));
    co_return rpc::DumpCoreResult{.domain = identity_of(record),
                                  .path = params.path,
                                  .bytes = outcome.dump.bytes,
                                  .disk_bytes = outcome.disk_bytes,
                                  .memory_kib = outcome.dump.pages * 4,
                                  .vcpus = outcome.dump.vcpus};
}

} // namespace verbs

} // namespace pvh::daemon
