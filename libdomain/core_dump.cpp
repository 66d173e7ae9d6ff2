// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core_dump.h"

#include "libdomain/core/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <elf.h>
#include <fmt/format.h>
#include <unistd.h>

namespace pvh {

namespace {

constexpr std::uint64_t kPagesAtOnce = 1024;    // mapped
constexpr std::uint64_t kFramesAtOnce = 262144; // asked for: 1 GiB of address space

// ---- the notes   [tools/libs/guest/xg_core.h; xen/include/public/elfnote.h]

constexpr std::uint64_t kMagicHvm = 0xF00FEBEE;      // XC_CORE_MAGIC_HVM
constexpr std::uint64_t kFormatVersion = 1;          // 0.1: major << 32 | minor
constexpr std::uint64_t kAbsent = ~std::uint64_t{0}; // XC_CORE_INVALID_PFN
constexpr std::uint32_t kNoteNone = 0x2000000;       // XEN_ELFNOTE_DUMPCORE_NONE
constexpr std::uint32_t kNoteHeader = 0x2000001;     // XEN_ELFNOTE_DUMPCORE_HEADER
constexpr std::uint32_t kNoteXenVersion = 0x2000002; // XEN_ELFNOTE_DUMPCORE_XEN_VERSION
constexpr std::uint32_t kNoteFormatVersion = 0x2000003;

struct NoteHead {
    std::uint32_t name_size{4};
    std::uint32_t content_size{};
    std::uint32_t type{};
    std::array<char, 4> name{'X', 'e', 'n', '\0'};
};

static_assert(sizeof(NoteHead) == 16);

struct HeaderNote { // struct xen_dumpcore_elfnote_header_desc
    std::uint64_t magic{kMagicHvm};
    std::uint64_t vcpus{};
    std::uint64_t pages{};
    std::uint64_t page_size{kPageSize};
};

static_assert(sizeof(HeaderNote) == 32);

struct XenVersionNote { // struct xen_dumpcore_elfnote_xen_version_desc
    std::uint64_t major{}, minor{};
    std::array<char, 16> extra{};
    std::array<char, 64> compiler{};
    std::array<char, 16> compile_by{};
    std::array<char, 32> compile_domain{};
    std::array<char, 32> compile_date{};
    std::array<char, 1024> capabilities{};
    std::array<char, 64> changeset{};
    std::uint64_t virt_start{};
    std::uint64_t page_size{};
};

static_assert(sizeof(XenVersionNote) == 1280);

template <std::size_t size> void copy(const std::string& from, std::array<char, size>& to) {
    std::copy_n(from.begin(), std::min(from.size(), size - 1), to.begin());
}

XenVersionNote version_of(const xen::HostInfo& host) {
    XenVersionNote note{.major = host.xen_major, .minor = host.xen_minor};
    copy(host.xen_extra, note.extra);
    copy(host.cc_compiler, note.compiler);
    copy(host.cc_compile_by, note.compile_by);
    copy(host.cc_compile_domain, note.compile_domain);
    copy(host.cc_compile_date, note.compile_date);
    copy(host.xen_caps, note.capabilities);
    copy(host.xen_changeset, note.changeset);
    note.virt_start = host.virt_start;
    note.page_size = host.page_size;
    return note;
}

void append(Bytes& out, std::span<const std::byte> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

template <class T> void append_struct(Bytes& out, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    append(out, std::as_bytes(std::span{&value, 1}));
}

template <class T> void append_note(Bytes& out, std::uint32_t type, const T& content) {
    append_struct(out, NoteHead{.content_size = sizeof(T), .type = type});
    append_struct(out, content);
}

Bytes compose_notes(const xen::HostInfo& host, unsigned vcpus, std::uint64_t pages) {
    Bytes notes;
    append_struct(notes, NoteHead{.content_size = 0, .type = kNoteNone});
    append_note(notes, kNoteHeader, HeaderNote{.vcpus = vcpus, .pages = pages});
    append_note(notes, kNoteXenVersion, version_of(host));
    append_note(notes, kNoteFormatVersion, kFormatVersion);
    return notes;
}

// ---- the sections

struct Section {
    std::string_view name;
    std::uint32_t type{SHT_PROGBITS};
    std::uint64_t size{};
    std::uint64_t alignment{};
    std::uint64_t entry_size{};
    std::uint64_t offset{}; // of the file: place() knows
};

constexpr std::uint64_t kRegisterAlignment = 8;

/// In the order of the file.
std::vector<Section> list_sections(std::uint64_t notes, std::span<const Bytes> registers,
                                   bool has_shared_info, std::uint64_t pages) {
    const std::uint64_t register_size = registers.front().size();
    std::vector<Section> sections{{.name = ".note.Xen", .type = SHT_NOTE, .size = notes},
                                  {.name = ".xen_prstatus",
                                   .size = register_size * registers.size(),
                                   .alignment = kRegisterAlignment,
                                   .entry_size = register_size}};
    if (has_shared_info)
        sections.push_back({.name = ".xen_shared_info",
                            .size = kPageSize,
                            .alignment = kRegisterAlignment,
                            .entry_size = kPageSize});
    sections.push_back({.name = ".xen_pages",
                        .size = pages * kPageSize,
                        .alignment = kPageSize,
                        .entry_size = kPageSize});
    sections.push_back({.name = ".xen_pfn", .size = pages * 8, .alignment = 8, .entry_size = 8});
    return sections;
}

constexpr std::string_view kNamesName = ".shstrtab";

/// The table of names: an empty one, its own, then those of the sections.
std::string names_of(std::span<const Section> sections) {
    std::string names(1, '\0');
    names.append(kNamesName).push_back('\0');
    for (const Section& section : sections)
        names.append(section.name).push_back('\0');
    return names;
}

/// Behind each other, behind all headers: of an empty section, its names, and these. Returns where
/// the names begin.
std::uint64_t place(std::vector<Section>& sections) {
    std::uint64_t offset = sizeof(Elf64_Ehdr) + (sections.size() + 2) * sizeof(Elf64_Shdr);
    for (Section& section : sections) {
        if (section.alignment == kPageSize)
            offset = (offset + kPageSize - 1) / kPageSize * kPageSize;
        section.offset = std::exchange(offset, offset + section.size);
    }
    return offset;
}

Elf64_Ehdr elf_header(std::size_t sections) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_ident[EI_ABIVERSION] = EV_CURRENT; // so does xl
    header.e_type = ET_CORE;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_shoff = sizeof(Elf64_Ehdr);
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<Elf64_Half>(sections + 2);
    header.e_shstrndx = 1;
    return header;
}

Bytes compose_headers(std::span<const Section> sections, std::uint64_t names_offset,
                      const std::string& names) {
    Bytes out;
    append_struct(out, elf_header(sections.size()));
    append_struct(out, Elf64_Shdr{});
    Elf64_Shdr header{};
    header.sh_name = 1;
    header.sh_type = SHT_STRTAB;
    header.sh_offset = names_offset;
    header.sh_size = names.size();
    append_struct(out, header);
    for (const Section& section : sections) {
        header.sh_name = static_cast<Elf64_Word>(names.find(section.name));
        header.sh_type = section.type;
        header.sh_offset = section.offset;
        header.sh_size = section.size;
        header.sh_addralign = section.alignment;
        header.sh_entsize = section.entry_size;
        append_struct(out, header);
    }
    return out;
}

// ---- the file

[[noreturn]] void throw_write_error(int err) {
    if (err == ENOSPC || err == EDQUOT || err == EFBIG)
        throw Error{Errc::bad_state, "there is no room for the core dump", err}.with_hint(
            "free some, or have it written elsewhere");
    throw Error{Errc::internal, "write the core dump", err};
}

void write_at(int fd, std::span<const std::byte> bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t done = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) throw_write_error(errno);
        bytes = bytes.subspan(static_cast<std::size_t>(done));
        offset += static_cast<std::uint64_t>(done);
    }
}

