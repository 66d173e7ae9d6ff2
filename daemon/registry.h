// SPDX-License-Identifier: LGPL-2.1-or-later
// Which domains there are, whose they are and what is being done to them. A cache: the truth is in
// Xen, xenstore and the state files. Belongs to the loop thread.
#pragma once

#include "daemon/reconcile.h"
#include "libdomain/core/error.h"
#include "libdomain/domain.h"
#include "libdomain/spec/domain_spec.h"
#include "libdomain/xen/hypervisor.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pvh::daemon {

enum class Op {
    create,
    destroy,
    restart,
    pause,
    unpause,
    shutdown,
    reboot,
    set_vcpus,
    attach,
    detach,
    dump,
    rename,
    set_memory,
    pin_vcpu,
    set_scheduling,
    set_cpupool,
    set_config,
    trigger,
    sysrq
};

std::string_view to_string(Op op);

/// Whom an operation that pvhd began by itself is for.
inline constexpr std::string_view kPolicy = "policy";

/// A domain that exists in Xen.
struct Record {
    Domain domain;
    std::string name;               // empty: xenstore has none
    std::optional<DomainSpec> spec; // of managed domains only: policies never touch others
    bool is_paused{};
    bool is_shutdown{};
    bool is_dying{};
    std::uint8_t shutdown_reason{};
    bool is_end_handled{}; // a policy has taken its ending up
    std::chrono::steady_clock::time_point since{};
    unsigned quick_ends{}; // restarts in a row whose domain ended at once
    std::string remark{};  // what a person who asks for its state should know
    std::uint64_t
        touched{}; // Registry::epoch() when we last learnt or did something; kept by the registry

    [[nodiscard]] bool is_managed() const { return spec.has_value(); }
};

/// A domain that is no more, kept a while for those who ask how it ended.
struct Ended {
    Domain domain;
    std::string name;
    std::string shutdown_reason;
    std::uint64_t epoch{};
};

class Registry;

/// The right to work on a domain; nobody else has it meanwhile. Given back on destruction.
class [[nodiscard]] OperationToken {
  public:
    OperationToken(OperationToken&& other) noexcept;
    OperationToken& operator=(OperationToken&&) = delete;
    OperationToken(const OperationToken&) = delete;
    OperationToken& operator=(const OperationToken&) = delete;
    ~OperationToken();

    [[nodiscard]] const Uuid& uuid() const { return uuid_; }

  private:
    friend class Registry;

    OperationToken(Registry& registry, const Uuid& uuid) : registry_{&registry}, uuid_{uuid} {}

    Registry* registry_;
    Uuid uuid_;
};

class Registry {
  public:
    struct Operation {
        Op op{};
        std::string by;       // "pid 123", or kPolicy
        std::string name;     // of the domain; reserved while it is created
        std::string remark;   // how it stands, if there is something to tell
        bool is_called_off{}; // a restart that failed is not to be tried again
    };

    /// Called after every change that somebody may wait for, with the domid if a domain's record
    /// may be another one now.
    void on_change(std::function<void(std::optional<DomId>)> callback) {
        on_change_ = std::move(callback);
    }

    /// Throws busy, naming what is under way and for whom.
    OperationToken begin(const Uuid& uuid, Op op, std::string by);
    /// As begin, for a domain that is to come: takes its UUID and name. Throws already_exists if
    /// either is in use.
    OperationToken reserve(const Uuid& uuid, const std::string& name, Op op, std::string by);
    /// For a domain whose restart the last pvhd had begun; others may have its name.
    OperationToken resume_restart(const Uuid& uuid, const std::string& name, std::string by);
    [[nodiscard]] const Operation* operation_on(const Uuid& uuid) const;

    [[nodiscard]] const std::unordered_map<Uuid, Operation>& operations() const {
        return operations_;
    }

    /// What there is to tell of what is under way on a domain.
    void remark(const Uuid& uuid, std::string text);
    /// Has a restart by policy end as soon as it fails; nothing if none is under way.
    void call_off(const Uuid& uuid);
    /// A domain that is being created under this name.
    [[nodiscard]] std::optional<Uuid> reserved(std::string_view name) const;

    void add(Record record);
    /// What Xen says of a known domain now.
    void update(const xen::DomainInfo& info);
    void set_paused(DomId id, bool is_paused);
    void rename(DomId id, const std::string& name);
    /// Of a managed domain, whose devices came or went.
    void set_spec(DomId id, DomainSpec spec);
    /// Forgets a domain; nothing if there is none of that domid.
    void remove(DomId id);
    /// For the policy: it has taken this ending up, or leaves it to be taken up.
    void mark_end_handled(DomId id);
    /// What a person should know of a domain; empty: nothing any more.
    void remark(DomId id, std::string text);

    [[nodiscard]] const Record* find(DomId id) const;
    /// The living domain of that UUID; dying ones are not meant.
    [[nodiscard]] const Record* find(const Uuid& uuid) const;
    /// Living domains of that name; foreign toolstacks may make several.
    [[nodiscard]] std::vector<const Record*> find(std::string_view name) const;
    /// Of those that ended lately, the last for which this holds.
    [[nodiscard]] const Ended* find_ended(const std::function<bool(const Ended&)>& matches) const;

    /// Ascending by domid.
    [[nodiscard]] const std::map<DomId, Record>& records() const { return records_; }

    /// For reconcile().
    [[nodiscard]] std::vector<Known> known() const;
    /// Managed domains that have ended, with nothing under way on them and no policy yet.
    [[nodiscard]] std::vector<Domain> due_endings() const;

    /// epoch() when a build was last undone: what Xen said before may have that domain.
    [[nodiscard]] std::uint64_t last_undone() const { return last_undone_; }

    /// Grows with each change: tells an answer of Xen that is older than what we know.
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

  private:
    friend class OperationToken;

    void end_operation(const Uuid& uuid) noexcept;
    void require_unused(const Uuid& uuid, const std::string& name) const;
    void index(const Record& record);
    void unindex(const Record& record);
    void note_ended(const Record& record);
    /// Without telling; false if there is none.
    bool drop(DomId id);
    void changed(std::optional<DomId> id = std::nullopt) const;

    std::map<DomId, Record> records_;
    std::unordered_map<Uuid, DomId> living_;               // by UUID
    std::multimap<std::string, DomId, std::less<>> names_; // living ones
    std::set<DomId> stopped_; // managed and shut down: what due_endings looks through
    std::unordered_map<Uuid, Operation> operations_;
    std::map<std::string, Uuid, std::less<>> reserved_names_;
    std::vector<Ended> ended_; // the last few, oldest first
    std::uint64_t epoch_{0};
    std::uint64_t last_undone_{0};
    std::function<void(std::optional<DomId>)> on_change_;
};

/// Errc::busy, saying what is under way and for whom.
Error busy_with(const Registry::Operation& operation);

} // namespace pvh::daemon
