// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/build/build_domain.h"
#include "libdomain/core/error.h"
#include "libdomain/core_dump.h"
#include "tests/fake/fake_xen.h"
#include "tests/support/small_plan.h"
#include "tests/support/temp_folder.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <elf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace pvh {
namespace {

/// A dump, read back.
class Core {
  public:
    explicit Core(const std::string& path) {
        std::ifstream in{path, std::ios::binary};
        bytes_.assign(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
    }

    template <class T> [[nodiscard]] T at(std::uint64_t offset) const {
        T value{};
        EXPECT_LE(offset + sizeof(T), bytes_.size());
        std::memcpy(&value, bytes_.data() + offset, sizeof(T));
        return value;
    }

    [[nodiscard]] Elf64_Ehdr header() const { return at<Elf64_Ehdr>(0); }

    [[nodiscard]] std::vector<std::pair<std::string, Elf64_Shdr>> sections() const {
        std::vector<std::pair<std::string, Elf64_Shdr>> sections;
        const auto names = nth(header().e_shstrndx);
        for (unsigned i = 0; i < header().e_shnum; ++i)
            sections.emplace_back(bytes_.data() + names.sh_offset + nth(i).sh_name, nth(i));
        return sections;
    }

    [[nodiscard]] Elf64_Shdr section(const std::string& wanted) const {
        for (const auto& [name, section] : sections())
            if (name == wanted) return section;
        ADD_FAILURE() << "no " << wanted;
        return {};
    }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  private:
    [[nodiscard]] Elf64_Shdr nth(unsigned i) const {
        return at<Elf64_Shdr>(header().e_shoff + i * sizeof(Elf64_Shdr));
    }

    std::string bytes_;
};

class WriteCore : public testing::Test {
  protected:
    Core dump() {
        const UniqueFd fd{::open(path_.c_str(), O_CREAT | O_RDWR | O_TRUNC, 0600)};
        result_ = write_core(hypervisor_, domain_, fd.get(), [] {});
        return Core{path_};
    }

    fake::FakeDomain& guest() { return xen_.domains.at(domain_.id); }

    test::TempFolder folder_;
    std::string path_ = folder_ / "core";
    fake::FakeXen xen_;
    fake::FakeHypervisor hypervisor_{xen_};
    fake::FakeStore store_{xen_};
    fake::FakeHostDevices devices_{xen_};
    Timeline timeline_;
    Domain domain_ = build_domain(hypervisor_, store_, devices_, test::small_plan(), timeline_);
    CoreDump result_;
};

TEST_F(WriteCore, HasTheSectionsOfXlsDump) {
    const Core core = dump();
    EXPECT_EQ(std::memcmp(core.header().e_ident, "\177ELF\2\1\1", 7), 0);
    EXPECT_EQ(core.header().e_type, ET_CORE);
    EXPECT_EQ(core.header().e_machine, EM_X86_64);
    std::vector<std::string> names;
    for (const auto& [name, section] : core.sections())
        names.push_back(name);
    EXPECT_EQ(names, (std::vector<std::string>{"", ".shstrtab", ".note.Xen", ".xen_prstatus",
                                               ".xen_pages", ".xen_pfn"}));
    EXPECT_EQ(core.section(".note.Xen").sh_size, 16U + 48 + 1296 + 24);
    EXPECT_EQ(core.section(".xen_prstatus").sh_size, 5168U);
    EXPECT_EQ(core.section(".xen_pages").sh_offset % kPageSize, 0U);
    EXPECT_EQ(core.size(), result_.bytes);
}

TEST_F(WriteCore, HasEveryPageOfTheGuestWhereItsFrameIsListed) {
    std::map<std::uint64_t, std::byte> marks;
    for (const auto& [first, pages] : guest().ranges) {
        const auto mark = std::byte{static_cast<unsigned char>(marks.size() + 1)};
        guest().touched[first].fill(mark);
        marks[first] = mark;
    }
    const Core core = dump();
    const auto pages = core.section(".xen_pages");
    const auto frames = core.section(".xen_pfn");
    ASSERT_EQ(frames.sh_size / 8, guest().pages);
    EXPECT_EQ(pages.sh_size, guest().pages * kPageSize);
    EXPECT_EQ(result_.pages, guest().pages);
    // The second note: its magic, vCPUs, pages, bytes of a page.
    const std::uint64_t note = core.section(".note.Xen").sh_offset + 32;
    EXPECT_EQ(core.at<std::uint64_t>(note), 0xF00FEBEEU);
    EXPECT_EQ(core.at<std::uint64_t>(note + 8), 1U);
    EXPECT_EQ(core.at<std::uint64_t>(note + 16), guest().pages);
    std::size_t found = 0;
    for (std::uint64_t i = 0; i < guest().pages; ++i) {
        const auto mark = marks.find(core.at<std::uint64_t>(frames.sh_offset + i * 8));
        if (mark == marks.end()) continue;
        EXPECT_EQ(core.at<std::byte>(pages.sh_offset + i * kPageSize), mark->second);
        ++found;
    }
    EXPECT_EQ(found, marks.size());
}

TEST_F(WriteCore, PagesOfZerosAreHoles) {
    for (const auto& [first, pages] : guest().ranges)
        for (std::uint64_t gfn = first; gfn < first + pages; ++gfn)
            guest().touched[gfn].fill(std::byte{0});
    guest().touched[guest().ranges.begin()->first].fill(std::byte{1});
    const Core core = dump();

    struct stat st {};

    ASSERT_EQ(::stat(path_.c_str(), &st), 0);
    EXPECT_LT(st.st_blocks * 512, st.st_size / 4);
    EXPECT_EQ(core.at<std::byte>(core.section(".xen_pages").sh_offset), std::byte{1});
}

TEST_F(WriteCore, LeavesNothingMappedAndTheGuestAsItIs) {
    const int pauses = guest().pause_count;
    dump();
    EXPECT_EQ(xen_.live_mappings, 0);
    EXPECT_EQ(guest().pause_count, pauses);
}

TEST_F(WriteCore, WhatCannotBeMappedIsMarkedAsAbsent) {
    xen_.broken_calls.insert("map");
    const Core core = dump();
    EXPECT_EQ(core.at<std::uint64_t>(core.section(".xen_pfn").sh_offset), ~std::uint64_t{0});
}

TEST_F(WriteCore, DoesNotTryEachPageOfADomainThatWentMeanwhile) {
    xen_.calls.clear(); // of the build
    xen_.before_call = [this] {
        if (xen_.calls.back() != "map") return;
        xen_.domains.erase(domain_.id);
        xen_.broken_calls.insert("map");
    };
    EXPECT_THROW(dump(), Error);
    EXPECT_LE(std::ranges::count(xen_.calls, "map"), 1);
}

TEST_F(WriteCore, ADiskThatIsFullIsABadState) {
    const UniqueFd full{::open("/dev/full", O_RDWR)};
    try {
        write_core(hypervisor_, domain_, full.get(), [] {});
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::bad_state);
    }
}

TEST_F(WriteCore, RefusesADomainThatIsGone) {
    hypervisor_.destroy_domain(domain_.id);
    EXPECT_THROW(dump(), Error);
}

} // namespace
} // namespace pvh