bool is_zero(std::span<const std::byte> page) {
    static constexpr std::array<std::byte, kPageSize> kZeros{};
    return std::memcmp(page.data(), kZeros.data(), kPageSize) == 0;
}

/// Leaves out what is zero.
void write_pages(int fd, std::span<const std::byte> pages, std::uint64_t offset) {
    const std::size_t end = pages.size() / kPageSize;
    const auto page = [&](std::size_t i) { return pages.subspan(i * kPageSize, kPageSize); };
    for (std::size_t i = 0; i < end;) {
        const std::size_t first = i;
        while (i < end && !is_zero(page(i)))
            ++i;
        if (i > first)
            write_at(fd, pages.subspan(first * kPageSize, (i - first) * kPageSize),
                     offset + first * kPageSize);
        else
            ++i;
    }
}

// ---- the guest

/// Behind what the domain may own and the hole below 4 GiB a guest can put frames of its own wish,
/// grant tables for instance, as far up as it likes; those are left out, or it would decide how
/// long a dump takes.
std::uint64_t end_of_memory(xen::Hypervisor& hv, const xen::DomainInfo& info) {
    constexpr std::uint64_t kHole = 4 * kGiB / kPageSize;
    return std::min(hv.last_gfn(info.id).value() + 1, kHole + info.max_pages.value());
}

/// The frames that have a page: a bit each, for there may be millions of them.
struct Frames {
    std::vector<bool> present;
    std::uint64_t pages{};
};

Frames find_pages(xen::Hypervisor& hv, const xen::DomainInfo& info,
                  const std::function<void()>& go_on) {
    Frames frames;
    const std::uint64_t end = end_of_memory(hv, info);
    frames.present.reserve(end);
    for (std::uint64_t first = 0; first < end; first += kFramesAtOnce) {
        go_on();
        const PageCount count{std::min(end - first, kFramesAtOnce)};
        const std::vector<bool> some = hv.present(info.id, Gfn{first}, count);
        frames.present.insert(frames.present.end(), some.begin(), some.end());
    }
    frames.pages = static_cast<std::uint64_t>(std::ranges::count(frames.present, true));
    return frames;
}

