// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/mutant/mutant_store.h"

#include "libdomain/device/store_node.h"

#include <array>

#include <fmt/format.h>

namespace pvh::mutant {

bool MutantStore::is_node(const std::string& path, std::string_view name) const {
    if (!name.starts_with('/'))
        return path == fmt::format("{}/{}", device::domain_path(chosen_->domain), name);
    const std::size_t number = name.find("/N/");
    if (number == std::string_view::npos) return path == name;
    return path == fmt::format("{}/{}{}", name.substr(0, number), chosen_->domain.value(),
                               name.substr(number + 2));
}

std::optional<std::string> MutantStore::read(const std::string& path) {
    return real_.read(path);
}

void MutantStore::write(const std::string& path, std::string_view value) {
    if (const auto* node = chosen_->of<NodeMistake>();
        node != nullptr && is_node(path, node->name)) {
        if (node->value) real_.write(path, *node->value);
        return;
    }
    real_.write(path, value);
    if (const auto* access = chosen_->of<AccessMistake>();
        access != nullptr && is_node(path, access->name))
        real_.set_permissions(path, access->permissions(chosen_->domain));
}

void MutantStore::remove(const std::string& path) {
    real_.remove(path);
}

std::optional<std::vector<std::string>> MutantStore::list(const std::string& path) {
    return real_.list(path);
}

void MutantStore::set_permissions(const std::string& path, const xen::Permissions& permissions) {
    const auto* access = chosen_->of<AccessMistake>();
    const bool is_mistaken = access != nullptr && is_node(path, access->name);
    real_.set_permissions(path, is_mistaken ? access->permissions(chosen_->domain) : permissions);
}

void MutantStore::transact(const std::function<void(Store&)>& body) {
    real_.transact([&](Store& inside) {
        MutantStore mutant{inside, *this};
        body(mutant);
    });
}

void MutantStore::introduce(DomId dom, Gfn ring, Port port) {
    real_.introduce(dom, ring, port);
    const auto* grant = chosen_->of<GrantMistake>();
    if (grant == nullptr || !grant->late) return;
    const std::array grants{*grant->late};
    hypervisor_.seed_grants(dom, grants);
}

} // namespace pvh::mutant
