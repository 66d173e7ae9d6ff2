// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "rpc/messages.h"

#include <string>
#include <string_view>

namespace pvh::cli {

/// What a <DOM> argument names: digits only are a domid, the shape of a UUID a UUID, anything else
/// a name. Throws Errc::not_found for a number that no domain can have.
rpc::Selector parse_selector(const std::string& argument);

/// The domain a reply was about, by its number. A restart gives it another: what is asked for then
/// is gone.
rpc::Selector select_domid(const rpc::Identity& domain);

} // namespace pvh::cli
