// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/mutant/wire.h"

#include "libdomain/xen/xen_headers.h"

namespace pvh::mutant {

namespace {

thread_local const Mutation* on_the_wire = nullptr;

template <class Mistake> const Mistake* mistake() {
    return on_the_wire == nullptr ? nullptr : std::get_if<Mistake>(&on_the_wire->mistake);
}

} // namespace

OnTheWire::OnTheWire(const Mutation* mutation) {
    on_the_wire = mutation;
}

OnTheWire::~OnTheWire() {
    on_the_wire = nullptr;
}

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
int __real_xc_domain_create(xc_interface* xc, std::uint32_t* domid,
                            xen_domctl_createdomain* config);
int __real_xc_domain_hvm_setcontext(xc_interface* xc, std::uint32_t domid, std::uint8_t* context,
                                    std::uint32_t size);

int __wrap_xc_domain_create(xc_interface* xc, std::uint32_t* domid,
                            xen_domctl_createdomain* config) {
    if (const auto* devices = mistake<DevicesMistake>())
        config->arch.emulation_flags = devices->emulation_flags;
    return __real_xc_domain_create(xc, domid, config);
}

int __wrap_xc_domain_hvm_setcontext(xc_interface* xc, std::uint32_t domid, std::uint8_t* context,
                                    std::uint32_t size) {
    const auto* spoilt = mistake<ContextMistake>();
    if (spoilt == nullptr) return __real_xc_domain_hvm_setcontext(xc, domid, context, size);
    HvmContext all{{context, size}};
    spoilt->apply(all);
    return __real_xc_domain_hvm_setcontext(xc, domid, all.bytes().data(),
                                           static_cast<std::uint32_t>(all.bytes().size()));
}

// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
}

} // namespace pvh::mutant
