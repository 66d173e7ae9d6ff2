// SPDX-License-Identifier: LGPL-2.1-or-later
// The language of disks, as xl's lexer takes it: positional words, key=value, prefixes of xend's
// time.   [tools/libs/util/libxlu_disk_l.l]
#include "config/characters.h"
#include "config/devices/readers.h"
#include "config/spec_reader.h"
#include "libdomain/spec/device_rules.h"
#include "libdomain/spec/vdev.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pvh::config {

namespace {

constexpr std::array<std::string_view, 10> kKeys{
    "target",      "format", "vdev",    "access",        "backend",
    "backendtype", "script", "devtype", "specification", "grant_usage"};

class DiskReader {
  public:
    DiskReader(SpecReader& reader, const Phrase& phrase) : reader_{reader}, phrase_{phrase} {}

    DiskSpec run() {
        const std::string_view text = phrase_.text();
        while (!failed_ && at_ < text.size()) {
            skip_blanks();
            if (at_ < text.size()) read_word();
        }
        if (!failed_) finish();
        return std::move(disk_);
    }

  private:
    void skip_blanks() {
        while (at_ < phrase_.text().size() &&
               (is_blank(phrase_.text()[at_]) || phrase_.text()[at_] == '\n'))
            ++at_;
    }

    /// What stands at at_, up to a comma or the end.
    [[nodiscard]] Word word_here() const {
        const std::string_view rest = phrase_.text().substr(at_);
        return {at_, rest.substr(0, rest.find(','))};
    }

    void step_over(const Word& word) { at_ = word.begin + word.text.size() + 1; }

    void read_word() {
        if (read_prefix()) return;
        const Word word = word_here();
        if (word.text.starts_with("target=")) return read_target();
        step_over(word);
        if (read_flag(word.text)) return;
        const std::size_t sign = word.text.find('=');
        if (sign == std::string_view::npos) return read_positional(word);
        read_named(word, sign);
    }

    /// A target named so is the rest of the string: commas and all.
    void read_target() {
        const std::size_t begin = at_ + std::string_view{"target="}.size();
        Word word{begin, phrase_.text().substr(begin)};
        if (word.text.ends_with(',')) word.text.remove_suffix(1);
        at_ = phrase_.text().size();
        set_target(word);
        warn_of_keys_in_target(word);
    }

    void warn_of_keys_in_target(const Word& target) {
        std::size_t comma = target.text.find(',');
        for (; comma != std::string_view::npos; comma = target.text.find(',', comma + 1)) {
            const Word next = trimmed({target.begin + comma + 1, target.text.substr(comma + 1)});
            const std::string_view key = next.text.substr(0, next.text.find('='));
            if (key == next.text || std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end())
                continue;
            took_keys_ = true;
            return reader_.warn(phrase_.at(next.begin),
                                fmt::format("target= takes the rest of the text, {}= as well", key),
                                "write target= last");
        }
    }

    // -- prefixes: phy:/dev/x, tap:aio:/file

    /// [a-z][a-z0-9]* before a colon; empty if there is none.
    [[nodiscard]] std::string_view prefix_here() const {
        const std::string_view rest = phrase_.text().substr(at_);
        std::size_t end = 0;
        while (end < rest.size() && (is_lower(rest[end]) || (end > 0 && is_digit(rest[end]))))
            ++end;
        const bool is_one = end > 0 && end < rest.size() && rest[end] == ':';
        return is_one ? rest.substr(0, end) : std::string_view{};
    }

