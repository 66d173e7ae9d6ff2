// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "libdomain/core/scope_exit.h"
#include "tests/fake/fake_xen.h"

#include <algorithm>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

namespace pvh::fake {

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

[[noreturn]] void broken(const std::string& rule) {
    throw std::logic_error{"fake xenstore: " + rule};
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

void check_path(const std::string& path) {
    if (path.empty() || path[0] != '/' || (path.size() > 1 && path.back() == '/') ||
        path.find("//") != std::string::npos)
        broken("malformed path \"" + path + "\"");
    if (path.size() > 3072) broken("path too long");
}

// A new node and every parent that was missing inherit from the nearest existing one.
FakeNode& make_node(std::map<std::string, FakeNode>& nodes, const std::string& path) {
    const auto found = nodes.find(path);
    if (found != nodes.end()) return found->second;
    const xen::Permissions inherited = make_node(nodes, parent_of(path)).permissions;
    return nodes.emplace(path, FakeNode{.value = "", .permissions = inherited}).first->second;
}

bool is_below(const std::string& path, const std::string& folder) {
    return path == folder ||
           (path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 &&
            path[folder.size()] == '/');
}

/// Whether one of these calls was about a node or a folder it is in.
bool knows_of(std::span<const std::string> calls, const std::string& node) {
    return std::any_of(calls.begin(), calls.end(), [&](const std::string& call) {
        return is_below(node, call.substr(call.find(' ') + 1));
    });
}

} // namespace

std::optional<std::string> FakeStore::read(const std::string& path) {
    const Lock lock{xen_.mutex};
    xen_.enter("store.read " + path);
    check_path(path);
    const auto found = xen_.nodes.find(path);
    if (found == xen_.nodes.end()) return std::nullopt;
    return found->second.value;
}

void FakeStore::write(const std::string& path, std::string_view value) {
    const Lock lock{xen_.mutex};
    xen_.enter("store.write " + path);
    check_path(path);
    make_node(xen_.nodes, path).value = value;
}

void FakeStore::remove(const std::string& path) {
    const Lock lock{xen_.mutex};
    xen_.enter("store.remove " + path);
    check_path(path);
    std::erase_if(xen_.nodes, [&](const auto& node) { return is_below(node.first, path); });
}

std::optional<std::vector<std::string>> FakeStore::list(const std::string& path) {
    const Lock lock{xen_.mutex};
    xen_.enter("store.list " + path);
    check_path(path);
    if (!xen_.nodes.contains(path)) return std::nullopt;
    std::vector<std::string> names;
    for (const auto& [other, node] : xen_.nodes)
        if (other != path && parent_of(other) == path)
            names.push_back(other.substr(path == "/" ? 1 : path.size() + 1));
    return names;
}

void FakeStore::set_permissions(const std::string& path, const xen::Permissions& permissions) {
    const Lock lock{xen_.mutex};
    xen_.enter("store.set_permissions " + path);
    const auto found = xen_.nodes.find(path);
    if (found == xen_.nodes.end()) broken("permissions of a node that is not there: " + path);
    if (permissions.empty()) broken("permissions without an owner");
    found->second.permissions = permissions;
}

void FakeStore::transact(const std::function<void(xen::Store&)>& body) {
    const Lock lock{xen_.mutex};
    xen_.enter("store.transact");
    const auto before = xen_.nodes;
    const std::size_t first = xen_.calls.size();
    xen_.committed = &before;
    const ScopeExit closed{[&] { xen_.committed = nullptr; }};
    while (true) {
        try {
            body(*this);
        } catch (...) {
            xen_.nodes = before; // aborted
            throw;
        }
        if (before.contains(xen_.restless_node) &&
            knows_of(std::span{xen_.calls}.subspan(first), xen_.restless_node)) {
            xen_.nodes = before;
            throw Error{Errc::conflict, "conflicts without an end over " + xen_.restless_node};
        }
        if (xen_.conflicts_to_come == 0) return;
        --xen_.conflicts_to_come;
        xen_.nodes = before;
    }
}

void FakeStore::introduce(DomId dom, Gfn ring, Port port) {
    const Lock lock{xen_.mutex};
    xen_.enter("store.introduce");
    FakeDomain& domain = xen_.domain(dom);
    if (port.value() == 0 || port.value() > domain.ports.size())
        broken("introduced with a port that the domain does not have");
    const auto grant = domain.grants.find(1);
    if (grant == domain.grants.end() || grant->second.gfn != ring)
        broken("introduced before the grant of its ring was seeded");
    const Page page = domain.page(ring);
    if (std::any_of(page.begin(), page.end(), [](std::byte b) { return b != std::byte{0}; }))
        broken("introduced with a ring that is not zero");
    if (domain.params[xen::HvmParam::store_pfn] != ring.value())
        broken("STORE_PFN differs from the ring introduced");
    domain.is_introduced = true;
}

} // namespace pvh::fake
