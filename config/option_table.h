// SPDX-License-Identifier: LGPL-2.1-or-later
// Every option of xl.cfg, in one table: the reader, did-you-mean and the manual follow it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pvh::config {

class SpecReader;

/// What a value must look like. Quotes do not matter: "2" is a number and 123 is a string, as in
/// xl.
enum class Shape : std::uint8_t {
    string,
    number,        // 0 or more
    signed_number, // "-3600": a minus sign needs quotes
    boolean,       // 0 or not 0
    word,          // one of Option::words
    uuid,
    strings, // a list of strings; may be empty
    text_or_strings,
    lists, // a list of lists of strings
    any,   // not looked at
};

/// What this release does with an option of a PVH domain.
enum class Status : std::uint8_t {
    supported,
    not_yet,        // the domain is the same without it, only tuned otherwise: a warning
    not_yet_needed, // the domain would be another one without it (a disk): an error
    ignored, // means nothing for PVH, and stands in many copied configs: one notice for all of them
    refused, // no PVH domain can have it: an error
};

/// Chapters of the manual.
enum class Chapter : std::uint8_t { general, cpus, memory, boot, platform, devices, no_effect };

struct Option {
    std::string_view key;
    Chapter chapter{};
    Shape shape = Shape::any;
    Status status = Status::supported;
    /// Puts the value into the spec. Null: it is read together with its relatives, or not at all.
    void (*read)(SpecReader&) = nullptr;
    std::span<const std::string_view> words = {};
    /// The index of a word is taken for it, with a warning.
    bool takes_index = false;
    /// Stands in the place of the option kernel.
    bool brings_kernel = false;
    /// For the manual. Where the status is no `supported`, also the value that asks for nothing:
    /// written so, the option is silent.
    std::string_view default_text = {};
    std::string_view unit = {};    // "MiB", or empty
    std::string_view since = {};   // the Xen release whose xl knew it first; empty: before 4.17
    std::string_view why = {};     // what to tell who uses a refused or needed one
    std::string_view summary = {}; // for the manual
};

/// Ascending by key.
std::span<const Option> all_options();

/// nullptr if xl.cfg has no such option.
const Option* find_option(std::string_view key);

} // namespace pvh::config
