// SPDX-License-Identifier: LGPL-2.1-or-later
// The one exception type. Failure is thrown; ordinary absence is std::optional; teardown is
// noexcept and logs.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pvh {

/// What kind of failure: the contract on the wire (rpc/protocol.md) and of pvhctl's exit statuses.
/// Texts are for people and may change.
enum class Errc {
    not_found,
    already_exists,
    bad_state,
    busy,
    no_memory,
    invalid_config,
    invalid_kernel,
    unsupported,
    permission_denied,
    timeout,
    cancelled,
    xen_error,
    xenstore_error,
    conflict,
    internal,
    events_lost,
    device_failed,
};

/// How many codes there are.
inline constexpr std::size_t kErrcs = static_cast<std::size_t>(Errc::device_failed) + 1;

/// The stable string of a code, e.g. "invalid_kernel".
std::string_view to_string(Errc code);

class Error : public std::runtime_error {
  public:
    /// `what` names the operation, the object and the numbers, without a full stop.
    Error(Errc code, std::string what);
    /// As above; appends "strerror (ENAME)" of `sys_errno`.
    Error(Errc code, std::string_view what, int sys_errno);

    [[nodiscard]] Errc code() const noexcept { return code_; }

    [[nodiscard]] int sys_errno() const noexcept { return sys_errno_; }

    /// One sentence on what to do about it; may be empty.
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

    /// The build stage or operation that failed; may be empty.
    [[nodiscard]] const std::string& stage() const noexcept { return stage_; }

    [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

    /// Prefixes "context: ", for the stage boundary that knows the object.
    Error& add_context(std::string_view context);
    Error& with_hint(std::string hint) &;
    /// For `throw Error{...}.with_hint(...)`: what is thrown is a value.
    Error with_hint(std::string hint) &&;
    Error& at_stage(std::string_view stage);

  private:
    Errc code_;
    int sys_errno_{0};
    std::string text_;
    std::string hint_;
    std::string stage_;
};

} // namespace pvh
