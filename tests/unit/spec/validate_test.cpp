// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"
#include "libdomain/spec/validate.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh {

namespace {

using testing::HasSubstr;
using testing::IsEmpty;

DomainSpec valid_spec() {
    DomainSpec spec;
    spec.name = "web-1";
    spec.kernel = "/boot/vmlinuz";
    return spec;
}

/// The violations of a valid spec with one thing changed.
std::vector<Violation> violations_with(const std::function<void(DomainSpec&)>& change) {
    DomainSpec spec = valid_spec();
    change(spec);
    return validate(spec);
}

/// The key of the only violation, or what there is instead.
std::string only_key(const std::vector<Violation>& violations) {
    if (violations.size() == 1) return violations[0].key;
    return std::to_string(violations.size()) + " violations";
}

TEST(Validate, AcceptsANameAndAKernelWithAllDefaults) {
    EXPECT_THAT(validate(valid_spec()), IsEmpty());
    EXPECT_NO_THROW(require_valid(valid_spec()));
}

TEST(Validate, WantsANameAndSaysHow) {
    const auto violations = violations_with([](DomainSpec& spec) { spec.name = ""; });
    ASSERT_EQ(only_key(violations), "name");
    EXPECT_THAT(violations[0].hint, HasSubstr("name ="));
}

TEST(Validate, WantsAKernelAndSaysHow) {
    const auto violations = violations_with([](DomainSpec& spec) { spec.kernel = ""; });
    ASSERT_EQ(only_key(violations), "kernel");
    EXPECT_THAT(violations[0].hint, HasSubstr("kernel ="));
}

TEST(Validate, AcceptsTheLongestCommandLineAndRefusesOneByteMore) {
    EXPECT_THAT(
        violations_with([](DomainSpec& spec) { spec.cmdline = std::string(kMaxCmdline, 'c'); }),
        IsEmpty());
    const auto violations =
        violations_with([](DomainSpec& spec) { spec.cmdline = std::string(kMaxCmdline + 1, 'c'); });
    ASSERT_EQ(only_key(violations), "cmdline");
    EXPECT_THAT(violations[0].message, HasSubstr("65537"));
    EXPECT_THAT(violations[0].message, HasSubstr("65536"));
}

TEST(Validate, RefusesANulInTheCommandLine) {
    EXPECT_EQ(only_key(violations_with([](DomainSpec& spec) {
                  spec.cmdline = std::string{"a\0b", 3};
              })),
              "cmdline");
}

TEST(Validate, AcceptsMemoryFromTheLeastToTheMost) {
    for (const std::uint64_t mib : {kMinMemoryMib, std::uint64_t{4032}, kMaxMemoryMib})
        EXPECT_THAT(
            violations_with([&](DomainSpec& spec) { spec.memory_mib = spec.max_memory_mib = mib; }),
            IsEmpty())
            << mib;
}

TEST(Validate, RefusesNoMemory) {
    EXPECT_EQ(only_key(violations_with([](DomainSpec& spec) { spec.memory_mib = 0; })), "memory");
}

TEST(Validate, RefusesMoreMemoryThanThereCanBeWithTheNumbers) {
    const auto violations =
        violations_with([](DomainSpec& spec) { spec.max_memory_mib = kMaxMemoryMib + 1; });
    ASSERT_EQ(only_key(violations), "maxmem");
    EXPECT_THAT(violations[0].message, HasSubstr("16777217"));
}

TEST(Validate, RefusesMaxmemBelowMemoryWithBothNumbers) {
    const auto violations = violations_with([](DomainSpec& spec) {
        spec.memory_mib = 512;
        spec.max_memory_mib = 256;
    });
    ASSERT_EQ(only_key(violations), "maxmem");
    EXPECT_EQ(violations[0].message, "maxmem (256) is below memory (512)");
}

TEST(Validate, AcceptsMemoryBelowMaxmem) {
    EXPECT_THAT(violations_with([](DomainSpec& spec) { spec.max_memory_mib = 1024; }), IsEmpty());
}

TEST(Validate, RefusesToStartTooManyVcpusByHypercallOrWithoutAcpi) {
    const auto vcpus = [](unsigned count) {
        return violations_with([&](DomainSpec& spec) {
            spec.ap_startup = ApStartup::vcpuop;
            spec.max_vcpus = count;
        });
    };
    EXPECT_THAT(vcpus(31), IsEmpty());
    ASSERT_EQ(only_key(vcpus(32)), "ap_startup");
    EXPECT_EQ(vcpus(32)[0].message,
              "ap_startup = \"vcpuop\" is for at most 31 vCPUs, and maxvcpus is 32");
    EXPECT_EQ(only_key(vcpus(129)), "maxvcpus"); // one complaint
    EXPECT_EQ(only_key(violations_with([](DomainSpec& spec) {
                  spec.ap_startup = ApStartup::vcpuop;
                  spec.has_acpi = false;
              })),
              "ap_startup");
}

TEST(Validate, AcceptsOneTo128Vcpus) {
    for (const unsigned vcpus : {1U, 2U, 128U})
        EXPECT_THAT(violations_with([&](DomainSpec& spec) { spec.vcpus = spec.max_vcpus = vcpus; }),
                    IsEmpty())
            << vcpus;
}

TEST(Validate, RefusesZeroAnd129Vcpus) {
    for (const unsigned vcpus : {0U, 129U, ~0U}) {
        const auto violations =
            violations_with([&](DomainSpec& spec) { spec.vcpus = spec.max_vcpus = vcpus; });
        ASSERT_EQ(only_key(violations), "vcpus");
        EXPECT_THAT(violations[0].hint, HasSubstr("1 to 128"));
    }
}

TEST(Validate, RefusesMaxvcpusOutOfRangeOrBelowVcpus) {
    EXPECT_EQ(only_key(violations_with([](DomainSpec& spec) { spec.max_vcpus = 129; })),
              "maxvcpus");
    EXPECT_EQ(only_key(violations_with([](DomainSpec& spec) {
                  spec.vcpus = 4;
                  spec.max_vcpus = 2;
              })),
              "maxvcpus");
}

TEST(Validate, AcceptsVirtualNodesThatAddUp) {
    EXPECT_THAT(violations_with([](DomainSpec& spec) {
                    spec.max_vcpus = 3;
                    spec.virtual_nodes = {
                        {.pnode = 5, .size_mib = 0, .vcpus = {2, 0}, .distances = {10, 11}},
                        {.pnode = 5, .size_mib = 32, .vcpus = {1}, .distances = {255, 10}}};
                }),
                IsEmpty());
}

TEST(Validate, NamesTheVirtualNodeThatIsWrong) {
    const auto violations = violations_with([](DomainSpec& spec) {
        spec.virtual_nodes = {{.size_mib = 16, .vcpus = {0}, .distances = {10, 20}},
                              {.size_mib = 16, .vcpus = {}, .distances = {20, 21}}};
    });
    ASSERT_EQ(only_key(violations), "vnuma");
    EXPECT_EQ(violations[0].message, "the distance from vnuma node 1 to node 1 is 21");
    EXPECT_EQ(violations[0].item, 1U);
    EXPECT_EQ(only_key(violations_with(
                  [](DomainSpec& spec) { spec.virtual_nodes.resize(kMaxVirtualNodes + 1); })),
              "vnuma");
}

TEST(Validate, RefusesVirtualNodesThatWouldOverflow) {
    for (const std::uint64_t size :
         {kMaxMemoryMib + 1, std::uint64_t{1} << 44U, ~std::uint64_t{0}}) {
        const auto violations = violations_with([&](DomainSpec& spec) {
            spec.memory_mib = spec.max_memory_mib = kMaxMemoryMib;
            spec.virtual_nodes = {{.size_mib = size, .vcpus = {0}, .distances = {10}}};
        });
        EXPECT_EQ(only_key(violations), "vnuma") << size;
    }
}

TEST(Validate, HoldsWhatOthersThanTheReaderWrite) {
    const auto key_of = [](const std::function<void(DomainSpec&)>& change) {
        return only_key(violations_with(change));
    };
    EXPECT_EQ(key_of([](auto& s) { s.kernel = "vmlinuz"; }), "kernel");
    EXPECT_EQ(key_of([](auto& s) { s.ramdisk = std::string("/a\0b", 4); }), "ramdisk");
    EXPECT_EQ(key_of([](auto& s) { s.hard_affinity = {{}, {}}; }), "cpus");
    EXPECT_EQ(key_of([](auto& s) {
                  s.soft_affinity = {{{CpuSetKind::cpus, false, 3, 2}}};
              }),
              "cpus_soft");
    EXPECT_EQ(key_of([](auto& s) { s.hard_affinity = {{{CpuSetKind::all, true, 0, 0}}}; }), "cpus");
    EXPECT_EQ(key_of([](auto& s) { s.hard_affinity = {CpuList(kMaxCpuItems + 1)}; }), "cpus");
    EXPECT_EQ(key_of([](auto& s) { s.cpuid = {{.leaf = 1, .eax = "2"}}; }), "cpuid");
    EXPECT_EQ(key_of([](auto& s) { s.cpuid.resize(kMaxCpuidMasks + 1); }), "cpuid");
    EXPECT_EQ(key_of([](auto& s) { s.max_grant_frames = 0; }), "max_grant_frames");
}

TEST(Validate, ListsEveryViolationInTheOrderOfTheFields) {
    const auto violations = violations_with([](DomainSpec& spec) {
        spec.name = spec.kernel = "";
        spec.memory_mib = 0;
        spec.vcpus = 0;
    });
    std::vector<std::string> keys;
    keys.reserve(violations.size());
    for (const Violation& violation : violations)
        keys.push_back(violation.key);
    EXPECT_THAT(keys, testing::ElementsAre("name", "kernel", "memory", "vcpus"));
}

TEST(RequireValid, ThrowsTheFirstViolationTheNumberOfOthersAndTheHint) {
    DomainSpec spec = valid_spec();
    spec.kernel = "";
    spec.vcpus = 0;
    try {
        require_valid(spec);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::invalid_config);
        EXPECT_STREQ(error.what(), "kernel: a PVH domain needs a kernel (and 1 more)");
        EXPECT_THAT(error.hint(), HasSubstr("kernel ="));
    }
}

TEST(DomainName, MayHoldLettersDigitsAndPunctuation) {
    for (const char* name : {"a", "web-1", "7up", "x.y_z", "caf\xc3\xa9", "with space"})
        EXPECT_EQ(complaint_about_name(name), "") << name;
    EXPECT_EQ(complaint_about_name(std::string(255, 'n')), "");
}

TEST(DomainName, MayNotBeEmptyOrTooLong) {
    EXPECT_NE(complaint_about_name(""), "");
    EXPECT_THAT(complaint_about_name(std::string(256, 'n')), HasSubstr("256"));
}

TEST(DomainName, MayNotBeAPathOrHoldControlBytes) {
    EXPECT_THAT(complaint_about_name("a/b"), HasSubstr("\"/\""));
    for (const char* name : {"a\nb", "\t", "esc\x1b[0m", "del\x7f"})
        EXPECT_THAT(complaint_about_name(name), HasSubstr("control")) << name;
    EXPECT_THAT(complaint_about_name(std::string_view{"a\0b", 3}), HasSubstr("control"));
}

TEST(DomainName, MayNotLookLikeADomainId) {
    EXPECT_THAT(complaint_about_name("42"), HasSubstr("\"42\""));
}

} // namespace

} // namespace pvh
