// SPDX-License-Identifier: LGPL-2.1-or-later
#include "golden.h"
#include "libdomain/boot/acpi.h"
#include "libdomain/boot/acpi_abi.h"
#include "libdomain/boot/layout.h"
#include "libdomain/spec/domain_spec.h"

#include <cstdio>
#include <filesystem>
#include <map>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace pvh::boot {

namespace {

using test::first_difference;

unsigned sum(BytesView bytes) {
    return std::accumulate(
        bytes.span().begin(), bytes.span().end(), 0U,
        [](unsigned total, std::byte b) { return (total + std::to_integer<unsigned>(b)) & 0xffU; });
}

/// A guest's way through the tables: from the RSDP by addresses alone.
class Reader {
  public:
    explicit Reader(const AcpiTables& acpi) : acpi_{acpi} {}

    [[nodiscard]] BytesView table_at(std::uint64_t address) const {
        const std::uint64_t offset = address - layout::kAcpiTables.value();
        const auto length = BytesView{acpi_.tables}.read<std::uint32_t>(offset + 4);
        return BytesView{acpi_.tables}.sub(offset, length.value()).value();
    }

    /// All tables by signature, those with a header having a right checksum.
    [[nodiscard]] std::map<std::string, BytesView> tables() const {
        std::map<std::string, BytesView> found;
        const auto rsdp = BytesView{acpi_.rsdp}.read<abi::Rsdp>(0).value();
        add(found, rsdp.rsdt_address);
        const BytesView xsdt = add(found, rsdp.xsdt_address);
        for (std::uint64_t at = sizeof(abi::AcpiHeader); at < xsdt.size(); at += 8)
            add(found, xsdt.read<std::uint64_t>(at).value());
        const auto fadt = found.at("FACP").read<abi::Fadt>(0).value();
        add(found, fadt.x_dsdt);
        add(found, fadt.x_firmware_ctrl);
        return found;
    }

  private:
    BytesView add(std::map<std::string, BytesView>& found, std::uint64_t address) const {
        const BytesView table = table_at(address);
        const auto signature = table.read<abi::Signature>(0).value();
        found.insert({std::string{signature.data(), signature.size()}, table});
        return table;
    }

