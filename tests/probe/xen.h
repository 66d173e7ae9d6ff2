// SPDX-License-Identifier: LGPL-2.1-or-later
// Xen's public headers, as a guest includes them.
#pragma once

#include <cstddef>
#include <cstdint>

// The interface that these structures are taken from; it never changes for a guest that names it.
#define __XEN_INTERFACE_VERSION__ 0x00040d00 // NOLINT(bugprone-reserved-identifier): Xen's name

extern "C" {
#include <xen/arch-x86/cpuid.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/hvm_vcpu.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include <xen/xen.h>
}