    bool read_prefix() {
        constexpr std::array<std::string_view, 7> kMeaningless{"phy",     "file", "tap",  "tap2",
                                                               "tapdisk", "aio",  "ioemu"};
        constexpr std::array<std::string_view, 4> kScripts{"iscsi", "nbd", "enbd", "drbd"};
        const std::string_view prefix = prefix_here();
        if (prefix.empty()) return false;
        const Word word{at_, prefix};
        const auto is_in = [&](const auto& list) {
            return std::find(list.begin(), list.end(), prefix) != list.end();
        };
        if (prefix == "raw" || prefix == "qcow" || prefix == "qcow2" || prefix == "vhd")
            set_format(word);
        else if (is_in(kScripts)) {
            set_text("script", disk_.script, word, fmt::format("block-{}", prefix));
        } else if (!is_in(kMeaningless))
            return refuse_prefix(word);
        has_prefix_ = true;
        at_ += prefix.size() + 1;
        return true;
    }

    /// xvdb:cdrom is no prefix; a colon with nothing like a word behind it makes one.
    bool refuse_prefix(const Word& word) {
        const std::size_t behind = at_ + word.text.size() + 1;
        if (behind < phrase_.text().size() &&
            (is_lower(phrase_.text()[behind]) || is_digit(phrase_.text()[behind])))
            return false;
        fail(word.begin, fmt::format("unknown disk prefix \"{}:\"", word.text),
             "give the path alone, and name the driver with backendtype= or script=");
        return true;
    }

    // -- words

    bool read_flag(std::string_view word) {
        if (word == "cdrom")
            disk_.is_cdrom = true;
        else if (word == "direct-io-safe")
            disk_.is_direct_io_safe = true;
        else if (word == "discard" || word == "no-discard")
            disk_.discard = word == "discard";
        else if (word == "trusted" || word == "untrusted")
            disk_.is_trusted = word == "trusted";
        else
            return word == "no-colo";
        return true;
    }

    void read_named(const Word& word, std::size_t sign) {
        const std::string_view key = word.text.substr(0, sign);
        const Word value{word.begin + sign + 1, word.text.substr(sign + 1)};
        if (key == "format")
            set_format(value);
        else if (key == "vdev")
            set_text("vdev", disk_.vdev, value, std::string{value.text}), vdev_at_ = value.begin;
        else if (key == "access")
            set_access(value);
        else if (key == "backend")
            set_text("backend", disk_.backend, value, std::string{value.text});
        else if (key == "backendtype")
            set_backend_type(value);
        else if (key == "script")
            set_text("script", disk_.script, value, std::string{value.text});
        else
            read_rare(word, key, value);
    }

    void read_rare(const Word& word, std::string_view key, const Word& value) {
        if (key == "devtype") return set_devtype(value, "devtype");
        if (key == "specification") {
            if (value.text != "xen")
                fail(value.begin,
                     fmt::format("disk specification {} is not for PVH domains",
                                 in_quotes(value.text)),
                     "want xen");
        } else if (key == "grant_usage") {
            if (value.text != "0" && value.text != "1")
                return fail(value.begin, fmt::format("{} is not a boolean", in_quotes(value.text)),
                            "use 0 or 1");
            disk_.uses_grants = value.text == "1";
        } else if (key.starts_with("colo") || key == "active-disk" || key == "hidden-disk") {
            fail(word.begin, "COLO is not supported", "");
        } else {
            refuse_key(word, key);
        }
    }

    void refuse_key(const Word& word, std::string_view key) {
        const bool is_key = !key.empty() && is_lower(key.front()) &&
                            std::all_of(key.begin(), key.end(), [](char c) {
                                return is_lower(c) || is_digit(c) || c == '-' || c == '_';
                            });
        if (is_key)
            return fail(word.begin, fmt::format("unknown disk key {}", in_quotes(key)),
                        fmt::format("want {}", fmt::join(kKeys, ", ")));
        fail(word.begin + key.size(), R"("=" in a positional word of a disk)",
             R"(write target= for a path with "=" or ",", as the last word)");
    }

    void read_positional(const Word& word) {
        if (!has_target_)
            set_target(word);
        else if (!has_prefix_ && !has_format_)
            read_format_place(word);
        else if (disk_.vdev.empty())
            read_vdev_place(word);
        else if (!has_access_)
            set_access(word);
        else
            fail(word.begin,
                 fmt::format("{} is one word too many for a disk", in_quotes(word.text)),
                 "the order is target, format, vdev, access");
    }