/// Those of `frames` from `next` on that fit into one mapping; moves `next` behind them.
std::vector<Gfn> next_pages(const Frames& frames, std::uint64_t& next) {
    std::vector<Gfn> pages;
    for (; next < frames.present.size() && pages.size() < kPagesAtOnce; ++next)
        if (frames.present[next]) pages.emplace_back(next);
    return pages;
}

std::vector<Bytes> read_registers(xen::Hypervisor& hv, const xen::DomainInfo& info) {
    std::vector<Bytes> registers;
    for (unsigned vcpu = 0; vcpu <= info.max_vcpu_id; ++vcpu)
        if (auto context = hv.vcpu_context(info.id, vcpu)) registers.push_back(*std::move(context));
    if (registers.empty())
        throw Error{Errc::bad_state, fmt::format("{} has no vCPU that was ever up", info.id)};
    return registers;
}

std::unique_ptr<xen::ForeignMapping> try_map(xen::Hypervisor& hv, DomId dom,
                                             std::span<const Gfn> gfns) {
    try {
        return hv.map(dom, gfns);
    } catch (const Error& e) {              // the guest may have given one back
        if (e.sys_errno() == ENOMEM) throw; // dom0 is short, and would make all pages absent
        return nullptr;
    }
}

Bytes read_shared_info(xen::Hypervisor& hv, const xen::DomainInfo& info) {
    if (!info.shared_info) return {};
    const auto mapping = try_map(hv, info.id, std::span{&*info.shared_info, 1});
    if (mapping == nullptr) return {};
    return {mapping->bytes().begin(), mapping->bytes().end()};
}

/// Where in the file pages and their frame numbers go.
struct Places {
    std::uint64_t pages{};
    std::uint64_t pfns{};
};

/// Copies what can be mapped of these; which that was.
std::vector<std::uint64_t> copy_some(xen::Hypervisor& hv, const Domain& domain,
                                     std::span<const Gfn> pages, int fd, std::uint64_t offset) {
    std::vector<std::uint64_t> copied;
    const auto copy = [&](std::span<const Gfn> some) {
        const auto mapping = try_map(hv, domain.id, some);
        if (mapping == nullptr) return false;
        write_pages(fd, mapping->bytes(), offset + copied.size() * kPageSize);
        for (const Gfn gfn : some)
            copied.push_back(gfn.value());
        return true;
    };
    if (copy(pages)) return copied;
    require_alive(hv, domain);   // or else none of them is there any more
    for (const Gfn& gfn : pages) // which of them is it?
        if (!copy(std::span{&gfn, 1})) copied.push_back(kAbsent);
    return copied;
}

/// Returns how many could not be had.
std::uint64_t copy_pages(xen::Hypervisor& hv, const Domain& domain, const Frames& frames, int fd,
                         Places places, const std::function<void()>& go_on) {
    std::uint64_t absent = 0;
    for (std::uint64_t next = 0;;) {
        const std::vector<Gfn> pages = next_pages(frames, next);
        if (pages.empty()) return absent;
        go_on();
        const auto copied = copy_some(hv, domain, pages, fd, places.pages);
        write_at(fd, std::as_bytes(std::span{copied}), places.pfns);
        absent += static_cast<std::uint64_t>(std::ranges::count(copied, kAbsent));
        places.pages += copied.size() * kPageSize;
        places.pfns += copied.size() * sizeof(std::uint64_t);
    }
}

} // namespace

CoreDump write_core(xen::Hypervisor& hv, const Domain& domain, int fd,
                    const std::function<void()>& go_on) {
    const xen::DomainInfo info = require_alive(hv, domain);
    const std::vector<Bytes> registers = read_registers(hv, info);
    const Bytes shared_info = read_shared_info(hv, info);
    const Frames frames = find_pages(hv, info, go_on);
    const auto vcpus = static_cast<unsigned>(registers.size());
    const Bytes notes = compose_notes(hv.host_info(), vcpus, frames.pages);

    std::vector<Section> sections =
        list_sections(notes.size(), registers, !shared_info.empty(), frames.pages);
    const std::uint64_t names_offset = place(sections);
    const std::string names = names_of(sections);
    Bytes head = compose_headers(sections, names_offset, names);
    append(head, notes);
    for (const Bytes& one : registers)
        append(head, one);
    append(head, shared_info);
    write_at(fd, head, 0);

    const Section& page_section = sections[sections.size() - 2];
    const Places places{.pages = page_section.offset, .pfns = sections.back().offset};
    const std::uint64_t absent = copy_pages(hv, domain, frames, fd, places, go_on);
    require_alive(hv, domain);
    write_at(fd, std::as_bytes(std::span{names}), names_offset);
    return {.bytes = names_offset + names.size(),
            .pages = frames.pages,
            .absent = absent,
            .vcpus = vcpus};
}

} // namespace pvh
