// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/qemu_watch.h"

#include "daemon/spawn.h"
#include "daemon/text.h"
#include "daemon/toolstack.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/device/detach.h"
#include "libdomain/device/list_devices.h"
#include "libdomain/device/qemu.h"
#include "libdomain/spec/device_rules.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pvh::daemon {

namespace {

using device::QemuProcess;

/// What other toolstacks have from the end of a domain's QEMU until that of its devices is to be
/// seen: xl destroy ends the QEMU first.   [libxl_domain.c domain_destroy_callback]
constexpr std::chrono::seconds kTimeToEnd{3};

/// An attach may start the next QEMU, and reports itself what became of it.
bool is_plugging(const Toolstack& toolstack, const Domain& domain) {
    const auto* operation = toolstack.registry.operation_on(domain.uuid);
    return operation != nullptr && (operation->op == Op::attach || operation->op == Op::detach);
}

/// One whose end has begun has its QEMU ended by us.
bool lives_on(const Toolstack& toolstack, const Domain& domain) {
    const Record* record = toolstack.registry.find(domain.id);
    if (record == nullptr || record->domain != domain || record->is_shutdown) return false;
    const auto* operation = toolstack.registry.operation_on(domain.uuid);
    return operation == nullptr || (operation->op != Op::destroy && operation->op != Op::restart);
}

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
    return all.empty() ? "(nothing)" : printable(all.substr(all.rfind('\n') + 1));
}

/// What a QEMU that has ended served, by name. What is being taken away is lost to nobody.
std::vector<std::string> lost_with_qemu(xen::Store& store, DomId frontend) {
    std::vector<std::string> titles;
    for (const device::DeviceView& view : device::list_devices(store, frontend))
        if (device::is_served_by_qemu(view.address) &&
            store.read(backend_path(view.address) + "/online") == "1")
            titles.push_back(title_of(view));
    return titles;
}

using Lost = std::optional<std::vector<std::string>>;

/// Nothing if the domain has another QEMU by now.
Lost close_lost(WorkerContext& context, const Domain& domain) {
    const auto info = context.hypervisor.domain_info(domain.id);
    if (!info || info->handle != domain.uuid) return Lost{std::in_place}; // what it had is gone
    if (context.devices.find_qemu(domain.id)) return std::nullopt;
    Lost lost = lost_with_qemu(context.store, domain.id);
    device::close_devices_of_qemu(context.store, domain.id);
    device::forget_qemu(context.store, domain.id);
    return lost;
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
            device::stop_qemu(context.devices, context.store, domain.id);
    };
    spawn(toolstack_.loop, "ending a QEMU", toolstack_.builders.run(std::move(job)));
}

Task<void> QemuWatch::watch(Domain domain) {
    const ScopeExit forget{[&] { followed_.erase(domain.uuid); }};
    for (;;) {
        std::function<std::optional<QemuProcess>(WorkerContext&)> job =
            [domain](WorkerContext& context) { return context.devices.find_qemu(domain.id); };
        std::optional<QemuProcess> qemu = co_await toolstack_.queries.run(std::move(job));
        std::string words = "not there";
        if (qemu) {
            co_await await_end(toolstack_.loop, std::move(qemu->process));
            words = last_words(qemu->output);
        }
        const bool has_next = co_await settle(domain, std::move(words));
        if (!has_next) co_return;
    }
}

Task<bool> QemuWatch::settle(Domain domain, std::string last_words) {
    const auto deadline = Clock::now() + kTimeToEnd;
    while (!toolstack_.is_stopping && Clock::now() < deadline)
        co_await toolstack_.changed.wait(deadline);
    while (!toolstack_.is_stopping && is_plugging(toolstack_, domain))
        co_await toolstack_.changed.wait();
    if (toolstack_.is_stopping || !lives_on(toolstack_, domain)) co_return false;
    std::function<Lost(WorkerContext&)> job = [domain](WorkerContext& context) {
        return close_lost(context, domain);
    };
    const Lost lost = co_await toolstack_.queries.run(std::move(job));
    if (!lives_on(toolstack_, domain)) co_return false;
    if (!lost) co_return true;
    tell(domain, *lost, last_words);
    co_return false;
}

void QemuWatch::tell(const Domain& domain, const std::vector<std::string>& lost,
                     const std::string& last_words) const {
    const std::string name = toolstack_.registry.find(domain.id)->name;
    if (lost.empty())
        return log::info("{} \"{}\" uuid={}: its QEMU has ended, which served nothing any more",
                         domain.id, printable(name), to_string(domain.uuid));
    log::error("{} \"{}\" uuid={}: its QEMU has ended, and with it {}; it said last: {}", domain.id,
               printable(name), to_string(domain.uuid),
               printable(fmt::format("{}", fmt::join(lost, ", "))), last_words);
    for (const std::string& title : lost) {
        rpc::EventData data;
        data.device = guest_text(title);
        data.message = guest_text(last_words);
        toolstack_.report(rpc::EventType::device_lost, domain, name, std::move(data));
    }
}

} // namespace pvh::daemon