    /// With no target, "hdc:cdrom" may stand where the format would.
    void read_format_place(const Word& word) {
        if (disk_.target.empty() && word.text.find(':') != std::string_view::npos) {
            read_vdev_place(word);
            disk_.format = DiskFormat::empty;
            has_format_ = true;
            return;
        }
        set_format(word);
    }

    void read_vdev_place(const Word& word) {
        const std::size_t colon = word.text.rfind(':');
        vdev_at_ = word.begin;
        disk_.vdev = word.text.substr(0, colon);
        if (colon != std::string_view::npos)
            set_devtype({word.begin + colon + 1, word.text.substr(colon + 1)}, "device type");
    }

    // -- what they say

    void set_target(const Word& word) {
        if (has_target_ && !disk_.target.empty())
            return fail(word.begin, "the disk has a second target", "");
        disk_.target = word.text;
        has_target_ = true;
    }

    void set_text(std::string_view what, std::string& out, const Word& word, std::string text) {
        if (!out.empty())
            return fail(word.begin, fmt::format("the disk has a second {}", what), "");
        out = std::move(text);
    }

    template <Worded E>
    bool set_word(std::string_view what, E& out, bool& is_set, const Word& word) {
        const auto value = enum_of<E>(word.text);
        if (!value) {
            fail(word.begin, fmt::format("unknown {} {}", what, in_quotes(word.text)),
                 fmt::format("want {}", fmt::join(kWords<E>, ", ")));
            return false;
        }
        if (is_set && *value != out) {
            fail(word.begin, fmt::format("the disk has a second {}", what), "");
            return false;
        }
        out = *value;
        return is_set = true;
    }

    void set_format(const Word& word) {
        if (word.text.empty())
            has_format_ = true; // raw
        else if (!enum_of<DiskFormat>(word.text) && parse_vdev(word.text))
            fail(word.begin, fmt::format("{} stands where the format does", in_quotes(word.text)),
                 hint_on_missing_word(word.text));
        else
            set_word("disk format", disk_.format, has_format_, word);
    }

    /// Of two words, of which the second is a vdev: the other may be the target, or the format.
    [[nodiscard]] std::string hint_on_missing_word(std::string_view vdev) const {
        const bool has_path = !disk_.target.empty() && !enum_of<DiskFormat>(disk_.target);
        if (has_path) return fmt::format("write {},raw,{}", disk_.target, vdev);
        return fmt::format("the target comes first: write /path,{},{}",
                           disk_.target.empty() ? "raw" : disk_.target, vdev);
    }

    void set_backend_type(const Word& word) {
        const auto type = enum_of<DiskBackend>(word.text);
        if (!type || *type == DiskBackend::automatic)
            return fail(word.begin, fmt::format("unknown backendtype {}", in_quotes(word.text)),
                        "want phy, qdisk or standalone");
        set_word("backendtype", disk_.backend_type, has_backend_type_, word);
    }

    void set_access(const Word& word) {
        has_access_ = true;
        if (word.text == "r" || word.text == "ro")
            disk_.is_writable = false;
        else if (word.text.empty() || word.text == "w" || word.text == "rw")
            disk_.is_writable = true;
        else if (word.text == "w!" || word.text == "rw!") // not of xl; that of its predecessor
            disk_.is_writable = disk_.is_shared = true;
        else
            fail(word.begin, fmt::format("unknown disk access {}", in_quotes(word.text)),
                 "want r, ro, w or rw; or w! for a disk that others write to as well");
    }

    void set_devtype(const Word& word, std::string_view what) {
        if (word.text != "cdrom" && word.text != "disk")
            return fail(word.begin, fmt::format("unknown {} {}", what, in_quotes(word.text)),
                        "want cdrom or disk");
        disk_.is_cdrom = word.text == "cdrom";
    }

