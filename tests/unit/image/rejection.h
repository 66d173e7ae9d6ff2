// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/error.h"
#include "libdomain/image/kernel_image.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {

/// The error that `act` throws; fails the test if it throws none.
template <class Act> Error error_of(Act act) {
    try {
        act();
    } catch (const Error& e) {
        return e;
    }
    ADD_FAILURE() << "accepted";
    return Error{Errc::internal, "accepted"};
}

/// The sentence with which a kernel file is refused.
inline std::string rejection_of(const Bytes& file, const image::Limits& limits = {}) {
    const Error error = error_of([&] { image::parse_kernel(file, limits); });
    EXPECT_EQ(error.code(), Errc::invalid_kernel) << error.what();
    return error.what();
}

inline std::string hint_of(const Bytes& file) {
    return error_of([&] { image::parse_kernel(file); }).hint();
}

} // namespace pvh::test
