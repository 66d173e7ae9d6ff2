// SPDX-License-Identifier: LGPL-2.1-or-later
// What has happened to domains: numbered without gaps, the last few thousand kept, also over a
// restart of pvhd.   [rpc/protocol.md, "Events"]
#pragma once

#include "libdomain/core/error.h"
#include "rpc/messages.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace pvh::daemon {

/// A living domain as somebody knows it who has heard of every event.
struct ToldDomain {
    rpc::Identity identity;
    bool is_paused{};
    std::string shutdown_reason; // empty: it has not ended
};

/// By domid.
using ToldDomains = std::map<std::uint16_t, ToldDomain>;

/// Belongs to the loop thread.
class EventLog {
  public:
    /// Takes up what the last pvhd has left in the file `path`. Where there is nothing of this boot
    /// of the host, or nothing to be believed, a new log begins, with a boot_id of its own.
    EventLog(std::string path, std::string host_boot_id);

    /// First into the file, then for all to see. A full disk loses no event, but a later pvhd will
    /// begin a new log then.
    void append(rpc::EventType type, const rpc::Identity& domain, rpc::EventData data = {});

    [[nodiscard]] const std::string& boot_id() const { return boot_id_; }

    /// Numbers: of the oldest event that is kept, and of the one to come.
    [[nodiscard]] std::uint64_t first() const { return next_ - events_.size(); }

    [[nodiscard]] std::uint64_t next() const { return next_; }

    /// One that is kept.
    [[nodiscard]] const rpc::Event& at(std::uint64_t seq) const {
        return events_.at(seq - first());
    }

    [[nodiscard]] const ToldDomains& told() const { return told_; }

    /// So many events are kept.
    static constexpr std::size_t kKept = 2048;

  private:
    void take_up();
    void begin_anew();
    void learn(const rpc::Event& event);
    /// The file as it would be if only what is kept had ever been in it.
    void write_file();
    void write_line(const rpc::Event& event);
    void give_up_file(const Error& why);

    std::string path_;
    std::string host_boot_id_;
    std::string boot_id_;
    std::uint64_t next_{1};
    std::deque<rpc::Event> events_;
    ToldDomains told_;
    bool has_file_{false};
    std::size_t lines_{0}; // of events, in the file
};

} // namespace pvh::daemon
