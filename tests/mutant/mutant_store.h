// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/xen/store.h"
#include "tests/mutant/mutation.h"

#include <memory>

namespace pvh::mutant {

/// Forwards all to the real store, but for what the chosen mutation changes.
class MutantStore : public xen::Store {
  public:
    /// `hypervisor` outlives it.
    MutantStore(std::unique_ptr<xen::Store> real, xen::Hypervisor& hypervisor,
                std::shared_ptr<const Chosen> chosen)
        : owned_{std::move(real)}, real_{*owned_}, hypervisor_{hypervisor}, chosen_{std::move(
                                                                                chosen)} {}

    std::optional<std::string> read(const std::string& path) override;
    void write(const std::string& path, std::string_view value) override;
    void remove(const std::string& path) override;
    std::optional<std::vector<std::string>> list(const std::string& path) override;
    void set_permissions(const std::string& path, const xen::Permissions& permissions) override;
    void transact(const std::function<void(Store&)>& body) override;
    void introduce(DomId dom, Gfn ring, Port port) override;

  private:
    /// Inside a transaction.
    MutantStore(xen::Store& real, const MutantStore& outer)
        : real_{real}, hypervisor_{outer.hypervisor_}, chosen_{outer.chosen_} {}

    [[nodiscard]] bool is_node(const std::string& path, std::string_view name) const;

    std::unique_ptr<xen::Store> owned_;
    xen::Store& real_;
    xen::Hypervisor& hypervisor_;
    std::shared_ptr<const Chosen> chosen_;
};

} // namespace pvh::mutant
