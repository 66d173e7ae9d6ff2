// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/qemu_watch.h"

#include "daemon/spawn.h"
#include "daemon/text.h"
#include "daemon/toolstack.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/device/detach.h"
#include "libdomain/spec/device_rules.h"

#include <array>
#include <optional>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pvh::daemon {

namespace {

using device::QemuProcess;

Task<void> await_end(asio::io_context& loop, UniqueFd process) {
    asio::posix::stream_descriptor readable{loop, process.release()};
    boost::system::error_code failure;
    co_await readable.async_wait(asio::posix::stream_descriptor::wait_read,
                                 asio::redirect_error(asio::use_awaitable, failure));
    siginfo_t info{}; // of our own child; of another pvhd's this fails
    ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(readable.native_handle()), &info,
             WEXITED | WNOHANG);
}

/// What is left in the pipe, as far as a log line takes it.
std::string last_words(const UniqueFd& output) {
    std::string all;
    std::array<char, 4096> buffer{};
    while (output) {
        const ssize_t size = ::read(output.get(), buffer.data(), buffer.size());
        if (size <= 0) break;
        all.append(buffer.data(), static_cast<std::size_t>(size));
    }
    all.erase(all.find_last_not_of("\n ") + 1);
    return all.empty() ? "nothing" : printable(all.substr(all.rfind('\n') + 1));
}

} // namespace

void QemuWatch::follow(const Record& record) {
    if (!record.is_managed() || !needs_qemu(*record.spec)) return;
    if (!followed_.insert(record.domain.uuid).second) return;
    spawn(toolstack_.loop, "watching a QEMU", watch(record.domain));
}

void QemuWatch::clean_up(const Record& record) {
    if (!record.is_managed()) return; // an image that was attached and detached leaves a QEMU, too
    std::function<void(WorkerContext&)> job = [domain = record.domain](WorkerContext& context) {
        const auto info = context.hypervisor.domain_info(domain.id);
        if (!info || info->handle == domain.uuid) // nobody else has that number meanwhile
            context.devices.stop_qemu(context.store, domain.id);
    };
    spawn(toolstack_.loop, "ending a QEMU", toolstack_.builders.run(std::move(job)));
}

Task<void> QemuWatch::watch(Domain domain) {
    const ScopeExit forget{[&] { followed_.erase(domain.uuid); }};
    std::function<std::optional<QemuProcess>(WorkerContext&)> job =
        [domain](WorkerContext& context) { return context.devices.find_qemu(domain.id); };
    std::optional<QemuProcess> qemu = co_await toolstack_.queries.run(std::move(job));
    if (!qemu) co_return co_await report(domain, "not there");
    co_await await_end(toolstack_.loop, std::move(qemu->process));
    co_await report(domain, last_words(qemu->output));
}

Task<void> QemuWatch::report(Domain domain, std::string last_words) {
    const Record* record = toolstack_.registry.find(domain.id);
    const auto* operation = toolstack_.registry.operation_on(domain.uuid);
    // One whose end has begun has its QEMU ended by us.
    if (record == nullptr || record->domain != domain || record->is_shutdown ||
        (operation != nullptr && (operation->op == Op::destroy || operation->op == Op::restart)))
        co_return;
    log::error(
        "{} \"{}\" uuid={}: its QEMU has ended, and the disks and file systems it served are "
        "gone; it said last: {}",
        domain.id, printable(record->name), to_string(domain.uuid), last_words);
    rpc::EventData data;
    data.device = "what its QEMU served";
    data.message = guest_text(last_words);
    toolstack_.report(rpc::EventType::device_lost, domain, record->name, std::move(data));
    std::function<void(WorkerContext&)> job = [domain](WorkerContext& context) {
        device::close_devices_of_qemu(context.store, domain.id);
        context.devices.stop_qemu(context.store, domain.id); // its notes
    };
    co_await toolstack_.queries.run(std::move(job));
}

} // namespace pvh::daemon
