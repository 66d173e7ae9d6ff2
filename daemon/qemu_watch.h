// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/asio.h"
#include "libdomain/device/host_devices.h"
#include "libdomain/domain.h"

#include <string>
#include <unordered_set>
#include <vector>

namespace pvh::daemon {

struct Record;
struct Toolstack;

/// Learns of a QEMU that ends before its domain does: that is logged with what it said last, and
/// the guest is told that the devices are gone; each of them is an event, device.lost.
class QemuWatch {
  public:
    explicit QemuWatch(Toolstack& toolstack) : toolstack_{toolstack} {}

    /// Nothing if the domain's spec needs none, or it is followed already.
    void follow(const Record& record);

    /// Of a domain that somebody else has ended: who did not start its QEMU may not have ended it.
    void clean_up(const Record& record);

  private:
    Task<void> watch(Domain domain);
    /// Of a QEMU that has ended. Whether there is another one.
    Task<bool> settle(Domain domain, std::string last_words);
    void tell(const Domain& domain, const std::vector<std::string>& lost,
              const std::string& last_words) const;

    Toolstack& toolstack_;
    std::unordered_set<Uuid> followed_;
};

} // namespace pvh::daemon
