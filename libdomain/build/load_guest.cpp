// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/load_guest.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

namespace pvh {

namespace {

Gfn first_page(const boot::Load& load) {
    return to_gfn(load.address);
}

Gfn last_page(const boot::Load& load) {
    return to_gfn(load.address + (load.size - 1));
}

void zero(std::span<std::byte> range) {
    std::memset(range.data(), 0, range.size());
}

// Walks the mapping front to back once: data where a load has some, zeroes everywhere else.
class Filler {
  public:
    Filler(std::span<std::byte> memory, std::span<const Gfn> pages)
        : memory_{memory}, pages_{pages} {}

    void put(const boot::Load& load) {
        const std::uint64_t begin = offset_of(load.address);
        assert(begin >= filled_ && load.data.size() <= load.size);
        zero(memory_.subspan(filled_, begin - filled_));
        if (!load.data.empty())
            std::memcpy(memory_.data() + begin, load.data.data(), load.data.size());
        filled_ = begin + load.data.size();
    }

    void finish() { zero(memory_.subspan(filled_)); }

  private:
    [[nodiscard]] std::uint64_t offset_of(GuestAddr address) const {
        const auto page = std::lower_bound(pages_.begin(), pages_.end(), to_gfn(address));
        assert(page != pages_.end() && *page == to_gfn(address));
        const auto index = static_cast<std::uint64_t>(page - pages_.begin());
        return index * kPageSize + (address - to_addr(*page));
    }

    std::span<std::byte> memory_;
    std::span<const Gfn> pages_;
    std::uint64_t filled_{0};
};

} // namespace

std::vector<Gfn> touched_pages(std::span<const boot::Load> loads) {
    std::vector<Gfn> pages;
    for (const boot::Load& load : loads) {
        Gfn page = first_page(load);
        if (!pages.empty() && pages.back() == page) page = page + PageCount{1};
        for (; page <= last_page(load); page = page + PageCount{1})
            pages.push_back(page);
    }
    return pages;
}

void load_guest(xen::Hypervisor& hv, DomId dom, std::span<const boot::Load> loads) {
    const std::vector<Gfn> pages = touched_pages(loads);
    if (pages.empty()) return;
    const auto mapping = hv.map(dom, pages);
    Filler filler{mapping->bytes(), pages};
    for (const boot::Load& load : loads)
        filler.put(load);
    filler.finish();
}

} // namespace pvh
