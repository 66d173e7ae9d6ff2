// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/image/kernel_image.h"

#include "libdomain/image/bzimage.h"
#include "libdomain/image/decompress.h"
#include "libdomain/image/elf.h"
#include "libdomain/image/elf_note.h"
#include "libdomain/image/invalid_kernel.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace pvh::image {

namespace {

using namespace std::string_view_literals;

// Each parser is told how the file was wrapped so far, "gzip, bzImage (xz), ", and goes on to the
// next layer.
using Parser = KernelImage (*)(Bytes file, const std::string& wrapping, const Limits& limits);

KernelImage parse_as_kernel(Bytes file, const std::string& wrapping, const Limits& limits);

/// Parses an inner layer; errors then say that offsets count in there.
KernelImage parse_inside(Parser parse, std::string_view what, Bytes inner,
                         const std::string& wrapping, const Limits& limits) {
    try {
        return parse(std::move(inner), wrapping, limits);
    } catch (Error& e) {
        e.add_context(what);
        throw;
    }
}

GuestAddr checked_entry(const std::vector<Segment>& segments, GuestAddr entry) {
    const bool is_inside =
        std::any_of(segments.begin(), segments.end(), [entry](const Segment& segment) {
            return entry >= segment.address && entry - segment.address < segment.memory_size;
        });
    if (!is_inside)
        throw invalid_kernel(
            "XEN_ELFNOTE_PHYS32_ENTRY {} lies in none of the {} loaded segments between {} and {}",
            entry, segments.size(), segments.front().address,
            segments.back().address + segments.back().memory_size);
    return entry;
}

Error no_pvh_entry(const std::string& format, bool has_xen_notes) {
    return invalid_kernel("{} without XEN_ELFNOTE_PHYS32_ENTRY, so it has no PVH entry{}", format,
                          has_xen_notes ? ", though it has other Xen notes" : "")
        .with_hint("Linux needs CONFIG_PVH=y");
}

KernelImage parse_elf_kernel(Bytes file, const std::string& wrapping, const Limits& /*limits*/) {
    KernelImage image;
    image.elf = std::move(file);
    const Elf elf = parse_elf(image.elf);
    image.format = wrapping + elf.class_name();
    image.segments = load_segments(elf);
    const XenNotes notes = read_xen_notes(elf);
    if (!notes.phys32_entry) throw no_pvh_entry(image.format, notes.is_any);
    image.entry = checked_entry(image.segments, *notes.phys32_entry);
    image.begin = image.segments.front().address;
    image.end = image.segments.back().address + image.segments.back().memory_size;
    image.supported_features = notes.supported_features;
    return image;
}

KernelImage parse_payload_elf(Bytes unpacked, const std::string& wrapping, const Limits& limits) {
    if (!is_elf(unpacked))
        throw invalid_kernel("no ELF file, it begins with {}", first_bytes(unpacked));
    return parse_elf_kernel(std::move(unpacked), wrapping, limits);
}

/// The payload moves to the front of the memory it is in.
Bytes cut_out(Bytes file, std::uint64_t offset, std::uint64_t length) {
    file.resize(offset + length);
    file.erase(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(offset));
    return file;
}

KernelImage parse_bzimage(Bytes file, const std::string& wrapping, const Limits& limits) {
    const Payload payload = find_payload(file);
    const std::string name = payload.codec ? std::string{to_string(*payload.codec)} : "not packed";
    Bytes elf = payload.codec ? unpack_payload(payload, limits)
                              : cut_out(std::move(file), payload.offset, payload.bytes.size());
    return parse_inside(parse_payload_elf, "bzImage payload, unpacked", std::move(elf),
                        fmt::format("{}bzImage ({}), ", wrapping, name), limits);
}

bool is_gzip(BytesView file) {
    return sniff_codec(file) == Codec::gzip;
}

KernelImage parse_gzip(Bytes file, const std::string& wrapping, const Limits& limits) {
    if (!wrapping.empty()) throw invalid_kernel("gzip within gzip");
    Bytes inner = gunzip({.bytes = file, .offset = 0}, limits);
    file = Bytes{}; // two copies are enough
    return parse_inside(parse_as_kernel, "gzip file, unpacked", std::move(inner), "gzip, ", limits);
}

struct Format {
    bool (*matches)(BytesView);
    Parser parse;
};

constexpr std::array kFormats{
    Format{is_elf, parse_elf_kernel},
    Format{is_bzimage, parse_bzimage},
    Format{is_gzip, parse_gzip},
};

/// What people hand in instead of a kernel.
struct Mistake {
    std::uint64_t offset;
    std::string_view magic;
    std::string_view name;
    std::string_view hint;
};

constexpr std::string_view kInitrdHint =
    "give it as the ramdisk, and a vmlinuz or vmlinux as the kernel";
constexpr std::string_view kUnpackHint =
    "unpack it first: only a bzImage may hold a kernel packed like that";

constexpr std::array kMistakes{
    Mistake{0, "07070", "a cpio archive, which looks like an initrd", kInitrdHint},
    Mistake{4, "zimg", "an EFI zboot image", "take the vmlinux or the bzImage of the same build"},
    Mistake{0x38, "ARMd", "an arm64 Image", "this kernel was built for another processor"},
    Mistake{0, "MZ", "an EFI or DOS program without a Linux boot header",
            "take a vmlinuz or vmlinux"},
    Mistake{0, "hsqs", "a squashfs image", "take the kernel out of it"},
    Mistake{0, "#!", "a script", ""},
    Mistake{0, "!<arch>\n", "an ar archive, perhaps a Debian package",
            "take the vmlinuz out of it"},
};

Error mistaken(std::string_view name, std::string_view hint) {
    return invalid_kernel("not a kernel but {}; accepted are ELF, bzImage, and gzip of either",
                          name)
        .with_hint(std::string{hint});
}

Error not_a_kernel(BytesView file) {
    if (file.empty()) return invalid_kernel("the file is empty");
    for (const Mistake& mistake : kMistakes)
        if (has_magic(file, mistake.magic, mistake.offset))
            return mistaken(mistake.name, mistake.hint);
    if (const auto codec = sniff_codec(file))
        return mistaken(fmt::format("a bare {} stream", to_string(*codec)), kUnpackHint);
    return invalid_kernel(
        "not a kernel: begins with {}; accepted are ELF (7f 45 4c 46), bzImage (\"HdrS\" at "
        "0x202), and gzip (1f 8b) of either",
        first_bytes(file));
}

KernelImage parse_as_kernel(Bytes file, const std::string& wrapping, const Limits& limits) {
    for (const Format& format : kFormats)
        if (format.matches(file)) return format.parse(std::move(file), wrapping, limits);
    throw not_a_kernel(file);
}

} // namespace

KernelImage parse_kernel(Bytes file, const Limits& limits) {
    if (file.size() > limits.max_file)
        throw invalid_kernel("the file has {} bytes, at most {} are accepted", file.size(),
                             limits.max_file);
    return parse_as_kernel(std::move(file), "", limits);
}

} // namespace pvh::image
