// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/output_form.h"

#include <string>

#include <CLI/Validators.hpp>

namespace pvh::cli {

void add_output_option(::CLI::App& command, OutputForm& form, Context& context) {
    const auto read = [&form, &context](const std::string& word) {
        if (word == "json") context.json = true;
        if (word == "wide") form = OutputForm::wide;
        if (word == "name") form = OutputForm::name;
    };
    command
        .add_option_function<std::string>("-o,--output", read,
                                          "wide: more columns; name: names alone; json: as --json")
        ->check(::CLI::IsMember({"wide", "name", "json"}))
        ->type_name("FORM");
}

} // namespace pvh::cli
