// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/manual.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace pvh::config {

namespace {

constexpr std::string_view kHead = R"(pvhd.cfg(5)

# NAME

pvhd.cfg - configuration of a PVH domain

# DESCRIPTION

The files are those of *xl*(1), in the language of *xl.cfg*(5). An option is a line

	key = value

whose value is a string in single or double quotes, a number, or a list of them: [ "a", "b" ]. Lists may go on over
lines, and nest; a comma behind the last item does no harm. *+=* adds to a string or a list. Several options on a line
are parted by semicolons, and a comment runs from *#* to the end of its line. Of a key that is set twice, the later one
counts. In strings, \\\\, \\", \\', \\a, \\b, \\f, \\n, \\r, \\t and \\v are escapes.

Numbers are decimal, octal with a leading 0 or hexadecimal with 0x; quotes around them do not matter. Booleans are 0, or
any other number.

Behind the file, *pvhctl create* reads *key=value* from its command line, where strings need no quotes.

Unlike xl, pvhd refuses a known key with a value that it cannot read; it takes files with Windows line ends, with a
byte-order mark, and with a comment on a last line that is not ended. *pvhctl check* tells what becomes of each option of
a file.
)";

constexpr std::array<std::pair<Chapter, std::string_view>, 6> kChapters{
    {{Chapter::general, "GENERAL OPTIONS"},
     {Chapter::boot, "BOOT"},
     {Chapter::cpus, "CPUS"},
     {Chapter::memory, "MEMORY"},
     {Chapter::platform, "PLATFORM AND LIMITS"},
     {Chapter::devices, "DEVICES"}}};

constexpr std::string_view kTail = R"(
# EXAMPLES

A Linux guest with a disk and an interface, which is started anew when it crashes:

	name = "web"++
type = "pvh"++
kernel = "/boot/vmlinuz-6.1.0-amd64"++
ramdisk = "/boot/initrd.img"++
extra = "console=hvc0 root=/dev/xvda ro"++
memory = 512++
vcpus = 2++
disk = [ "/dev/vg0/web,raw,xvda,rw" ]++
vif = [ "bridge=xenbr0" ]++
on\_crash = "restart"

The least that a guest needs:

	name = "tiny"++
type = "pvh"++
kernel = "/srv/unikernel"

/usr/share/doc/pvhd/examples has files for a dozen real uses.

# SEE ALSO

*pvhctl*(1), *pvhd*(8), *xl.cfg*(5), *xl-disk-configuration*(5), *xl-network-configuration*(5), *xen-tscmode*(7)
)";

std::string_view shape_word(Shape shape) {
    switch (shape) {
    case Shape::string:
    case Shape::uuid:
    case Shape::any:
        return "string";
    case Shape::number:
    case Shape::signed_number:
        return "number";
    case Shape::boolean:
        return "boolean";
    case Shape::word:
        return "word";
    case Shape::strings:
        return "list of strings";
    case Shape::text_or_strings:
        return "string or list of strings";
    case Shape::lists:
        return "list of lists of strings";
    }
    return "string";
}

std::string_view status_sentence(Status status) {
    switch (status) {
    case Status::supported:
        return "";
    case Status::not_yet:
        return " Not applied by this release.";
    case Status::not_yet_needed:
        return " Refused by this release, which cannot do it yet.";
    case Status::ignored:
        return " No effect on a PVH domain.";
    case Status::refused:
        return " Refused.";
    }
    return "";
}

/// scdoc marks emphasis with underscores: those of words are escaped.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '_' || c == '*' || c == '<' || c == '>' || c == '#') out += '\\';
        out += c;
    }
    return out;
}

std::string without_effect() {
    std::string text = "\n# OPTIONS WITHOUT EFFECT\n\nFor HVM and PV guests, for Arm, or of xend's "
                       "time; they are named in one warning:\n";
    std::string_view before = "\n";
    for (const Option& option : all_options()) {
        if (option.chapter != Chapter::no_effect) continue;
        text += fmt::format("{}*{}*", before, escaped(option.key));
        before = ",\n";
    }
    return text + ".\n";
}

} // namespace

std::string manual_entry(const Option& option) {
    std::string text = fmt::format("\n*{}* = _{}_", escaped(option.key), shape_word(option.shape));
    if (!option.unit.empty()) text += fmt::format(", in {}", escaped(option.unit));
    text += fmt::format("\n\t{}{}", escaped(option.summary), status_sentence(option.status));
    std::string_view before = " One of ";
    for (const std::string_view word : option.words) {
        text += fmt::format("{}*{}*", before, escaped(word));
        before = ", ";
    }
    if (!option.words.empty()) text += '.';
    if (!option.default_text.empty())
        text += fmt::format(" Default: {}.", escaped(option.default_text));
    if (!option.since.empty()) text += fmt::format(" In xl since Xen {}.", option.since);
    return text + '\n';
}

std::string manual_page() {
    std::string page{kHead};
    for (const auto& [chapter, title] : kChapters) {
        page += fmt::format("\n# {}\n", title);
        for (const Option& option : all_options())
            if (option.chapter == chapter) page += manual_entry(option);
    }
    page += without_effect();
    page += kTail;
    return page;
}

} // namespace pvh::config