    void finish() {
        if (disk_.is_cdrom) {
            disk_.is_writable = false;
            if (disk_.target.empty()) disk_.format = DiskFormat::empty;
        }
        if (disk_.vdev.empty())
            return reader_.fail(phrase_.whole(), "the disk has no vdev",
                                took_keys_ ? "write target= last" : "add vdev=xvda or the like");
        if (!parse_vdev(disk_.vdev))
            return fail(
                vdev_at_, fmt::format("{} is no name of a disk", in_quotes(disk_.vdev)),
                "want xvda, xvdb, ... with or without a partition, or sda, hda, d0p0, 51712");
        if (disk_.target.empty() && !disk_.is_cdrom)
            return reader_.fail(phrase_.whole(), "the disk has no target",
                                "give a path, or devtype=cdrom for an empty drive");
        drop_own_script();
        if (disk_.script.empty())
            disk_.target = reader_.absolute(std::move(disk_.target), phrase_.whole());
        warn_of_container();
        if (auto lack = unsupported_in(disk_))
            reader_.fail_in_this_release(phrase_.whole(), std::move(*lack));
    }

    /// xl's own script does what is done here without one.
    void drop_own_script() {
        if (disk_.script != "block" && disk_.script != "/etc/xen/scripts/block") return;
        reader_.warn(phrase_.whole(), "block is not run: pvhd makes loop devices itself");
        disk_.script.clear();
    }

    /// Nothing is opened to find out: its owner may have written what looks like another format.
    /// [XSA-258]
    void warn_of_container() {
        constexpr std::array<std::string_view, 7> kEndings{".qcow2", ".qcow", ".vhd", ".vhdx",
                                                           ".vmdk",  ".vdi",  ".qed"};
        const bool looks_so =
            std::any_of(kEndings.begin(), kEndings.end(),
                        [&](const auto& ending) { return disk_.target.ends_with(ending); });
        if (looks_so && disk_.format == DiskFormat::raw)
            reader_.warn(
                phrase_.whole(),
                fmt::format("{} is given to the guest as it is, as format raw says", disk_.target),
                "name its format, or convert it");
    }

    void fail(std::size_t index, std::string message, std::string hint) {
        failed_ = true;
        reader_.fail(phrase_.at(index), std::move(message), std::move(hint));
    }

    SpecReader& reader_;
    const Phrase& phrase_;
    DiskSpec disk_;
    std::size_t at_ = 0;
    std::size_t vdev_at_ = 0;
    bool took_keys_ = false; // target= did
    bool failed_ = false;
    bool has_prefix_ = false;
    bool has_target_ = false;
    bool has_format_ = false;
    bool has_backend_type_ = false;
    bool has_access_ = false;
};

/// Two names of one disk would be one disk to the guest.
void check_duplicates(SpecReader& reader, const std::vector<Phrase>& phrases) {
    const auto& disks = reader.spec().disks;
    std::map<std::uint32_t, std::size_t> seen;
    for (std::size_t i = 0; i < disks.size(); ++i) {
        const auto number = parse_vdev(disks[i].vdev);
        if (!number) continue;
        const auto [former, is_new] = seen.emplace(*number, i);
        if (is_new) continue;
        const std::size_t at = phrases[i].text().find(disks[i].vdev);
        reader.fail({.severity = Severity::error,
                     .where = phrases[i].at(std::min(at, phrases[i].text().size())),
                     .message = vdev_clash(disks[i].vdev, former->second),
                     .hint = "",
                     .notes = {{phrases[former->second].whole(), "that disk is here"}}});
    }
}

} // namespace

void read_disks(SpecReader& reader) {
    const std::vector<Phrase> phrases = reader.phrases();
    for (const Phrase& phrase : phrases)
        reader.spec().disks.push_back(DiskReader{reader, phrase}.run());
    check_duplicates(reader, phrases);
}

} // namespace pvh::config
