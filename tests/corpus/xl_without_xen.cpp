// SPDX-License-Identifier: LGPL-2.1-or-later
// Preloaded into xl, this stands for Xen and xenstored while `xl -N create` reads a config: one
// host of 8 CPUs on one node, Xen 4.17, no domains, no CPU pools, an empty store. It has nothing
// beyond what that asks for, so any other hypercall of xl meets a null handle and ends it: a config
// that xl cannot read for want of Xen shows as a crash, not as a refusal.
#include "libdomain/xen/xen_headers.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kCpus = 8;

xc_interface* const kInterface = reinterpret_cast<xc_interface*>(1);
xs_handle* const kStore = reinterpret_cast<xs_handle*>(1);

template <class T> int answer(void* arg, const T& value) {
    std::memcpy(arg, &value, sizeof value);
    return 0;
}

} // namespace

extern "C" {

xc_interface* xc_interface_open(xentoollog_logger*, xentoollog_logger*, unsigned) {
    return kInterface;
}

int xc_interface_close(xc_interface*) {
    return 0;
}

// xen/include/public/version.h
int xc_version(xc_interface*, int cmd, void* arg) {
    switch (cmd) {
    case XENVER_version:
        return 4 << 16 | 17;
    case XENVER_pagesize:
        return 4096;
    case XENVER_extraversion:
        return answer(arg, xen_extraversion_t{});
    case XENVER_compile_info:
        return answer(arg, xen_compile_info_t{});
    case XENVER_capabilities:
        return answer(arg, xen_capabilities_info_t{});
    case XENVER_changeset:
        return answer(arg, xen_changeset_info_t{});
    case XENVER_platform_parameters:
        return answer(arg, xen_platform_parameters_t{});
    case XENVER_commandline:
        return answer(arg, xen_commandline_t{});
    default: // XENVER_build_id above all: a Xen may be built without one
        errno = ENODATA;
        return -1;
    }
}

int xc_physinfo(xc_interface*, xc_physinfo_t* info) {
    *info = {};
    info->nr_cpus = kCpus;
    info->max_cpu_id = kCpus - 1;
    info->nr_nodes = 1;
    info->threads_per_core = 1;
    info->cores_per_socket = kCpus;
    info->capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_hap;
    return 0;
}

long xc_sharing_freed_pages(xc_interface*) {
    return 0;
}

long xc_sharing_used_frames(xc_interface*) {
    return 0;
}

int xc_get_max_cpus(xc_interface*) {
    return kCpus;
}

int xc_get_online_cpus(xc_interface*) {
    return kCpus;
}

int xc_get_max_nodes(xc_interface*) {
    return 1;
}

int xc_cputopoinfo(xc_interface*, unsigned* count, xc_cputopo_t* cpus) {
    if (cpus != nullptr) {
        std::fill_n(cpus, std::min<unsigned>(*count, kCpus), xc_cputopo_t{});
    }
    *count = kCpus;
    return 0;
}

int xc_numainfo(xc_interface*, unsigned* count, xc_meminfo_t* memory, uint32_t* distance) {
    if (memory != nullptr && *count >= 1) {
        memory[0] = {.memsize = 1ULL << 40, .memfree = 1ULL << 40};
    }
    if (distance != nullptr && *count >= 1) {
        distance[0] = 10;
    }
    *count = 1;
    return 0;
}

xs_handle* xs_open(unsigned long) {
    return kStore;
}

void xs_close(xs_handle*) {}

char** xs_directory(xs_handle*, xs_transaction_t, const char*, unsigned* count) {
    *count = 0;
    errno = ENOENT;
    return nullptr;
}

void* xs_read(xs_handle*, xs_transaction_t, const char*, unsigned* length) {
    *length = 0;
    errno = ENOENT;
    return nullptr;
}

} // extern "C"
