// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/uuid.h"

#include <algorithm>
#include <cctype>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace pvh {

namespace {

bool has_uuid_shape(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_dash_place = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash_place ? text[i] != '-'
                          : std::isxdigit(static_cast<unsigned char>(text[i])) == 0)
            return false;
    }
    return true;
}

Uuid from_boost(const boost::uuids::uuid& other) {
    Uuid uuid;
    std::copy(other.begin(), other.end(), uuid.bytes.begin());
    return uuid;
}

} // namespace

std::optional<Uuid> parse_uuid(std::string_view text) {
    // Boost also takes braces and dashless forms, which xl refuses: the shape is checked first.
    if (!has_uuid_shape(text)) return std::nullopt;
    return from_boost(boost::uuids::string_generator{}(text.begin(), text.end()));
}

std::string to_string(const Uuid& uuid) {
    boost::uuids::uuid other{};
    std::copy(uuid.bytes.begin(), uuid.bytes.end(), other.begin());
    return boost::uuids::to_string(other);
}

Uuid random_uuid() {
    return from_boost(boost::uuids::random_generator{}());
}

} // namespace pvh
