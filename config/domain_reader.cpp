// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/domain_reader.h"

#include "config/number.h"

#include <limits>
#include <optional>
#include <string_view>
#include <variant>

#include <fmt/format.h>

namespace pvh::config {

namespace {

class DomainReader {
  public:
    DomainReader(Settings& settings, const std::string& directory, Diagnostics& diagnostics)
        : settings_{settings}, directory_{directory}, diagnostics_{diagnostics} {}

    DomainSpec run() {
        check_type();
        read_identity();
        read_boot();
        read_memory();
        read_vcpus();
        read_actions();
        return std::move(spec_);
    }

  private:
    // -- values; check_options vouches for their shape

    [[nodiscard]] std::optional<std::string> text(std::string_view key) const {
        const Setting* setting = settings_.find_sound(key);
        if (setting == nullptr) return std::nullopt;
        return setting->text();
    }

    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key) const {
        const auto written = text(key);
        if (!written) return std::nullopt;
        return std::get<std::uint64_t>(parse_number(*written));
    }

    /// A count that fits; validate() knows the real bounds, which are far lower.
    [[nodiscard]] std::optional<unsigned> count(std::string_view key) const {
        constexpr std::uint64_t kMost = std::numeric_limits<unsigned>::max();
        const auto value = number(key);
        if (!value) return std::nullopt;
        return static_cast<unsigned>(std::min(*value, kMost));
    }

    void read_action(std::string_view key, EndAction& action) {
        if (const auto word = text(key)) action = parse_end_action(*word).value_or(action);
    }

    /// A path as the daemon can open it, whose own folder is another one.
    std::string path(std::string_view key) {
        const auto written = text(key);
        if (!written || written->empty() || written->front() == '/') return written.value_or("");
        if (directory_.starts_with('/'))
            return directory_ + (directory_.ends_with('/') ? "" : "/") + *written;
        fail(key, fmt::format("{} is a relative path, and there is no folder to start from",
                              in_quotes(*written)));
        return {};
    }

    void fail(std::string_view key, std::string message, std::string hint = {}) {
        const Setting* setting = settings_.find(key);
        const Span where = setting != nullptr ? setting->value_span() : Span{};
        diagnostics_.error(where, std::move(message), std::move(hint));
        settings_.mark_faulty(key);
    }

    // -- groups of options

    /// xl's default is a PV guest, and it compares prefixes; here the word must be whole.
    void check_type() {
        if (settings_.find("type") == nullptr)
            return diagnostics_.warning({},
                                        "no type is given, pvh is taken; xl would make a PV guest",
                                        "add type = \"pvh\"");
        const auto type = text("type");
        if (!type || *type == "pvh") return;
        const bool is_known = *type == "hvm" || *type == "pv";
        fail("type",
             is_known ? fmt::format("{}: this toolstack manages PVH guests only", in_quotes(*type))
                      : fmt::format("{} is no type of guest", in_quotes(*type)),
             "write type = \"pvh\"");
    }

    void read_identity() {
        spec_.name = text("name").value_or("");
        if (const auto uuid = text("uuid")) spec_.uuid = parse_uuid(*uuid);
    }

    void read_boot() {
        spec_.kernel = path("kernel");
        spec_.ramdisk = path("ramdisk");
        spec_.cmdline = read_cmdline();
    }

    /// cmdline, else root= and extra joined, as xl does.   [xl_parse.c parse_cmdline]
    std::string read_cmdline() {
        const auto root = text("root");
        const auto extra = text("extra");
        const auto cmdline = text("cmdline");
        if (!cmdline) {
            if (!root) return extra.value_or("");
            return extra ? fmt::format("root={} {}", *root, *extra) : fmt::format("root={}", *root);
        }
        for (const std::string_view loser : {"root", "extra"})
            if (const Setting* setting = settings_.find(loser))
                diagnostics_.warning(setting->key_span(),
                                     fmt::format("{} has no effect because cmdline is set", loser));
        return *cmdline;
    }

    void read_memory() {
        const auto memory = number("memory");
        const auto most = number("maxmem");
        if (memory || most) spec_.memory_mib = memory ? *memory : *most;
        spec_.max_memory_mib = most.value_or(spec_.memory_mib);
    }

    /// maxvcpus alone leaves one vCPU online, as in xl.
    void read_vcpus() {
        spec_.vcpus = count("vcpus").value_or(spec_.vcpus);
        spec_.max_vcpus = count("maxvcpus").value_or(spec_.vcpus);
    }

    void read_actions() {
        read_action("on_poweroff", spec_.on_poweroff);
        read_action("on_reboot", spec_.on_reboot);
        read_action("on_crash", spec_.on_crash);
        read_action("on_watchdog", spec_.on_watchdog);
        read_action("on_soft_reset", spec_.on_soft_reset);
    }

    Settings& settings_;
    const std::string& directory_;
    Diagnostics& diagnostics_;
    DomainSpec spec_;
};

} // namespace

DomainSpec read_spec(Settings& settings, const std::string& directory, Diagnostics& diagnostics) {
    return DomainReader{settings, directory, diagnostics}.run();
}

} // namespace pvh::config
