// SPDX-License-Identifier: LGPL-2.1-or-later
// Mistakes that a builder could make, each in one place, by name.
#pragma once

#include "libdomain/xen/hypervisor.h"
#include "libdomain/xen/store.h"
#include "tests/mutant/guest_memory.h"

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

/// An HVM param has this value; nothing: it is never set.
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

/// A node's permissions, for this guest.
struct AccessMistake {
    const char* name;
    xen::Permissions (*permissions)(DomId guest);
};

struct Mutation {
    std::string_view name;
    std::variant<VcpuMistake, MtrrMistake, MapMistake, LoadMistake, RamMistake, GrantMistake,
                 ParamMistake, PortMistake, NodeMistake, AccessMistake>
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
