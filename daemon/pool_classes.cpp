// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/pool_classes.h"

#include "config/read_config.h"
#include "libdomain/core/error.h"
#include "libdomain/core/file.h"
#include "libdomain/core/log.h"
#include "libdomain/spec/validate.h"
#include "rpc/limits.h"

#include <filesystem>
#include <utility>

namespace pvh::daemon {

namespace {

DomainSpec read_spec(const std::string& file) {
    const Bytes bytes = read_regular_file(file, rpc::kMaxLine, "config");
    config::ReadResult read = config::read_domain_config(
        {.name = file, .text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()}}, {},
        std::filesystem::path{file}.parent_path().string());
    for (const std::string& warning : read.warnings)
        log::warn("{}", warning);
    read.spec.uuid = random_uuid(); // of none, for the rules
    require_valid(read.spec);
    if (read.spec.uses_local_time)
        throw Error{Errc::unsupported, "localtime: the hour may change while a domain waits"};
    read.spec.disks.clear();
    read.spec.nics.clear();
    read.spec.channels.clear();
    read.spec.p9.clear();
    read.spec.vtpms.clear();
    return std::move(read.spec);
}

} // namespace

std::vector<PoolClass> read_pool_classes(const std::vector<PoolEntry>& entries) {
    std::vector<PoolClass> classes;
    for (const PoolEntry& entry : entries) {
        try {
            classes.push_back({entry.file, read_spec(entry.file), entry.size});
        } catch (const Error& e) {
            log::error("none are built ahead by \"{}\": {}", entry.file, e.what());
        }
    }
    return classes;
}

} // namespace pvh::daemon
