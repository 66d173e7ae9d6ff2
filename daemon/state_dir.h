// SPDX-License-Identifier: LGPL-2.1-or-later
// What the daemon must remember of its domains over a restart of itself: one file a domain,
// <uuid>.json.
#pragma once

#include "libdomain/core/ids.h"
#include "libdomain/core/unique_handle.h"
#include "libdomain/core/uuid.h"
#include "libdomain/spec/domain_spec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pvh::daemon {

/// How far a domain was when its file was written: what the next pvhd does with what it finds of
/// it.
enum class Phase {
    building,   // its build was cut short: it is rolled back
    complete,   // it lives on
    restarting, // its policy restarts it: what there is of it, old or new, makes room for a new one
    ending,     // it is being destroyed: that is brought to an end
    replacing,  // as restarting, but what has ended is kept: it gets another UUID first
    setting_aside // what is kept, under that UUID: its devices and its name have to go
};

struct StoredDomain {
    Phase phase{};
    DomainSpec spec;            // with a uuid
    std::optional<DomId> domid; // for people: domids are reused, adoption goes by UUID
    bool is_to_run{};           // as soon as it is built
};

/// As the kernel has it; empty if it cannot be read.   [proc(5), /proc/sys/kernel/random/boot_id]
std::string host_boot_id();

/// A value: the path, and what can be done there. Different domains may be saved and removed by
/// different threads.
class StateDir {
  public:
    /// `boot_id` tells this boot of the host from all others: domains do not outlive it.
    explicit StateDir(std::string path, std::string boot_id = host_boot_id())
        : path_{std::move(path)}, boot_id_{std::move(boot_id)} {}

    /// Makes the folder (mode 0700) if it is not there, and takes it for this process alone: two
    /// daemons must not both run policies on the same domains. Throws busy if another has it,
    /// invalid_config if it is another user's. The lock lasts as long as the handle.
    [[nodiscard]] UniqueFd claim() const;

    /// Every file that can be believed. Others (not regular, of another owner, too long, no JSON,
    /// of another schema, with a spec that is none) are moved to quarantine/ with a warning; those
    /// of another boot of the host are removed.
    [[nodiscard]] std::vector<StoredDomain> load() const;

    /// What the file of one says; nothing if there is none that can be believed.
    [[nodiscard]] std::optional<StoredDomain> find(const Uuid& uuid) const;

    /// Replaces the domain's file: whoever reads sees the old one or the new one.
    void save(const StoredDomain& domain) const;
    /// No error if there is none; a failure is logged.
    void remove(const Uuid& uuid) const noexcept;

    /// The config of a domain's next life, beside its file; gone with that.
    void save_next(const DomainSpec& spec) const;
    /// Nothing if there is none, or none that can be believed, with a warning.
    [[nodiscard]] std::optional<DomainSpec> load_next(const Uuid& uuid) const;
    void remove_next(const Uuid& uuid) const noexcept;

    [[nodiscard]] const std::string& path() const { return path_; }

    /// Of the host.
    [[nodiscard]] const std::string& boot_id() const { return boot_id_; }

  private:
    [[nodiscard]] std::string file_of(const Uuid& uuid) const;
    [[nodiscard]] std::string next_file_of(const Uuid& uuid) const;
    void write(const std::string& path, const StoredDomain& domain) const;
    void quarantine(const std::string& file, const std::string& why) const;

    std::string path_;
    std::string boot_id_;
};

} // namespace pvh::daemon
