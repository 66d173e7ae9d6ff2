// SPDX-License-Identifier: LGPL-2.1-or-later
// What the probe (tests/probe) says, held against its table of clauses.
#pragma once

#include "libdomain/core/guest_types.h"

#include <string>
#include <string_view>
#include <vector>

namespace pvh::cli {

enum class Verdict { pass, fail, skip };

std::string_view word_of(Verdict verdict);

/// What was seen of one clause in one domain.
struct Outcome {
    std::string clause; // id
    Verdict verdict{};
    std::string seen;
    std::string domain; // what kind of domain it was seen in, e.g. "probe64, 4 vCPUs"
};

/// The outcomes in a console's text. What a probe did not live to say is one more failure, of the
/// clause "probe.end".
std::vector<Outcome> read_probe(std::string_view console, const std::string& domain);

/// The entry state as Xen keeps it, for what a guest cannot see of it. `entry` and `start_info` are
/// what domain.plan announced.
std::vector<Outcome> judge_entry(const VcpuState& state, std::uint64_t entry,
                                 std::uint64_t start_info, const std::string& domain);

/// One line of the table: a clause over all domains.
struct ClauseSummary {
    std::string clause;
    std::string source;  // the document; empty if the clause is unknown
    std::string promise; // what it says, in our words
    Verdict verdict{};
    std::string seen; // of the first failure, or else of the first that decided it
    std::string domain;
};

/// Clauses in the order of the table, then those that it does not know. Failed if it failed
/// anywhere, skipped only if nobody could decide it. Only ids that hold one of `patterns`; all if
/// there is none.
std::vector<ClauseSummary> summarise(const std::vector<Outcome>& outcomes,
                                     const std::vector<std::string>& patterns);

struct ClauseName {
    std::string_view id;
    std::string_view promise;
};

/// The whole table, in its order.
std::vector<ClauseName> clause_names();

} // namespace pvh::cli
