// SPDX-License-Identifier: LGPL-2.1-or-later
#include "golden.h"
#include "libdomain/boot/layout.h"
#include "libdomain/boot/memory_map.h"
#include "libdomain/boot/start_info.h"
#include "libdomain/spec/domain_spec.h"

#include <gtest/gtest.h>

namespace pvh::boot {

namespace {

using test::first_difference;

StartInfoContent content_of(std::string cmdline, std::vector<StartInfoModule> modules,
                            std::uint64_t ram) {
    return {.cmdline = std::move(cmdline),
            .modules = std::move(modules),
            .memory_map = memory_map(ram),
            .rsdp = layout::kRsdp};
}

TEST(StartInfo, OfALinuxGuestIsTheGoldenBytes) {
    const auto content = content_of("console=hvc0 root=/dev/ram0",
                                    {{GuestAddr{0x4a01000}, 0x1e4610, ""}}, 256 * kMiB);
    const Bytes blob = compose_start_info(content, GuestAddr{0x4a00000});
    EXPECT_EQ(first_difference(blob, "start_info_linux.hex"), "");
}

TEST(StartInfo, WithoutModulesAndCommandLineIsTheGoldenBytes) {
    const auto content = content_of("", {}, 4 * kMiB);
    EXPECT_EQ(
        first_difference(compose_start_info(content, GuestAddr{0x101000}), "start_info_bare.hex"),
        "");
}

TEST(StartInfo, WithModuleCommandLinesIsTheGoldenBytes) {
    const auto content = content_of(
        "x", {{GuestAddr{0x300000}, 5, "first"}, {GuestAddr{0x400000}, 0x100000001, "the second"}},
        5 * kGiB);
    EXPECT_EQ(first_difference(compose_start_info(content, GuestAddr{0x200000}),
                               "start_info_modules.hex"),
              "");
}

TEST(StartInfo, HoldsTheLongestCommandLineWhole) {
    const std::string cmdline(kMaxCmdline, 'c');
    const Bytes blob = compose_start_info(content_of(cmdline, {}, kMiB), GuestAddr{0x1000});
    const auto head = BytesView{blob}.read<abi::StartInfo>(0);
    ASSERT_TRUE(head);
    const std::uint64_t at = head->cmdline_paddr - 0x1000;
    const auto text = BytesView{blob}.sub(at, kMaxCmdline + 1);
    ASSERT_TRUE(text);
    EXPECT_TRUE(
        std::equal(cmdline.begin(), cmdline.end(), reinterpret_cast<const char*>(text->data())));
    EXPECT_EQ(text->span().back(), std::byte{0});
    EXPECT_EQ(blob.size(), at + kMaxCmdline + 1);
}

TEST(StartInfo, SizeIsWhatIsComposedWhateverTheAddresses) {
    auto content = content_of("abc", {{GuestAddr{0}, 1, "m"}}, 64 * kMiB);
    const std::uint64_t size = start_info_size(content);
    content.modules.front().address = GuestAddr{0xf0000000};
    EXPECT_EQ(compose_start_info(content, GuestAddr{0x1000}).size(), size);
    EXPECT_EQ(compose_start_info(content, GuestAddr{0xfbfff000}).size(), size);
}

TEST(StartInfo, TablesAreAlignedToEightBytes) {
    const auto content = content_of("odd", {{GuestAddr{0x5000}, 1, "seven.."}}, 64 * kMiB);
    const auto head =
        BytesView{compose_start_info(content, GuestAddr{0x1000})}.read<abi::StartInfo>(0);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->modlist_paddr % 8, 0U);
    EXPECT_EQ(head->memmap_paddr % 8, 0U);
}

} // namespace

} // namespace pvh::boot
