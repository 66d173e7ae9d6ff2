// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/xen/xen_hypervisor.h"

#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/xen/hvm_context.h"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace pvh::xen {

namespace {

// libxenctrl narrates through this. Failures reach our callers as exceptions with more to say: here
// they are debug, and its own debugging, a line for each hypercall buffer, is not for anybody.
void log_message(xentoollog_logger* /*logger*/, xentoollog_level level, int err,
                 const char* context, const char* format, va_list args) noexcept {
    if (level < XTL_WARN) return;
    std::array<char, 512> text{};
    std::vsnprintf(text.data(), text.size(), format, args);
    log::debug("{}: {} (errno {})", context != nullptr ? context : "xen", text.data(), err);
}

void log_progress(xentoollog_logger* /*logger*/, const char* /*context*/, const char* /*doing*/,
                  int /*percent*/, unsigned long /*done*/, unsigned long /*total*/) noexcept {}

void log_destroy(xentoollog_logger* /*logger*/) noexcept {}

xentoollog_logger logger{.vmessage = log_message, .progress = log_progress, .destroy = log_destroy};

XcHandle open_xc() {
    XcHandle xc{xc_interface_open(&logger, nullptr, 0)};
    if (xc) return xc;
    const int err = errno;
    if (err == EACCES || err == EPERM)
        throw Error{Errc::permission_denied, "cannot open Xen's privcmd device", err}.with_hint(
            "pvhd has to run as root in dom0");
    throw Error{Errc::xen_error, "this is no Xen dom0: cannot open the privcmd device", err}
        .with_hint("boot this machine with Xen, and load xen-privcmd");
}

// The domctl interface is versioned: libraries of another Xen are answered with EACCES.
void check_version(xc_interface* xc) {
    const int version = xc_version(xc, XENVER_version, nullptr);
    if (version < 0) throw Error{Errc::xen_error, "cannot ask Xen for its version", errno};
    xen_domctl question{};
    question.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    question.cmd = XEN_DOMCTL_getdomaininfo; // of dom0
    if (xc_domctl(xc, &question) == 0) return;
    const int err = errno;
    const auto running = fmt::format("{}.{}", version >> 16, version & 0xffff);
    if (err == EACCES)
        throw Error{Errc::unsupported,
                    fmt::format("Xen {} runs here, and pvhd was built for the libraries of Xen {}",
                                running, PVH_XEN_VERSION)}
            .with_hint("build pvhd on the libxen-dev of the Xen that runs");
    if (err == EPERM)
        throw Error{Errc::permission_denied,
                    "Xen refuses control operations: this is no control domain"}
            .with_hint("pvhd has to run as root in dom0");
    throw Error{Errc::xen_error, fmt::format("Xen {} does not answer", running), err};
}

// What a guest without a label gets; Xen without XSM does not look at it.
// [SECINITSID_DOMU: the place of domU in xen/xsm/flask/policy/initial_sids]
constexpr SecurityId kLabelOfGuests = 12;

xen_domctl_createdomain domctl_of(const CreateDomain& args) {
    xen_domctl_createdomain config{}; // altp2m, vmtrace, iommu: all off
    std::copy(args.handle.bytes.begin(), args.handle.bytes.end(), config.handle);
    config.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
    if (args.has_nested_hvm) config.flags |= XEN_DOMCTL_CDF_nested_virt;
    if (args.has_vpmu) config.flags |= XEN_DOMCTL_CDF_vpmu;
    config.ssidref = args.label.value_or(kLabelOfGuests);
    config.max_vcpus = args.max_vcpus;
    config.max_evtchn_port = args.max_event_channel_port;
    config.max_grant_frames = args.max_grant_frames;
    config.max_maptrack_frames = args.max_maptrack_frames;
    config.grant_opts = XEN_DOMCTL_GRANT_version(args.grant_version);
    config.cpupool_id = args.cpupool;
    config.arch.emulation_flags = XEN_X86_EMU_LAPIC; // all that a PVH domU may have
    return config;
}

/// Xen says no more than EINVAL of a limit that is above its own, and tells nobody what its own is.
[[noreturn]] void throw_create_error(const CreateDomain& args, int err) {
    const auto operation = fmt::format("createdomain with {} vCPUs", args.max_vcpus);
    const bool asks_for_frames = args.max_grant_frames >= 0 || args.max_maptrack_frames >= 0;
    if (err == EINVAL && asks_for_frames)
        throw Error{Errc::xen_error, operation, err}.with_hint(
            "it may be max_grant_frames or max_maptrack_frames: Xen gives no more than "
            "gnttab_max_frames and gnttab_max_maptrack_frames on its command line, 64 and 1024 "
            "unless set");
    throw_hypercall_error(operation, err);
}

// Any of the reserved domids asks Xen to choose; this one, DOMID_ANY since 4.22, is the only one
// that all versions take.
constexpr std::uint32_t kAnyDomid = 0x7FF5;

} // namespace

