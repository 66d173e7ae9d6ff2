// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything there is to say about a config, whether it is accepted or not.
#pragma once

#include "config/check_options.h"
#include "config/source.h"
#include "libdomain/spec/domain_spec.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::config {

/// What becomes of one option that a config sets.
enum class Verdict : std::uint8_t {
    used,
    ignored,     // has no effect on a PVH domain, or beside another option
    overridden,  // by a later one of its name
    not_applied, // this release passes over it
    not_yet,     // this release cannot do it, and refuses the config
    refused,     // no PVH domain can have it, or the value is wrong
    faulty,      // not in the language
    unknown,
};

std::string_view word_of(Verdict verdict);

struct KeyVerdict {
    std::string key;
    Verdict verdict{};
    std::string file;
    Place place;
    std::string why; // e.g. what overrides it; may be empty
};

/// One error or warning, taken apart.
struct Complaint {
    bool is_error{};
    /// The text is right, a later release will do it.
    bool is_only_this_release{};
    std::string file;
    Place place;
    std::string message;
    std::string hint; // may be empty
};

struct CheckResult {
    DomainSpec spec; // valid if there is no error but of this release; else as far as it was read
    std::vector<KeyVerdict> keys;      // in the order of the text
    std::vector<Complaint> complaints; // in the order of the text
    std::string report; // all complaints, with the lines they point at: ready to print; not ended
    std::vector<std::string> warnings; // one line each: file:line:col: warning: ...
    bool has_errors{};

    /// Whether the text is in the language, and asks for nothing that no PVH domain can have.
    [[nodiscard]] bool is_sound() const;
};

/// Reads one domain's config. `overrides` are arguments of a command line (key=value), read after
/// the file in their order. `directory` is absolute; relative paths start there. Neither files nor
/// Xen are touched. The texts are untrusted: their cost is bounded (config/limits.h). Throws
/// Errc::invalid_config only for texts beyond those bounds.
CheckResult check_domain_config(const Source& file, const std::vector<std::string>& overrides,
                                const std::string& directory, Unknown unknown = Unknown::warned);

} // namespace pvh::config
