// SPDX-License-Identifier: LGPL-2.1-or-later
// The one door to Boost.Asio, so that what its coroutines need of the compiler is said once.
//
// g++ 12 destroys some temporaries of a co_await expression twice. Three habits keep clear of it:
//   * give every lambda and every aggregate a name before the co_await it is for;
//   * coroutines take their parameters by value;
//   * a member coroutine belongs to an object that outlives the loop, or its caller holds
//   shared_from_this().
#pragma once

#include <chrono>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

namespace pvh::daemon {

namespace asio = boost::asio;

/// A coroutine of the loop thread.
template <class T> using Task = asio::awaitable<T>;

using Clock = std::chrono::steady_clock;
using UnixSocket = asio::local::stream_protocol::socket;

} // namespace pvh::daemon
