// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/console/history.h"
#include "libdomain/core/uuid.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pvh::console {

/// The folder of histories: a file for each domain, called by its UUID. What is no file of ours
/// there is passed over.
class Histories {
  public:
    using IsLive = std::function<bool(const Uuid&)>;

    /// Those of so many ended domains are kept; the oldest go first.
    static constexpr std::size_t kEnded = 32;

    struct Found {
        Uuid uuid;
        std::shared_ptr<History> history;
    };

    /// Makes the folder, for root alone.
    explicit Histories(std::string folder);

    /// The one to write to; the same object for as long as anybody holds it, also over lives of
    /// the domain.
    std::shared_ptr<History> open(const Uuid& uuid);
    [[nodiscard]] std::shared_ptr<History> find(const Uuid& uuid) const;
    /// The latest of that name.
    [[nodiscard]] std::optional<Found> find_named(const std::string& name) const;

    /// Of a domain that nobody will ask for by that UUID.
    void forget(const Uuid& uuid);
    /// Removes what is beyond kEnded.
    void prune(const IsLive& is_live) const;

  private:
    [[nodiscard]] std::string path_of(const Uuid& uuid) const;

    std::string folder_;
    std::map<Uuid, std::weak_ptr<History>> open_;
};

} // namespace pvh::console