void throw_hypercall_error(const std::string& operation, int err) {
    const Errc code = err == ENOMEM  ? Errc::no_memory
                      : err == ESRCH ? Errc::not_found
                      : err == EPERM ? Errc::permission_denied
                                     : Errc::xen_error;
    throw Error{code, operation, err};
}

XenHypervisor::XenHypervisor()
    : xc_{open_xc()}, host_cpus_{xc_.get()}, foreign_memory_{xenforeignmemory_open(&logger, 0)} {
    if (!foreign_memory_) throw Error{Errc::xen_error, "cannot open foreign memory", errno};
    check_version(xc_.get());
}

DomId XenHypervisor::create_domain(const CreateDomain& args) {
    xen_domctl_createdomain config = domctl_of(args);
    std::uint32_t domid = kAnyDomid;
    if (xc_domain_create(xc_.get(), &domid, &config) != 0) throw_create_error(args, errno);
    return DomId{static_cast<std::uint16_t>(domid)};
}

void XenHypervisor::destroy_domain(DomId dom) {
    // Xen 4.17 continues the teardown by itself; older ones ask for another call by EAGAIN.
    while (xc_domain_destroy(xc_.get(), dom.value()) != 0)
        if (errno != EAGAIN && errno != EINTR)
            throw_hypercall_error(fmt::format("destroydomain {}", dom), errno);
}

void XenHypervisor::set_handle(DomId dom, const Uuid& handle) {
    xen_domain_handle_t bytes{};
    std::copy(handle.bytes.begin(), handle.bytes.end(), bytes);
    if (xc_domain_sethandle(xc_.get(), dom.value(), bytes) != 0)
        throw_hypercall_error(fmt::format("setdomainhandle {}", dom), errno);
}

void XenHypervisor::pause(DomId dom) {
    if (xc_domain_pause(xc_.get(), dom.value()) != 0)
        throw_hypercall_error(fmt::format("pausedomain {}", dom), errno);
}

void XenHypervisor::unpause(DomId dom) {
    if (xc_domain_unpause(xc_.get(), dom.value()) != 0)
        throw_hypercall_error(fmt::format("unpausedomain {}", dom), errno);
}

void XenHypervisor::remote_shutdown(DomId dom, ShutdownReason reason) {
    if (xc_domain_shutdown(xc_.get(), dom.value(), static_cast<int>(reason)) != 0)
        throw_hypercall_error(
            fmt::format("remote_shutdown {} reason {}", dom, static_cast<int>(reason)), errno);
}

void XenHypervisor::set_max_vcpus(DomId dom, unsigned count) {
    if (xc_domain_max_vcpus(xc_.get(), dom.value(), count) != 0)
        throw_hypercall_error(fmt::format("max_vcpus {} = {}", dom, count), errno);
}

void XenHypervisor::set_hvm_param(DomId dom, HvmParam param, std::uint64_t value) {
    const auto index = static_cast<std::uint32_t>(param);
    if (xc_hvm_param_set(xc_.get(), dom.value(), index, value) != 0)
        throw_hypercall_error(fmt::format("HVM param {} of {} = {:#x}", index, dom, value), errno);
}

Port XenHypervisor::alloc_unbound_port(DomId dom, DomId remote) {
    const auto port = xc_evtchn_alloc_unbound(xc_.get(), dom.value(), remote.value());
    if (port < 0)
        throw_hypercall_error(fmt::format("alloc_unbound port of {} for {}", dom, remote), errno);
    return Port{static_cast<std::uint32_t>(port)};
}

VcpuState XenHypervisor::vcpu_state(DomId dom, unsigned vcpu) {
    std::vector<std::uint8_t> record(cpu_record_size());
    if (xc_domain_hvm_getcontext_partial(xc_.get(), dom.value(), HVM_SAVE_CODE(CPU),
                                         static_cast<std::uint16_t>(vcpu), record.data(),
                                         static_cast<std::uint32_t>(record.size())) != 0)
        throw_hypercall_error(fmt::format("gethvmcontext_partial of {} vCPU {}", dom, vcpu), errno);
    return read_cpu_record(record);
}

void XenHypervisor::set_boot_vcpu(DomId dom, const VcpuState& state, unsigned vcpu_count) {
    std::vector<std::uint8_t> context = compose_hvm_context(state, vcpu_count);
    if (xc_domain_hvm_setcontext(xc_.get(), dom.value(), context.data(),
                                 static_cast<std::uint32_t>(context.size())) != 0)
        throw_hypercall_error(fmt::format("sethvmcontext of {} ({} bytes, {} vCPUs)", dom,
                                          context.size(), vcpu_count),
                              errno);
}

} // namespace pvh::xen
