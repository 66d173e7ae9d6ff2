// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/messages_json.h"
#include "rpc/protocol_error.h"
#include "rpc/schema.h"
#include "rpc/spec_json.h"

#include <string>

#include <gtest/gtest.h>

namespace pvh::rpc {
namespace {

using nlohmann::json;

template <class T> std::string complaint(const json& params) {
    try {
        [[maybe_unused]] const auto read = params.get<T>();
    } catch (const InvalidParams& e) {
        return e.what();
    }
    return "";
}

const Uuid kUuid = parse_uuid("12345678-9abc-def0-1234-56789abcdef0").value();

DiskSpec odd_disk() {
    return {.target = "/d,=",
            .format = DiskFormat::qcow2,
            .vdev = "xvdz",
            .is_writable = false,
            .is_cdrom = true,
            .backend = "storage",
            .backend_type = DiskBackend::standalone,
            .script = "block-x",
            .discard = false,
            .is_direct_io_safe = true,
            .is_trusted = false,
            .uses_grants = true};
}

NicSpec odd_nic() {
    return {.mac = "00:16:3e:00:00:01",
            .bridge = "b",
            .script = "s",
            .ip = "i",
            .vifname = "v",
            .gatewaydev = "g",
            .backend = "net",
            .vlan = "7",
            .rate = RateLimit{.bytes_per_interval = 1ULL << 40, .interval_us = 7},
            .mtu = 9000,
            .devid = 3,
            .is_trusted = true};
}

void fill_basics(DomainSpec& spec) {
    spec.name = "web \"1\"";
    spec.uuid = kUuid;
    spec.kernel = "/k";
    spec.ramdisk = "/r";
    spec.cmdline = "a=\xc3\xa9 b";
    spec.memory_mib = 77;
    spec.max_memory_mib = 1ULL << 40;
    spec.vcpus = 3;
    spec.max_vcpus = 5;
    spec.ap_startup = ApStartup::vcpuop;
    spec.on_poweroff = EndAction::preserve;
    spec.on_reboot = EndAction::rename_restart;
    spec.on_crash = EndAction::coredump_restart;
    spec.on_watchdog = EndAction::coredump_destroy;
    spec.on_soft_reset = EndAction::destroy;
}

void fill_cpus(DomainSpec& spec) {
    spec.pool = "p";
    spec.scheduling = {.weight = 1, .cap = 2};
    spec.hard_affinity = {{{CpuSetKind::nodes, true, 1, 2}}, {}};
    spec.soft_affinity = {{{CpuSetKind::all, false, 0, 0}}};
    spec.virtual_nodes = {{.pnode = 1, .size_mib = 64, .vcpus = {0, 2}, .distances = {10, 20}}};
    spec.cpuid = {{.leaf = 7, .subleaf = 0, .eax = "", .ebx = "x", .ecx = "k", .edx = "1"}};
    spec.tsc_mode = TscMode::native;
    spec.timer_mode = TimerMode::one_missed_tick_pending;
}

void fill_platform(DomainSpec& spec) {
    spec.uses_local_time = true;
    spec.rtc_offset_s = -3600;
    spec.has_acpi = false;
    spec.has_nested_hvm = true;
    spec.has_vpmu = true;
    spec.never_migrates = true;
    spec.is_driver_domain = true;
    spec.max_grant_frames = 5;
    spec.max_maptrack_frames = 6;
    spec.max_grant_version = 1;
    spec.max_event_channels = 99;
    spec.seclabel = "a:b:c";
    spec.init_seclabel = "d:e:f";
}

/// Every member unlike its default.
DomainSpec odd_spec() {
    DomainSpec spec;
    fill_basics(spec);
    fill_cpus(spec);
    fill_platform(spec);
    spec.disks = {odd_disk(), {}};
    spec.nics = {odd_nic(), {}};
    spec.channels = {{ChannelConnection::socket, "n", "/s", "b"}};
    spec.p9 = {{"t", "/p", "none", "b", P9Server::xen_9pfsd, 1, 2, 3, true}};
    spec.vtpms = {{"b", kUuid}};
    return spec;
}

// The number of names fails to compile when a member is added, so that nobody forgets
// rpc/spec_members.h and odd_spec().
TEST(SpecJson, KnowsEveryMember) {
    const auto& [name, uuid, kernel, ramdisk, cmdline, memory, max_memory, vcpus, max_vcpus,
                 ap_startup, on_poweroff, on_reboot, on_crash, on_watchdog, on_soft_reset, pool,
                 scheduling, hard, soft, nodes, cpuid, tsc, timer, local, rtc, acpi, nested, vpmu,
                 migrates, driver, frames, maptrack, version, channels, label, init_label, disks,
                 nics, consoles, p9, vtpms] = odd_spec();
    constexpr std::size_t kInlined = 2; // of scheduling, which has no member of its own
    EXPECT_EQ(json(odd_spec()).size(), 41 - 1 + kInlined);
}

TEST(SpecJson, TravelsWithoutLoss) {
    const DomainSpec spec = odd_spec();
    const json travelled = json::parse(json(spec).dump());
    EXPECT_EQ(travelled.get<DomainSpec>(), spec);
    EXPECT_EQ(read_spec_strictly(travelled), spec);
}

TEST(SpecJson, AnAbsentUuidStaysAbsent) {
    DomainSpec spec;
    spec.name = "x";
    EXPECT_EQ(json(spec).get<DomainSpec>(), spec);
    EXPECT_FALSE(json(spec).contains("uuid"));
}

TEST(SpecJson, StrictReadingRefusesWhatANewerVersionWrote) {
    json spec = odd_spec();
    spec["new_key"] = 1;
    EXPECT_EQ(spec.get<DomainSpec>(), odd_spec());
    EXPECT_THROW(read_spec_strictly(spec), InvalidParams);
}

TEST(Params, AreReadByName) {
    const auto params =
        json::parse(R"({"config":"c","overrides":["a=1"],"paused":true})").get<CreateParams>();
    EXPECT_EQ(params.config, "c");
    EXPECT_EQ(params.config_name, "config");
    EXPECT_EQ(params.overrides, std::vector<std::string>{"a=1"});
    EXPECT_TRUE(params.paused);
    EXPECT_FALSE(params.trace);
}

TEST(Params, AnUnknownMemberIsNamedWithTheNearest) {
    EXPECT_EQ(complaint<CreateParams>({{"config", "c"}, {"pausd", true}}),
              "unknown member \"pausd\"; did you mean \"paused\"?");
    EXPECT_EQ(complaint<CreateParams>({{"config", "c"}, {"zzzzzz", true}}),
              "unknown member \"zzzzzz\"");
    EXPECT_EQ(complaint<NoParams>({{"x", 1}}), "unknown member \"x\"");
}

TEST(Params, ATypoInARequiredMemberIsNamedNotTheAbsence) {
    EXPECT_EQ(complaint<CreateParams>({{"confg", "c"}}),
              "unknown member \"confg\"; did you mean \"config\"?");
    EXPECT_EQ(complaint<CreateParams>(json::object()),
              "exactly one of \"config\" and \"spec\" describes a domain");
}

TEST(Params, AWrongTypeIsNamed) {
    EXPECT_EQ(complaint<CreateParams>({{"config", 1}}),
              "member \"config\" must be a string, not number");
    EXPECT_EQ(complaint<CreateParams>({{"config", "c"}, {"paused", "yes"}}),
              "member \"paused\" must be true or false, not string");
    EXPECT_EQ(complaint<CreateParams>({{"config", "c"}, {"overrides", "a"}}),
              "member \"overrides\" must be an array, not string");
    EXPECT_EQ(complaint<CreateParams>({{"config", "c"}, {"overrides", {1}}}),
              "member \"overrides\" must be a string, not number");
    EXPECT_EQ(complaint<CreateParams>({{"config", "c"}, {"spec", {{"name", "a"}}}}),
              "exactly one of \"config\" and \"spec\" describes a domain");
    EXPECT_EQ(complaint<CreateParams>({{"spec", {{"name", "a"}}}, {"overrides", {"a=1"}}}),
              "\"overrides\" belong to \"config\", and \"spec\" is given");
    EXPECT_EQ(complaint<CreateParams>({{"spec", {{"name", "a"}, {"vcpu", 1}}}}),
              "spec: unknown member \"vcpu\"; did you mean \"vcpus\"?");
    EXPECT_EQ(complaint<CreateParams>(json::array()), "an object is wanted here, not array");
}

TEST(Params, NumbersMustBeWholeAndFit) {
    for (const char* domid :
         {"-1", "65536", "1.0", "1e2", "18446744073709551616", "\"1\"", "true", "null"})
        EXPECT_NE(complaint<Selector>(json{{"domid", json::parse(domid)}}), "") << domid;
    EXPECT_EQ(complaint<Selector>({{"domid", 65535}}), "");
}

TEST(Params, ALongUnknownNameIsCut) {
    EXPECT_LT(complaint<NoParams>(json{{std::string(100'000, 'x'), 1}}).size(), 200U);
}

TEST(Selector, WantsExactlyOneOfThree) {
    EXPECT_EQ(complaint<Selector>({{"name", "a"}}), "");
    EXPECT_NE(complaint<Selector>(json::object()), "");
    EXPECT_NE(complaint<Selector>({{"name", "a"}, {"domid", 1}}), "");
    EXPECT_NE(complaint<Selector>({{"uuid", "12345678"}}), "");
    EXPECT_NE(complaint<ShutdownParams>({{"force", true}}), "");
    EXPECT_NE(complaint<WaitParams>({{"until", "gone"}}), "");
}

TEST(Selector, SitsBesideTheOtherMembers) {
    const auto params = json{{"name", "a"}, {"force", true}}.get<ShutdownParams>();
    EXPECT_EQ(params.domain.name, "a");
    EXPECT_TRUE(params.force);
    EXPECT_EQ(json(params), (json{{"name", "a"}, {"force", true}}));
}

TEST(Results, TravelAndSkipWhatIsNew) {
    CreateResult result{
        .domain = {kUuid, "web", 7}, .warnings = {"w"}, .timeline = {{"config", 12}}};
    json travelled = json::parse(json(result).dump());
    travelled["added_later"] = {1, 2};
    const auto read = travelled.get<CreateResult>();
    EXPECT_EQ(read.domain.uuid, kUuid);
    EXPECT_EQ(read.domain.name, "web");
    EXPECT_EQ(read.domain.domid, 7);
    EXPECT_EQ(read.warnings, result.warnings);
    ASSERT_EQ(read.timeline.size(), 1U);
    EXPECT_EQ(read.timeline[0].stage, "config");
    EXPECT_EQ(read.timeline[0].elapsed_us, 12);
}

TEST(Results, CarryTheIdentityFlat) {
    DomainStatus status;
    status.domain = {kUuid, "web", 7};
    status.state = "running";
    const json written = status;
    EXPECT_EQ(written.at("name"), "web");
    EXPECT_EQ(written.at("domid"), 7);
    EXPECT_EQ(written.at("uuid"), to_string(kUuid));
    EXPECT_EQ(written.get<DomainStatus>().state, "running");
}

TEST(Results, ASpecIsThereOrNot) {
    GetResult result;
    EXPECT_FALSE(json(result).contains("spec"));
    EXPECT_FALSE(json(result).get<GetResult>().spec.has_value());
    result.spec = odd_spec();
    EXPECT_EQ(json(result).get<GetResult>().spec, odd_spec());
}

TEST(Schema, DescribesWhatIsWritten) {
    const json schema = schema_of<WaitResult>();
    const json written = WaitResult{};
    for (const auto& [name, value] : written.items())
        EXPECT_TRUE(schema.at("properties").contains(name)) << name;
    EXPECT_EQ(schema.at("properties").at("domid").at("type"), "integer");
    EXPECT_FALSE(schema.contains("additionalProperties"));
    EXPECT_EQ(schema_of<WaitParams>().at("additionalProperties"), false);
}

TEST(Fields, AreToldAloneAndOnlyWhereTheyAreSomething) {
    ListResult list;
    list.domains.resize(2);
    list.domains[0].domain.name = "Domain-0";
    list.domains[0].managed = true;
    list.domains[1].domain = {.uuid = kUuid, .name = "web", .domid = 7};
    list.domains[1].paused = true;
    EXPECT_EQ(json(list).at("domains")[0].size(), 20U);
    list.fields = Fields{"name", "domid", "paused", "memory_kib"};
    const json told = list;
    EXPECT_EQ(
        told.dump(),
        R"({"domains":[{"domid":0,"name":"Domain-0"},{"domid":7,"name":"web","paused":true}]})");
    const auto read = told.get<ListResult>();
    EXPECT_EQ(read.domains[0].domain.domid, 0);
    EXPECT_EQ(read.domains[1].domain.name, "web");
    EXPECT_TRUE(read.domains[1].paused);
    EXPECT_EQ(complaint<ListResult>({{"domains", {{{"name", 7}}}}}),
              R"(domains: member "name" must be a string, not number)");
    EXPECT_EQ(complaint<ListResult>(json::object()), R"(member "domains" is missing)");
}

TEST(Fields, ThatNobodyHasAreRefused) {
    EXPECT_EQ(complaint<ListParams>({{"fields", {"name", "cpu_time_n"}}}),
              R"(there is no field "cpu_time_n"; did you mean "cpu_time_ns"?)");
    EXPECT_EQ(complaint<ListParams>({{"fields", json::array()}}), "");
    // Each is looked for in each domain.
    EXPECT_EQ(complaint<ListParams>({{"fields", std::vector<std::string>(21, "name")}}),
              "21 fields are given, and there are 20");
}

} // namespace
} // namespace pvh::rpc
