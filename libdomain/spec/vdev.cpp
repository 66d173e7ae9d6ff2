// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/spec/vdev.h"

#include <charconv>
#include <system_error>

namespace pvh {

namespace {

struct DiskName {
    std::uint32_t disk{};
    std::uint32_t partition{}; // 0: the whole disk
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A decimal number up to `max` without leading zeroes, to the end of `text`.
std::optional<std::uint32_t> parse_decimal(std::string_view text, std::uint32_t max) {
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end || number > max) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return number;
}

/// a is 0, z is 25, aa is 26. Takes the letters off `text`.
std::optional<std::uint32_t> take_letters(std::string_view& text, std::uint32_t max) {
    if (text.empty() || text.front() < 'a' || text.front() > 'z') return std::nullopt;
    std::uint64_t number = 0;
    while (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
        number = number * 26 + static_cast<std::uint64_t>(text.front() - 'a') + 1;
        if (number > std::uint64_t{max} + 1) return std::nullopt;
        text.remove_prefix(1);
    }
    return static_cast<std::uint32_t>(number - 1);
}

std::optional<DiskName> parse_lettered(std::string_view name, std::string_view prefix,
                                       std::uint32_t max_disk, std::uint32_t max_partition) {
    if (!name.starts_with(prefix)) return std::nullopt;
    name.remove_prefix(prefix.size());
    const auto disk = take_letters(name, max_disk);
    if (!disk) return std::nullopt;
    if (name.empty()) return DiskName{*disk, 0};
    const auto partition = parse_decimal(name, max_partition);
    if (!partition || *partition == 0) return std::nullopt;
    return DiskName{*disk, *partition};
}

/// d5p1
std::optional<DiskName> parse_numbered(std::string_view name) {
    const std::size_t p = name.find('p');
    if (!name.starts_with('d') || p == std::string_view::npos) return std::nullopt;
    const auto disk = parse_decimal(name.substr(1, p - 1), (1U << 20) - 1);
    const auto partition = parse_decimal(name.substr(p + 1), 255);
    if (!disk || !partition) return std::nullopt;
    return DiskName{*disk, *partition};
}

std::optional<std::uint32_t> parse_plain(std::string_view name) {
    if (name.empty() || !is_digit(name.front())) return std::nullopt;
    int base = 10;
    if (name.starts_with("0x")) {
        base = 16;
        name.remove_prefix(2);
    } else if (name.size() > 1 && name.front() == '0') {
        base = 8;
        name.remove_prefix(1);
    }
    std::uint32_t number = 0;
    const char* end = name.data() + name.size();
    const auto [stopped, error] = std::from_chars(name.data(), end, number, base);
    if (error != std::errc{} || stopped != end || number > 0x7fffffff) return std::nullopt;
    return number;
}

/// 0 is a, 25 is z, 26 is aa.
std::string letters_of(std::uint32_t number) {
    std::string letters;
    for (std::uint32_t rest = number + 1; rest > 0; rest = (rest - 1) / 26)
        letters.insert(letters.begin(), static_cast<char>('a' + (rest - 1) % 26));
    return letters;
}

std::string xvd_name(std::uint32_t disk, std::uint32_t partition) {
    return "xvd" + letters_of(disk) + (partition == 0 ? "" : std::to_string(partition));
}

/// 1st, 2nd, 3rd, 4th, 11th, 21st.
std::string ordinal(std::size_t number) {
    const std::size_t last = number / 10 % 10 == 1 ? 0 : number % 10;
    const char* ending = last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th";
    return std::to_string(number) + ending;
}

} // namespace

std::optional<std::uint32_t> parse_vdev(std::string_view name) {
    constexpr std::uint32_t kMaxDisk = (1U << 20) - 1;
    auto xen = parse_lettered(name, "xvd", kMaxDisk, 255);
    if (!xen) xen = parse_numbered(name);
    if (xen) {
        const bool is_small = xen->disk <= 15 && xen->partition <= 15;
        return is_small ? 202U << 8 | xen->disk << 4 | xen->partition
                        : 1U << 28 | xen->disk << 8 | xen->partition;
    }
    if (const auto number = parse_plain(name)) return number;
    if (const auto ide = parse_lettered(name, "hd", 3, 63))
        return (ide->disk < 2 ? 3U : 22U) << 8 | (ide->disk & 1U) << 6 | ide->partition;
    if (const auto scsi = parse_lettered(name, "sd", 15, 15))
        return 8U << 8 | scsi->disk << 4 | scsi->partition;
    return std::nullopt;
}

std::string vdev_name(std::uint32_t number) {
    if (number >> 8 == 202) return xvd_name(number >> 4 & 0xf, number & 0xf);
    if (number >> 28 == 1) return xvd_name(number >> 8 & 0xfffff, number & 0xff);
    return std::to_string(number);
}

std::string vdev_clash(std::string_view vdev, std::size_t former) {
    return "vdev " + std::string{vdev} + " is already used by the " + ordinal(former + 1) + " disk";
}

} // namespace pvh
