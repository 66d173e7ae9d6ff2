// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <utility>

#include <unistd.h>

namespace pvh {

/// Owns one value that must be given back. `Traits` has `using type`, `static constexpr type
/// none()` and `static void close(type) noexcept`. Constructed open or empty; move-only.
template <class Traits> class UniqueHandle {
  public:
    using type = typename Traits::type;

    UniqueHandle() = default;

    explicit UniqueHandle(type value) : value_{value} {}

    UniqueHandle(UniqueHandle&& other) noexcept : value_{other.release()} {}

    UniqueHandle& operator=(UniqueHandle&& other) noexcept {
        if (this != &other) {
            reset();
            value_ = other.release();
        }
        return *this;
    }

    UniqueHandle(const UniqueHandle&) = delete;
    UniqueHandle& operator=(const UniqueHandle&) = delete;

    ~UniqueHandle() { reset(); }

    [[nodiscard]] type get() const { return value_; }

    explicit operator bool() const { return value_ != Traits::none(); }

    [[nodiscard]] type release() { return std::exchange(value_, Traits::none()); }

    void reset() noexcept {
        if (*this) Traits::close(release());
    }

  private:
    type value_{Traits::none()};
};

struct FdTraits {
    using type = int;

    static constexpr int none() { return -1; }

    static void close(int fd) noexcept { ::close(fd); }
};

using UniqueFd = UniqueHandle<FdTraits>;

} // namespace pvh
