// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "config/source.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::config {

enum class Severity { error, warning };

/// Another place that belongs to a complaint, e.g. the line it contradicts.
struct Note {
    Span where;
    std::string text;
};

struct Diagnostic {
    Severity severity{};
    /// An empty span at 0 means the file as a whole: file:1:1, and no line is quoted.
    Span where;
    std::string message;
    std::string hint; // one sentence, may be empty
    std::vector<Note> notes;
    /// Nothing is wrong with the text: a later release will do it.
    bool is_only_this_release = false;
};

/// Collects complaints over one reading, so that a user sees all of them at once. Keeps a bounded
/// number.
class Diagnostics {
  public:
    /// `sources` must outlive this.
    explicit Diagnostics(const Sources& sources) : sources_{sources} {}

    void error(Span where, std::string message, std::string hint = {});
    void warning(Span where, std::string message, std::string hint = {});
    void add(Diagnostic diagnostic);

    [[nodiscard]] bool has_errors() const { return errors_ > 0; }

    /// Whether one more would be kept: what costs time to find or to word need not be.
    [[nodiscard]] bool wants_errors() const;
    [[nodiscard]] bool wants_warnings() const;

    /// Everything, in the order of the texts: `file:line:col: error: ...`, the line, a caret,
    /// hints, notes.
    [[nodiscard]] std::string render() const;
    /// The warnings, one line each: `file:line:col: warning: ...`.
    [[nodiscard]] std::vector<std::string> warning_lines() const;

    /// What was kept, in the order of the texts.
    [[nodiscard]] std::vector<Diagnostic> in_order() const;

  private:
    const Sources& sources_;
    std::vector<Diagnostic> kept_;
    std::size_t errors_{0};
    std::size_t warnings_{0};
};

/// `text` in double quotes for a message: control bytes made visible, long text cut.
std::string in_quotes(std::string_view text);

} // namespace pvh::config
