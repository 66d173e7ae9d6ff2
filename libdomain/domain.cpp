// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/domain.h"

#include "libdomain/build/domain_nodes.h"
#include "libdomain/core/error.h"
#include "libdomain/device/detach.h"
#include "libdomain/device/store_node.h"

#include <exception>
#include <filesystem>

#include <fmt/format.h>

namespace pvh {

namespace {

/// Runs an act of which "it is gone" is no failure: somebody else may be destroying it too.
template <class Act> void unless_gone(Act act) {
    try {
        act();
    } catch (const Error& e) {
        if (e.code() != Errc::not_found) throw;
    }
}

/// Before its nodes go it stops writing, once: Xen counts pauses, and a destroy may be tried again.
void stop_writing(xen::Hypervisor& hv, const Domain& domain) {
    const auto info = hv.domain_info(domain.id);
    if (info && !info->is_paused && !info->is_dying) hv.pause(domain.id);
}

bool has_new_owner(xen::Hypervisor& hv, const Domain& domain) {
    const auto info = hv.domain_info(domain.id);
    return info && info->handle != domain.uuid;
}

// /var/lib/xen/userdata-<class>.<domid>.<uuid>.<what>
constexpr const char* kXlNotes = "/var/lib/xen";

bool is_xl_note_on(const std::string& file, const Domain& domain) {
    return file.rfind("userdata-", 0) == 0 &&
           file.find(fmt::format(".{}.{}.", domain.id.value(), to_string(domain.uuid))) !=
               std::string::npos;
}

const char* word_of(GuestRequest request) {
    return request == GuestRequest::poweroff ? "poweroff" : "reboot";
}

} // namespace

xen::DomainInfo require_alive(xen::Hypervisor& hv, const Domain& domain) {
    const auto info = hv.domain_info(domain.id);
    if (!info || info->handle != domain.uuid)
        throw Error{Errc::not_found,
                    fmt::format("{} with UUID {} is gone", domain.id, to_string(domain.uuid))};
    return *info;
}

xen::DomainInfo require_running(xen::Hypervisor& hv, const Domain& domain) {
    auto info = require_alive(hv, domain);
    if (info.is_shutdown || info.is_dying)
        throw Error{Errc::bad_state, fmt::format("{} has already stopped", domain.id)};
    return info;
}

void destroy_domain(xen::Hypervisor& hv, xen::Store& store, device::HostDevices& host,
                    const Domain& domain) {
    if (has_new_owner(hv, domain)) return;
    unless_gone([&] { stop_writing(hv, domain); });
    std::exception_ptr failure; // of xenstore, which must not keep the memory from being freed
    try {
        // First: a backend that maps a dead guest's pages keeps it from going.
        device::remove_devices(host, store, domain.id);
        remove_domain_nodes(store, domain);
    } catch (const Error&) {
        failure = std::current_exception();
    }
    if (const auto info = hv.domain_info(domain.id); info && info->handle == domain.uuid)
        unless_gone([&] { hv.destroy_domain(domain.id); });
    if (failure) std::rethrow_exception(failure);
}

std::vector<std::string> other_devices(xen::Store& store, const Domain& domain) {
    const std::string record = device::record_path(domain.id) + "/device";
    auto kinds = store.list(record);
    if (!kinds) return {};
    if (store.list(record + "/console") == std::vector<std::string>{"0"})
        std::erase(*kinds, "console");
    return *std::move(kinds);
}

void forget_xl_notes(const Domain& domain) noexcept {
    namespace fs = std::filesystem;
    std::error_code error; // a note that stays is a few bytes on disk: not worth a failure
    for (fs::directory_iterator file{kXlNotes, error}, end; !error && file != end;
         file.increment(error))
        if (is_xl_note_on(file->path().filename().string(), domain))
            fs::remove(file->path(), error);
}

void request_shutdown(xen::Hypervisor& hv, xen::Store& store, const Domain& domain,
                      GuestRequest request) {
    require_running(hv, domain);
    const std::string control = device::domain_path(domain.id) + "/control";
    const std::string word = word_of(request);
    if (store.read(control + "/feature-" + word) != "1")
        throw Error{Errc::bad_state,
                    fmt::format("the guest in {} does not listen for {} requests", domain.id, word)}
            .with_hint(
                "it may still be booting or have no Xen support; destroy it, or use --force");
    store.write(control + "/shutdown", word);
}

void request_vcpus(xen::Hypervisor& hv, xen::Store& store, const Domain& domain, unsigned count) {
    const auto info = require_running(hv, domain);
    // Those ask their device model, and would never look at the nodes.
    if (store.read(device::record_path(domain.id) + "/type") == "hvm")
        throw Error{Errc::unsupported, fmt::format("{} is an HVM domain of xl's", domain.id)}
            .with_hint("use xl vcpu-set");
    // The guest knows of those that have a node: one that starts the others has none (ap_stub.s).
    const std::string cpus = device::domain_path(domain.id) + "/cpu";
    const auto is_known = [&](unsigned vcpu) {
        return store.list(fmt::format("{}/{}", cpus, vcpu)).has_value();
    };
    const bool has_watchman = is_known(0) && !is_known(info.max_vcpu_id);
    const unsigned most = info.max_vcpu_id + (has_watchman ? 0 : 1);
    if (count < 1 || count > most)
        throw Error{Errc::invalid_config,
                    fmt::format("{} vCPUs are wanted, and {} has {}", count, domain.id, most)}
            .with_hint("want 1 to that many; maxvcpus in the config says how many there are");
    store.transact([&](xen::Store& inside) {
        for (unsigned vcpu = 0; vcpu < most; ++vcpu)
            inside.write(fmt::format("{}/{}/availability", cpus, vcpu),
                         vcpu < count ? "online" : "offline");
    });
}

std::optional<std::string> console_tty(xen::Store& store, const Domain& domain) {
    auto tty = store.read(device::domain_path(domain.id) + "/console/tty");
    if (!tty || tty->empty()) return std::nullopt;
    return tty;
}

std::string console_service(xen::Store& store, const Domain& domain) {
    return store.read(device::domain_path(domain.id) + "/console/type").value_or("");
}

} // namespace pvh
