// SPDX-License-Identifier: LGPL-2.1-or-later
// What could stand where a word is being typed. The scripts of the shells ask this at each Tab.
#pragma once

#include "cli/connection.h"

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace pvh::cli {

struct Candidate {
    std::string word;
    std::string about; // for shells that show it; may be empty
};

enum class Paths : std::uint8_t { none, files, folders };

struct Completion {
    std::vector<Candidate> candidates;
    /// Paths may stand there, too: shells know best how these are found and quoted.
    Paths paths = Paths::none;
};

/// `words` is what stands behind "pvhctl", the last of it being typed. Candidates are whole words
/// and not yet those that begin like it: shells have rules of their own for that. Commands, options
/// and what a word is (a domain, a file, ...) come from the tree, where it is the type of an
/// option's value, or the name of a positional. The daemon is asked for names; without an answer
/// there are none.
Completion complete(const ::CLI::App& app, const std::vector<std::string>& words,
                    Connection& daemon);

/// A line each: the word, and behind a tab what it is; ":files" or ":folders" for paths.
std::string completion_lines(const Completion& completion);

} // namespace pvh::cli