    const AcpiTables& acpi_;
};

struct Lapic {
    unsigned processor{}, apic{}, flags{};
    friend bool operator==(const Lapic&, const Lapic&) = default;
};

std::vector<Lapic> lapics_of(BytesView madt) {
    std::vector<Lapic> lapics;
    for (std::uint64_t at = sizeof(abi::Madt); at < madt.size(); at += sizeof(abi::MadtLapic)) {
        const auto entry = madt.read<abi::MadtLapic>(at).value();
        EXPECT_EQ(entry.type, 0);
        EXPECT_EQ(entry.length, 8);
        lapics.push_back({entry.processor_id, entry.apic_id, entry.flags});
    }
    return lapics;
}

TEST(Acpi, OfTwoVcpusIsTheGoldenBytes) {
    const auto acpi = compose_acpi(1, 2);
    EXPECT_EQ(first_difference(acpi.tables, "acpi_2vcpus.hex"), "");
    EXPECT_EQ(first_difference(acpi.rsdp, "acpi_rsdp.hex"), "");
}

TEST(Acpi, HasTheTablesThatXlGives) {
    const auto acpi = compose_acpi(2, 2);
    std::vector<std::string> names;
    for (const auto& [name, table] : Reader{acpi}.tables())
        names.push_back(name);
    EXPECT_THAT(names, testing::ElementsAre("APIC", "DSDT", "FACP", "FACS", "RSDT", "XSDT"));
}

VirtualNuma two_nodes() {
    return {.pnodes = {1, 0},
            .vcpus = {1, 0, 1},
            .distances = {10, 20, 21, 10},
            .memory = {{.node = 0, .address = GuestAddr{0}, .size = 5 * kMiB},
                       {.node = 1, .address = GuestAddr{5 * kMiB}, .size = kGiB}}};
}

TEST(Acpi, OfVirtualNumaTellsWhereVcpusAndMemoryAre) {
    const VirtualNuma numa = two_nodes();
    const auto acpi = compose_acpi(1, 3, &numa);
    const auto tables = Reader{acpi}.tables();
    const BytesView srat = tables.at("SRAT");
    EXPECT_EQ(sum(srat), 0U);
    ASSERT_EQ(srat.size(), sizeof(abi::Srat) + 3 * 16 + 2 * 40);
    EXPECT_EQ(+srat.read<abi::Srat>(0)->table_revision, 1U);
    const auto third = srat.read<abi::SratProcessor>(sizeof(abi::Srat) + 2 * 16).value();
    EXPECT_EQ(+third.length, 16);
    EXPECT_EQ(+third.domain_low, 1);
    EXPECT_EQ(+third.apic_id, 4);
    EXPECT_EQ(+third.flags, 1U);
    const auto memory = srat.read<abi::SratMemory>(sizeof(abi::Srat) + 3 * 16 + 40).value();
    EXPECT_EQ(+memory.type, 1);
    EXPECT_EQ(+memory.domain, 1U);
    EXPECT_EQ(+memory.address, 5 * kMiB);
    EXPECT_EQ(+memory.size, kGiB);
    const BytesView slit = tables.at("SLIT");
    EXPECT_EQ(sum(slit), 0U);
    EXPECT_EQ(+slit.read<abi::Slit>(0)->localities, 2U);
    EXPECT_EQ(slit.read<std::uint32_t>(sizeof(abi::Slit)), 0x0a15140aU);
}

TEST(Acpi, OfTheMostVcpusAndNodesFits) {
    VirtualNuma numa;
    numa.vcpus.resize(kMaxVcpus);
    for (unsigned node = 0; node < kMaxVirtualNodes; ++node) {
        numa.pnodes.push_back(node);
        numa.memory.push_back({.node = node, .address = GuestAddr{node * kGiB}, .size = kGiB});
    }
    numa.memory.push_back(numa.memory.back()); // one may span the hole
    numa.distances.resize(kMaxVirtualNodes * kMaxVirtualNodes, 10);
    EXPECT_NO_THROW(compose_acpi(kMaxVcpus, kMaxVcpus, &numa));
}

TEST(Acpi, EveryTableAddsUpToZero) {
    for (const unsigned online : {1U, 2U, 15U, 16U, 127U, 128U}) {
        const auto acpi = compose_acpi(online, kMaxVcpus);
        for (const auto& [name, table] : Reader{acpi}.tables()) {
            if (name == "FACS") continue; // has no checksum
            EXPECT_EQ(sum(table), 0U) << name << " of " << online;
        }
        EXPECT_EQ(sum(acpi.rsdp), 0U);
        EXPECT_EQ(sum(BytesView{acpi.rsdp}.sub(0, 20).value()), 0U);
    }
}

TEST(Acpi, OemIdsAreXls) {
    const auto acpi = compose_acpi(1, 1);
    for (const auto& [name, table] : Reader{acpi}.tables()) {
        if (name == "FACS") continue; // has none
        const auto header = table.read<abi::AcpiHeader>(0).value();
        EXPECT_EQ((std::string{header.oem_id.data(), 6}), (std::string{"Xen\0\0\0", 6})) << name;
        EXPECT_EQ((std::string{header.oem_table_id.data(), 8}), (std::string{"HVM\0\0\0\0\0", 8}))
            << name;
        const std::string creator{header.creator_id.data(), 4};
        EXPECT_EQ(creator, name == "DSDT" ? "INTL" : "HVML");
    }
}

TEST(Acpi, FacsIsAlignedTo64BytesAndBothPairsOfPointersAgree) {
    const auto acpi = compose_acpi(3, 3);
    const auto fadt = Reader{acpi}.tables().at("FACP").read<abi::Fadt>(0).value();
    const std::uint64_t facs =
        fadt.x_firmware_ctrl; // a copy: fields of a packed struct bind to no reference
    const std::uint64_t dsdt = fadt.x_dsdt;
    EXPECT_EQ(facs % 64, 0U);
    EXPECT_TRUE(facs == fadt.firmware_ctrl);
    EXPECT_TRUE(dsdt == fadt.dsdt);
}

TEST(Madt, ApicIdsAreTwiceTheVcpuAndOfflineVcpusAreDisabled) {
    const auto acpi = compose_acpi(2, 4);
    EXPECT_EQ(lapics_of(Reader{acpi}.tables().at("APIC")),
              (std::vector<Lapic>{{0, 0, 1}, {1, 2, 1}, {2, 4, 0}, {3, 6, 0}}));
}

TEST(Madt, Of128VcpusEndsWithApicId254) {
    const auto acpi = compose_acpi(128, 128);
    const auto lapics = lapics_of(Reader{acpi}.tables().at("APIC"));
    ASSERT_EQ(lapics.size(), 128U);
    EXPECT_EQ(lapics.back(), (Lapic{127, 254, 1}));
}

TEST(Acpi, TablesOfTheLargestDomainFitTheirPages) {
    EXPECT_LE(compose_acpi(kMaxVcpus, kMaxVcpus).tables.size(),
              layout::kAcpiTablePages.value() * kPageSize);
}

/// A folder of its own for a tool and its files.
class ScratchFolder {
  public:
    ScratchFolder() { std::filesystem::create_directory(path_); }

    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    void write(const std::string& name, BytesView bytes) const {
        std::ofstream{path_ / name, std::ios::binary}.write(
            reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
    }

    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file{path_ / name};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    /// Exit status; what the command says goes to "messages".
    [[nodiscard]] int run(const std::string& command) const {
        return std::system(
            fmt::format("cd {} && {} >messages 2>&1", path_.string(), command).c_str());
    }

  private:
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / fmt::format("pvh-acpi-{}", ::getpid());
};

struct Disassembly {
    int status{};
    std::string messages;
    std::string source;
};

Disassembly disassemble(BytesView table) {
    const ScratchFolder folder;
    folder.write("table.aml", table);
    const int status = folder.run("iasl -d table.aml");
    return {
        .status = status, .messages = folder.read("messages"), .source = folder.read("table.dsl")};
}

std::size_t count(const std::string& text, std::string_view word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        ++found;
    return found;
}

void expect_no_complaint(const std::string& name, const Disassembly& result) {
    EXPECT_EQ(result.status, 0) << name << result.messages;
    EXPECT_FALSE(result.source.empty()) << name << result.messages;
    for (const std::string* text : {&result.messages, &result.source})
        for (const char* word : {"rror", "arning", "nvalid", "nknown", "ncorrect"})
            EXPECT_EQ(text->find(word), std::string::npos) << name << *text;
}

TEST(Iasl, DisassemblesEveryTableWithoutAComplaint) {
    for (const unsigned online : {1U, 2U, 17U, 128U}) {
        const auto acpi = compose_acpi(online, kMaxVcpus);
        for (const auto& [name, table] : Reader{acpi}.tables())
            expect_no_complaint(name, disassemble(table)); // iasl does not take an RSDP
    }
}

/// What ACPICA, the interpreter that Linux and FreeBSD have, says after loading the table.
std::string load_with_acpica(BytesView dsdt) {
    const ScratchFolder folder;
    folder.write("dsdt.dat", dsdt);
    EXPECT_EQ(folder.run("acpiexec -b namespace dsdt.dat"), 0);
    return folder.read("messages");
}

TEST(Acpica, LoadsTheDsdtOfEverySizeAndSeesItsProcessors) {
    if (std::system("command -v acpiexec >/dev/null") != 0) GTEST_SKIP() << "no acpiexec";
    for (const unsigned online : {1U, 2U, 128U}) {
        const auto acpi = compose_acpi(online, kMaxVcpus);
        const auto said = load_with_acpica(Reader{acpi}.tables().at("DSDT"));
        EXPECT_NE(said.find("1 ACPI AML tables successfully acquired and loaded"),
                  std::string::npos)
            << said;
        EXPECT_EQ(count(said, "\"ACPI0007\""), online);
        EXPECT_EQ(said.find("rror"), std::string::npos) << said;
    }
}

TEST(Dsdt, HasOneProcessorForEachVcpuThatIsOnline) {
    const auto acpi = compose_acpi(3, 8);
    const auto dsdt = disassemble(Reader{acpi}.tables().at("DSDT")).source;
    EXPECT_EQ(count(dsdt, "Device ("), 3U);
    EXPECT_EQ(count(dsdt, "\"ACPI0007\""), 3U);
    EXPECT_NE(dsdt.find("Device (_SB.C002)"), std::string::npos);
    EXPECT_NE(dsdt.find("Name (_UID, 0x02)"), std::string::npos);
}

TEST(Dsdt, UidsAreThoseOfTheMadt) {
    const auto acpi = compose_acpi(128, 128);
    const auto dsdt = disassemble(Reader{acpi}.tables().at("DSDT")).source;
    EXPECT_EQ(count(dsdt, "Device (_SB.C"), 128U);
    for (unsigned i = 2; i < 128; ++i)
        EXPECT_EQ(count(dsdt, fmt::format("Name (_UID, 0x{:02X})", i)), 1U) << i;
}

} // namespace

} // namespace pvh::boot
