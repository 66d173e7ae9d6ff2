// SPDX-License-Identifier: LGPL-2.1-or-later
// The threat cases of docs/threats.md whose actor is a file: kernels, configs, pvhd's own state.
#include "libdomain/image/kernel_image.h"
#include "tests/support/bzimage_builder.h"
#include "tests/support/packer.h"
#include "tests/unit/daemon/running_daemon.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pvh::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using Threats = DaemonTest;

std::string kernel_line(const std::string& path) {
    return "kernel = \"" + path + "\"\n"; // the last assignment wins
}

/// An error that somebody foresaw.
bool is_refusal(const json& reply) {
    return reply.contains("error") && error_code(reply) != "internal";
}

/// pvh_elf() with one lie.
template <class Lie> Bytes lying_elf(Lie lie) {
    ElfImage elf = pvh_elf();
    lie(elf);
    return build(elf);
}

std::vector<std::pair<const char*, Bytes>> hostile_kernels() {
    static constexpr auto kMost = ~std::uint64_t{0};
    return {
        {"a table whose end wraps", lying_elf([](auto& elf) { elf.program_table = kMost - 8; })},
        {"65535 program headers", lying_elf([](auto& elf) { elf.program_count = 65535; })},
        {"headers of another size", lying_elf([](auto& elf) { elf.program_entry_size = 1; })},
        {"overlapping segments", lying_elf([](auto& elf) { elf.segments[1].address = 0x1000040; })},
        {"less memory than file", lying_elf([](auto& elf) { elf.segments[1].memory_size = 4; })},
        {"a range that wraps", lying_elf([](auto& elf) { elf.segments[1].address = kMost - 8; })},
        {"a size that wraps", lying_elf([](auto& elf) { elf.segments[1].memory_size = kMost; })},
        {"bytes behind the file", lying_elf([](auto& elf) { elf.segments[1].offset = kMost - 8; })},
        {"a name that wraps", lying_elf([](auto& elf) {
             elf.segments[2] = note_segment(raw_note(0xfffffffd, 4, 18, Bytes(8)));
         })},
        {"a value that wraps", lying_elf([](auto& elf) {
             elf.segments[2] = note_segment(raw_note(4, 0xfffffffd, 18, Bytes(8)));
         })},
        {"an entry outside of all",
         lying_elf([](auto& elf) { elf.segments[2] = note_segment(pvh_note(0x5000000)); })},
        {"pages that are Xen's",
         lying_elf([](auto& elf) { elf.segments[1].address = 0xfeff8000; })},
    };
}

TEST_F(Threats, Case01_AHostileElfIsRefusedAndLeavesNothing) {
    start();
    auto client = connect();
    const auto pages = xen_.free_pages;
    for (const auto& [lie, bytes] : hostile_kernels()) {
        const std::string path = folder_.file("hostile", bytes);
        const auto reply = client.call("domain.create", create_params("web", kernel_line(path)));
        EXPECT_TRUE(is_refusal(reply)) << lie << ": " << reply.dump();
    }
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
    EXPECT_EQ(xen_.free_pages, pages);
}

TEST_F(Threats, Case02_ABombInABzImageOfAnyCodecStopsAtTheLimit) {
    using image::Codec;
    const Bytes zeros(8 * kMiB);
    const image::Limits limits{.max_unpacked = kMiB, .max_decoder_memory = 320 * kMiB};
    for (const Codec codec :
         {Codec::gzip, Codec::bzip2, Codec::xz, Codec::lzma, Codec::lzo, Codec::lz4, Codec::zstd}) {
        const Bytes stream = pack(codec, zeros);
        // Honest about what comes out, and not.
        for (const std::uint32_t size : {8U << 20, 1U << 20, 0U, ~0U})
            EXPECT_THROW(
                image::parse_kernel(build(BzImage{.payload = with_size(stream, size)}), limits),
                Error)
                << to_string(codec) << ' ' << size;
    }
}

TEST_F(Threats, Case02_APackedKernelThatIsCutOrFollowedIsRefused) {
    start();
    auto client = connect();
    const Bytes packed = pack(image::Codec::gzip, pvh_kernel());
    const auto create_from = [&](const Bytes& bytes) {
        const std::string path = folder_.file("packed", bytes);
        return client.call("domain.plan", create_params("web", kernel_line(path)));
    };
    EXPECT_TRUE(create_from(packed).contains("result"));
    const Bytes half{packed.begin(),
                     packed.begin() + static_cast<std::ptrdiff_t>(packed.size() / 2)};
    EXPECT_EQ(error_code(create_from(half)), "invalid_kernel");
    EXPECT_EQ(error_code(create_from(test::join({packed, bytes_of_text("more")}))),
              "invalid_kernel");
}

TEST_F(Threats, Case03_AKernelThatChangesWhileItIsReadKillsNobody) {
    start();
    std::atomic<bool> is_over{false};
    std::thread changer{[&] {
        while (!is_over) {
            fs::resize_file(kernel_, 100);
            std::ignore = folder_.file("kernel", pvh_kernel());
        }
    }};
    auto client = connect();
    for (int i = 0; i < 50; ++i) {
        const auto reply = client.call("domain.plan", create_params("web"));
        EXPECT_TRUE(reply.contains("result") || is_refusal(reply)) << reply.dump();
    }
    is_over = true;
    changer.join();
    EXPECT_TRUE(client.call("domain.plan", create_params("web")).contains("result"));
}

