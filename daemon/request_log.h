// SPDX-License-Identifier: LGPL-2.1-or-later
// Requests that name themselves (`request_id`): what they came to is remembered, also over a
// restart of pvhd, so that a client that did not get its answer may ask again and nothing is done
// twice.   [rpc/protocol.md, "Doing things once"]
#pragma once

#include "rpc/messages.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace pvh::daemon {

/// One try of such a request, for the method that carries it out.
class Once {
  public:
    Once(std::optional<rpc::Identity> earlier, std::function<void(const rpc::Identity&)> note)
        : earlier_{std::move(earlier)}, note_{std::move(note)} {}

    /// The domain that an earlier try was about, whose pvhd died before it could answer.
    [[nodiscard]] const std::optional<rpc::Identity>& earlier() const { return earlier_; }

    /// To be called before anything is done to that domain.
    void begin(const rpc::Identity& domain) const { note_(domain); }

  private:
    std::optional<rpc::Identity> earlier_;
    std::function<void(const rpc::Identity&)> note_;
};

/// Belongs to the loop thread.
class RequestLog {
  public:
    struct Key {
        std::uint32_t uid{}; // ids of different users are different
        std::string id;
        friend auto operator<=>(const Key&, const Key&) = default;
    };

    struct Entry {
        std::string digest;                   // of method and parameters
        bool is_under_way{};                  // now, in this process
        std::optional<rpc::Identity> subject; // what begin() was told
        bool is_subject_earlier{};            // by a pvhd before this one
        std::optional<nlohmann::json> result; // once it has succeeded
        std::uint64_t age{};                  // the lower the older
    };

    /// Reads what the last pvhd of this boot of the host has left in the file `path`; anything else
    /// there is dropped with a warning.
    RequestLog(std::string path, std::string host_boot_id);

    /// A short name of a method with its parameters: equal for equal ones.
    static std::string digest_of(std::string_view method, const nlohmann::json& params);

    /// Null if there is none.
    [[nodiscard]] const Entry* find(const Key& key) const;

    /// A try begins. The file says so only once note_subject() is called.
    void begin(const Key& key, const std::string& digest);
    void note_subject(const Key& key, const rpc::Identity& subject);
    void succeed(const Key& key, const nlohmann::json& result);
    /// It changed nothing: a later try is a new one. What a pvhd before this one had begun stays
    /// known until a try succeeds.
    void fail(const Key& key);

    /// So many of a user are remembered that are not under way; the oldest go first.
    static constexpr std::size_t kKept = 1024;

  private:
    void take_up();
    void take_line(const nlohmann::json& line);
    void write_file();
    void write_entry(const Key& key);
    void forget_oldest(std::uint32_t uid);

    std::string path_;
    std::string host_boot_id_;
    std::map<Key, Entry> entries_;
    std::uint64_t next_age_{0};
    std::size_t lines_{0};     // in the file
    bool is_file_whole_{true}; // a write that failed may have left a piece of a line
};

} // namespace pvh::daemon
