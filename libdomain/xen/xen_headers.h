// SPDX-License-Identifier: LGPL-2.1-or-later
// The C headers of Xen, which have no extern "C" of their own. Included by xen/*.cpp only.
#pragma once

#include <cstdint> // before Xen's, which expect the fixed-width types

extern "C" {
// clang-format off
#include <xenctrl.h> // first: the others depend on what it defines
#include <xencall.h>
#include <xenforeignmemory.h>
#include <xenstore.h>
#include <xentoollog.h>

#include <xen/arch-x86/xen.h>
#include <xen/grant_table.h>
#include <xen/hvm/params.h>
#include <xen/hvm/save.h>
#include <xen/memory.h>
#include <xen/version.h>
// clang-format on
}