TEST_F(Threats, Case04_AKernelThatIsNoFileOfABoundedSizeIsRefusedAtOnce) {
    const std::string fifo = folder_ / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    fs::create_symlink("loop", folder_ / "loop");
    const std::string sparse = folder_.file("sparse", {});
    fs::resize_file(sparse, 100'000'000'000);
    start();
    auto client = connect();
    for (const std::string& path : {fifo, folder_ / "loop", sparse, folder_ / "",
                                    std::string{"/dev/zero"}, options_.socket}) {
        for (const std::string& line : {kernel_line(path), "ramdisk = \"" + path + "\"\n"}) {
            const auto reply = client.call("domain.plan", create_params("web", line));
            EXPECT_TRUE(is_refusal(reply)) << line << reply.dump();
        }
    }
}

TEST_F(Threats, Case11_AHostileConfigIsOneReportWithItsPlace) {
    start();
    auto client = connect();
    const auto report_on = [&](const std::string& lines) {
        const auto reply = client.call("domain.create", create_params("web", lines));
        EXPECT_EQ(error_code(reply), "invalid_config") << lines.substr(0, 80);
        const auto text =
            reply.contains("error") ? reply["error"]["message"].get<std::string>() : "";
        EXPECT_LT(text.size(), 64U * 1024) << lines.substr(0, 80);
        return text;
    };
    const std::vector<std::string> hostile{
        "foo = " + std::string(100'000, '[') + "\n",
        "extra = \"" + std::string(900'000, 'x') + "\"\n",
        "foo = [ " +
            [] {
                std::string items;
                for (int i = 0; i < 100'000; ++i)
                    items += "'a',\n";
                return items;
            }() +
            " ]\n",
        "memory = 18446744073709551617\n",
        "memory = 17592186044416\n",
        "memory = -1\n",
        "vcpus = 0\n",
        "vcpus = 10000\n",
        "name = \"a/b\"\n",
        "name = \"a\\nb\"\n",
        "name = \"../../etc\"\n",
        "vif = [ 'mac=00:16:3e:00:00:01', 'mac=00:16:3e:00:00:01' ]\n",
    };
    for (const std::string& lines : hostile) {
        const std::string text = report_on(lines);
        EXPECT_NE(text.find(": error: "), std::string::npos) << lines.substr(0, 80) << text;
    }
    EXPECT_EQ(guests(), 0U);
}

TEST_F(Threats, Case11_NamesThatMeanSomethingElsewhereAreJustNames) {
    start();
    auto client = connect();
    for (const char* name : {"..", ".", "%s%n", "{}", "$(reboot)", "-rf", "*"}) {
        create(client, name);
        EXPECT_EQ(status(client, name).at("name"), name);
        EXPECT_TRUE(client.call("domain.destroy", {{"name", name}}).contains("result")) << name;
    }
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

/// The one state file there is.
fs::path state_file_in(const std::string& folder) {
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.path().extension() == ".json") return entry.path();
    return {};
}

TEST_F(Threats, Case14_AStateFileThatSomebodyElseMayHaveMadeIsPutAside) {
    const std::vector<std::function<void(const fs::path&)>> mischief{
        [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); },
        [](const fs::path& file) { std::ofstream{file} << R"({"schema": 1})"; },
        [this](const fs::path& file) {
            fs::rename(file, folder_ / "elsewhere");
            fs::create_symlink(folder_ / "elsewhere", file);
        },
        [](const fs::path& file) {
            if (::geteuid() != 0) fs::resize_file(file, 0); // only root can give files away
            EXPECT_TRUE(::geteuid() != 0 || ::chown(file.c_str(), 12345, 12345) == 0);
        }};
    for (const auto& spoil : mischief) {
        start();
        {
            auto client = connect();
            create(client, "web");
        }
        ASSERT_TRUE(stop());
        spoil(state_file_in(options_.state_dir));
        start();
        auto client = connect();
        // What Xen has is what there is; what pvhd may do by itself is what it has on file.
        EXPECT_EQ(status(client, "web").at("managed"), false);
        EXPECT_EQ(state_files(), 0U);
        EXPECT_TRUE(client.call("domain.destroy", {{"name", "web"}}).contains("result"));
        ASSERT_TRUE(stop());
    }
    EXPECT_FALSE(fs::is_empty(options_.state_dir + "/quarantine"));
}

TEST_F(Threats, Case14_AStateFolderOfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give folders away";
    fs::create_directory(options_.state_dir);
    ASSERT_EQ(::chown(options_.state_dir.c_str(), 12345, 12345), 0);
    try {
        const daemon::Daemon daemon{options_, access()};
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::invalid_config);
        EXPECT_NE(std::string{e.what()}.find("belongs to uid 12345"), std::string::npos);
    }
}

} // namespace
} // namespace pvh::test
