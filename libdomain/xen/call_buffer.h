// SPDX-License-Identifier: LGPL-2.1-or-later
// Private to this room.
#pragma once

#include "libdomain/core/error.h"
#include "libdomain/xen/xen_headers.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

namespace pvh::xen {

/// Memory that Xen may read and write during a hypercall.
template <class T> class CallBuffer {
  public:
    CallBuffer(xc_interface* xc, std::size_t count)
        : call_{xc_interface_xcall_handle(xc)}, data_{static_cast<T*>(xencall_alloc_buffer(
                                                    call_,
                                                    std::max<std::size_t>(count, 1) * sizeof(T)))},
          count_{count} {
        if (data_ == nullptr) throw Error{Errc::no_memory, "allocating a hypercall buffer", errno};
        std::memset(static_cast<void*>(data_), 0, count * sizeof(T));
    }

    CallBuffer(const CallBuffer&) = delete;
    CallBuffer& operator=(const CallBuffer&) = delete;

    ~CallBuffer() { xencall_free_buffer(call_, data_); }

    [[nodiscard]] T* data() const { return data_; }

    [[nodiscard]] std::span<T> span() const { return {data_, count_}; }

  private:
    xencall_handle* call_;
    T* data_;
    std::size_t count_;
};

} // namespace pvh::xen
