// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/journal.h"

#include "libdomain/core/uuid.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/uio.h>
#include <syslog.h>

#define SD_JOURNAL_SUPPRESS_LOCATION // that of the sink says nothing
#include <systemd/sd-journal.h>

namespace pvh::daemon {

namespace {

/// Up to the next blank outside of quotes; takes it from `text`.
std::string_view take_word(std::string_view& text) {
    bool is_quoted = false;
    std::size_t end = 0;
    for (; end < text.size() && (is_quoted || text[end] != ' '); ++end) {
        if (text[end] == '\\' && is_quoted)
            ++end;
        else if (text[end] == '"')
            is_quoted = !is_quoted;
    }
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

/// What stands between the quotes, if nothing else is there.
std::optional<std::string_view> unquoted(std::string_view word) {
    if (word.size() < 2 || word.front() != '"' || word.back() != '"') return std::nullopt;
    return word.substr(1, word.size() - 2);
}

bool is_domid(std::string_view word) {
    return word.size() > 1 && word.size() <= 6 && word[0] == 'd' &&
           std::all_of(word.begin() + 1, word.end(),
                       [](unsigned char c) { return std::isdigit(c) != 0; });
}

class Fields {
  public:
    void add(const char* name, std::string_view value) {
        const std::string prefix = fmt::format("{}=", name);
        const bool is_known = std::any_of(fields_.begin(), fields_.end(), [&](const auto& field) {
            return field.starts_with(prefix);
        });
        if (!is_known && !value.empty()) fields_.push_back(prefix + std::string{value});
    }

    [[nodiscard]] std::vector<std::string> take() { return std::move(fields_); }

  private:
    std::vector<std::string> fields_;
};

struct Key {
    std::string_view prefix;
    const char* field;
};

constexpr std::array<Key, 4> kKeys{{{"name=", "PVH_DOMAIN"},
                                    {"domid=", "PVH_DOMID"},
                                    {"method=", "PVH_METHOD"},
                                    {"result=", "PVH_RESULT"}}};

class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit JournalSink(std::string identifier)
        : identifier_{"SYSLOG_IDENTIFIER=" + std::move(identifier)} {}

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string_view line{message.payload.data(), message.payload.size()};
        std::vector<std::string> fields = fields_of(line);
        fields.push_back(identifier_);
        fields.push_back(fmt::format("PRIORITY={}", priority_of(message.level)));
        fields.push_back("MESSAGE=" + std::string{line});
        std::vector<iovec> parts;
        for (std::string& field : fields)
            parts.push_back({.iov_base = field.data(), .iov_len = field.size()});
        sd_journal_sendv(parts.data(), static_cast<int>(parts.size())); // nobody to tell
    }

    void flush_() override {}

  private:
    static int priority_of(spdlog::level::level_enum level) {
        switch (level) {
        case spdlog::level::critical:
            return LOG_CRIT;
        case spdlog::level::err:
            return LOG_ERR;
        case spdlog::level::warn:
            return LOG_WARNING;
        case spdlog::level::info:
            return LOG_INFO;
        default:
            return LOG_DEBUG;
        }
    }

    std::string identifier_;
};

} // namespace

std::vector<std::string> fields_of(std::string_view line) {
    Fields fields;
    std::string_view before;
    for (bool is_first = true; !line.empty(); is_first = false) {
        const std::string_view word = take_word(line);
        if (is_first && is_domid(word)) fields.add("PVH_DOMID", word.substr(1));
        if (word.starts_with("uuid=")) {
            const std::string_view value = word.substr(5);
            const auto uuid = parse_uuid(unquoted(value).value_or(value.substr(0, 36)));
            if (uuid) fields.add("PVH_UUID", to_string(*uuid));
            if (uuid) fields.add("PVH_DOMAIN", unquoted(before).value_or(""));
        }
        for (const Key& key : kKeys) {
            if (!word.starts_with(key.prefix)) continue;
            const std::string_view value = word.substr(key.prefix.size());
            fields.add(key.field, unquoted(value).value_or(value));
        }
        before = word;
    }
    return fields.take();
}

spdlog::sink_ptr journal_sink(std::string identifier) {
    return std::make_shared<JournalSink>(std::move(identifier));
}

} // namespace pvh::daemon
