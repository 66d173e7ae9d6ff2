// SPDX-License-Identifier: LGPL-2.1-or-later
// Domains that are built before anybody asks for them. Of each class so many wait: built,
// introduced, paused, listed nowhere. A create that fits one takes it, gives it its name, UUID,
// command line and devices, and need not build.
#pragma once

#include "daemon/asio.h"
#include "daemon/build_job.h"
#include "daemon/change_signal.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
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

    /// One that becomes somebody's: it goes back when this ends, unless it was used.
    class [[nodiscard]] Taken {
      public:
        Taken(Pool& pool, std::size_t shelf, Prepared prepared);
        Taken(const Taken&) = delete;
        Taken& operator=(const Taken&) = delete;
        ~Taken();

        [[nodiscard]] const Uuid& uuid() const { return prepared_.domain.uuid; }

        /// From now on whoever has it answers for it, and for who it becomes.
        Prepared use(const Uuid& wanted);

      private:
        Pool& pool_;
        std::size_t shelf_;
        Prepared prepared_;
        std::optional<Uuid> wanted_; // once it is used
    };

    /// One that can become what is wanted. Counts whether there was one.
    std::unique_ptr<Taken> take(const DomainSpec& wanted);

    /// Whether a domain is one of those that wait, or will be, or is about to get another UUID.
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

    /// One that is destroyed or has got another UUID, until Xen does not tell of it any more.
    struct Leaving {
        Domain domain;
        std::optional<Clock::time_point> since; // it is so
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
    std::set<Uuid> taken_;
    std::vector<Leaving> leaving_;
    ChangeSignal needed_;            // or one has been made, or destroyed
    unsigned builds_{};              // that have precedence
    Clock::time_point not_before_{}; // one is begun
    std::uint64_t hits_{}, misses_{};
};

} // namespace pvh::daemon
