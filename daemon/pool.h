// SPDX-License-Identifier: LGPL-2.1-or-later
// Domains that are built before anybody asks for them. Of each class so many wait: built,
// introduced, paused, listed nowhere. A create that fits one takes it, gives it its name, command
// line and devices, and need not build.
#pragma once

#include "daemon/asio.h"
#include "daemon/build_job.h"
#include "daemon/change_signal.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pvh::daemon {

struct Toolstack;

/// What is built ahead.
struct PoolClass {
    std::string file; // that describes it
    DomainSpec spec;  // valid
    unsigned size{};  // how many are to wait
};

class Pool {
  public:
    explicit Pool(Toolstack& toolstack) : toolstack_{toolstack} {}

    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// From now on these, in at most so much memory.
    void start(std::vector<PoolClass> classes, std::uint64_t max_mib);

    /// While there is one, none is begun: what somebody waits for comes first.
    class [[nodiscard]] Precedence {
      public:
        explicit Precedence(Pool& pool);
        ~Precedence();
        Precedence(const Precedence&) = delete;
        Precedence& operator=(const Precedence&) = delete;

      private:
        Pool& pool_;
    };

    /// One that becomes what is wanted, whose UUID does not matter yet; from then on the caller's.
    /// Counts whether there was one.
    std::optional<Prepared> take(const DomainSpec& wanted);
    /// Untouched, since it was not needed after all.
    void put_back(Prepared prepared);

    /// Whether a domain is one of those that wait, or will be.
    [[nodiscard]] bool owns(const Uuid& uuid) const;
    /// What Xen had when it was asked: those that somebody has destroyed are cleared up.
    void look(std::span<const xen::DomainInfo> present, Clock::time_point asked);

    /// Destroys all, for their memory, the one in the making too: true if there were any. They are
    /// built again later.
    Task<bool> give_back();
    /// Destroys all, for good.
    Task<void> close();
    [[nodiscard]] bool is_empty() const;

    struct Figures {
        std::string file;
        unsigned wanted{};
        std::size_t ready{};
    };

    [[nodiscard]] std::vector<Figures> figures() const;

    [[nodiscard]] std::uint64_t hits() const { return hits_; }

    [[nodiscard]] std::uint64_t misses() const { return misses_; }

  private:
    struct Waiting {
        Prepared what;
        Clock::time_point since;
    };

    struct Shelf {
        PoolClass what;
        std::vector<Waiting> ready;
    };

    /// One that is destroyed, until Xen does not tell of it any more.
    struct Leaving {
        Domain domain;
        std::optional<Clock::time_point> destroyed;
    };

    Task<void> keep_full();
    /// The class that lacks most, of those there is memory for.
    Shelf* neediest();
    Task<void> fill(Shelf& shelf);
    [[nodiscard]] std::uint64_t held_mib() const;
    Task<void> destroy(Domain domain);
    [[nodiscard]] bool is_any_leaving() const;

    Toolstack& toolstack_;
    std::vector<Shelf> shelves_; // as they were at the start
    std::uint64_t max_mib_{};
    std::optional<Uuid> in_the_making_;
    std::vector<Leaving> leaving_;
    ChangeSignal needed_;            // or one has been made, or destroyed
    unsigned builds_{};              // that have precedence
    Clock::time_point not_before_{}; // one is begun
    std::uint64_t hits_{}, misses_{};
};

} // namespace pvh::daemon
