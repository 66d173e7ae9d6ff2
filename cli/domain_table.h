// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "rpc/messages.h"

#include <string>

namespace pvh::cli {

/// The header of `xl list`, to the byte.
std::string domain_header();
/// The line of `xl list`, to the byte.
std::string domain_row(const rpc::DomainStatus& domain);

/// Six letters: r b p s, why it shut down (one of -rscwS, or ?), d.
std::string state_letters(const rpc::DomainStatus& domain);

} // namespace pvh::cli
