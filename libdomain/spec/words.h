// SPDX-License-Identifier: LGPL-2.1-or-later
// Enumerations whose values have a word, the same in xl.cfg, in JSON and in messages.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace pvh {

/// Specialised beside each such enumeration: the word of every enumerator, in their order.
template <class E> inline constexpr std::nullptr_t kWords = nullptr;

template <class E>
concept Worded =
    std::is_enum_v<E> && !std::same_as<std::remove_cv_t<decltype(kWords<E>)>, std::nullptr_t>;

template <Worded E> constexpr std::string_view word_of(E value) {
    return kWords<E>.at(static_cast<std::size_t>(value));
}

template <Worded E> constexpr std::optional<E> enum_of(std::string_view word) {
    const auto found = std::find(kWords<E>.begin(), kWords<E>.end(), word);
    if (found == kWords<E>.end()) return std::nullopt;
    return static_cast<E>(found - kWords<E>.begin());
}

} // namespace pvh
