// SPDX-License-Identifier: LGPL-2.1-or-later
// Mistakes that a builder could make, each in one place, by name.
#pragma once

#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"
#include "tests/mutant/guest_memory.h"
#include "tests/mutant/hvm_context.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pvh::mutant {

/// The state that vCPU 0 begins in.
struct VcpuMistake {
    void (*apply)(VcpuState&);
};

/// For no vCPU are there MTRRs.
struct MtrrMistake {};

/// More is loaded of the vCPUs, and of memory, than there is to be.
struct ContextMistake {
    void (*apply)(HvmContext&);
    void (*load)(GuestMemory&) = nullptr;
};

/// What CPUID says: a leaf is another.
struct CpuidMistake {
    std::uint32_t leaf;
    void (*apply)(CpuidLeaf&);
};

/// What createdomain is asked for.
struct CreateMistake {
    void (*apply)(xen::CreateDomain&);
};

/// What Xen emulates besides.   [XEN_X86_EMU_* in xen/include/public/arch-x86/xen.h]
struct DevicesMistake {
    std::uint32_t emulation_flags;
};

/// No page is left for what the guest will map.
struct PagingMistake {};

/// What the wall clock is set off by.
struct ClockMistake {
    std::int32_t seconds;
};

/// What Xen tells, and start_info unless `by_xen_alone`.
struct MapMistake {
    void (*apply)(std::vector<MemoryRange>&);
    bool by_xen_alone = false;
};

/// What was loaded.
struct LoadMistake {
    void (*apply)(GuestMemory&);
};

/// Where RAM is.
struct RamMistake {
    void (*apply)(std::vector<Extent>&);
};

/// The grants that are seeded; null: `late` is seeded again once xenstored has its ring. Without
/// the right grant it would not serve the domain, and create would fail.
struct GrantMistake {
    void (*apply)(std::vector<xen::SeededGrant>&);
    std::optional<xen::SeededGrant> late = std::nullopt;
};

/// An HVM param has this value, whether the builder sets it or not; nothing: it is never set.
struct ParamMistake {
    xen::HvmParam param;
    std::optional<std::uint64_t> value;
};

/// The console's port is another domain's to bind.
struct PortMistake {
    DomId remote;
};

/// A node below the domain's home; no value: it is not written.
struct NodeMistake {
    const char* name;
    std::optional<const char*> value;
};

/// A node's permissions, for this guest; `name` is a path if it begins with a slash, and N in it
/// the guest's number.
struct AccessMistake {
    const char* name;
    xen::Permissions (*permissions)(DomId guest);
};

struct Mutation {
    std::string_view name;
    std::variant<VcpuMistake, MtrrMistake, ContextMistake, CpuidMistake, CreateMistake,
                 DevicesMistake, PagingMistake, ClockMistake, MapMistake, LoadMistake, RamMistake,
                 GrantMistake, ParamMistake, PortMistake, NodeMistake, AccessMistake>
        mistake;
};

/// Throws Errc::internal if there is none of that name.
const Mutation& find_mutation(std::string_view name);

/// What is wrong with the domain that a session builds now, or has built last.
struct Chosen {
    const Mutation* mutation = nullptr;
    DomId domain;

    template <class Mistake> [[nodiscard]] const Mistake* of() const {
        return mutation == nullptr ? nullptr : std::get_if<Mistake>(&mutation->mistake);
    }
};

} // namespace pvh::mutant
