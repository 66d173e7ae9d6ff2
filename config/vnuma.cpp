// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/vnuma.h"

#include "config/complaints.h"
#include "config/devices/fields.h"
#include "config/number.h"
#include "config/spec_reader.h"

#include <array>
#include <string_view>
#include <variant>

#include <fmt/format.h>

namespace pvh::config {

namespace {

/// Keys seen of a node, whose values may be faulty.
struct NodeWords {
    VirtualNode node;
    std::vector<std::string_view> keys = {};
};

template <class T> bool holds(const std::vector<T>& all, const T& wanted) {
    return std::find(all.begin(), all.end(), wanted) != all.end();
}

void read_node_vcpus(Field& field, NodeWords& words) {
    for (Field& item : field.items()) {
        const auto parsed = parse_range(item.value(), "vCPU", kMaxVcpus);
        if (const auto* fault = std::get_if<RangeFault>(&parsed))
            return item.fail(fault->message, fault->hint, fault->at);
        const auto& range = std::get<NumberRange>(parsed);
        if (range.last >= kMaxVcpus)
            return item.fail(fmt::format("a PVH domain has no vCPU beyond {}", kMaxVcpus - 1));
        for (unsigned vcpu = range.first; vcpu <= range.last; ++vcpu) {
            if (holds(words.node.vcpus, vcpu))
                return item.fail(fmt::format("vCPU {} is in the node twice", vcpu));
            words.node.vcpus.push_back(vcpu);
        }
    }
    std::sort(words.node.vcpus.begin(), words.node.vcpus.end());
}

void read_distances(Field& field, NodeWords& words) {
    for (Field& item : field.items()) {
        std::optional<unsigned> distance;
        item.into(distance);
        words.node.distances.push_back(distance.value_or(0));
    }
}

template <class T> void read_number(Field& field, T& out) {
    std::optional<T> number;
    field.into(number);
    out = number.value_or(0);
}

void read_size(Field& field, NodeWords& words) {
    const auto parsed = parse_number(field.value());
    if (const auto* complaint = std::get_if<std::string>(&parsed))
        return field.fail(fmt::format("{} {}", in_quotes(field.value()), *complaint),
                          hint_on_number(field.key(), "MiB", field.value()));
    read_number(field, words.node.size_mib);
}

constexpr std::array kRows{
    FieldRow<NodeWords>{"pnode", [](Field& f, NodeWords& w) { read_number(f, w.node.pnode); }},
    FieldRow<NodeWords>{"size", read_size},
    FieldRow<NodeWords>{"vcpus", read_node_vcpus},
    FieldRow<NodeWords>{"vdistances", read_distances},
};

VirtualNode read_node(SpecReader& reader, const Value& item) {
    NodeWords words;
    for (const Value& part : item.items) {
        const Phrase phrase = reader.phrase_of(part);
        Field field = make_field(reader, phrase, {0, phrase.text()});
        if (holds(words.keys, field.key())) {
            field.fail_key(fmt::format("{} is given twice", field.key()));
            continue;
        }
        read_field<NodeWords>(field, "vnuma", kRows, words);
        for (const auto& row : kRows)
            if (row.key == field.key()) words.keys.push_back(row.key);
    }
    for (const auto& row : kRows)
        if (!holds(words.keys, row.key))
            reader.fail(item.span, fmt::format("a vnuma node has no {}", row.key),
                        fmt::format(R"(add "{}=...")", row.key));
    return std::move(words.node);
}

} // namespace

void read_vnuma(SpecReader& reader) {
    for (const Value* item : reader.items())
        reader.spec().virtual_nodes.push_back(read_node(reader, *item));
    // Memory and vCPUs follow from whole nodes only.
    if (reader.settings().is_faulty("vnuma")) reader.spec().virtual_nodes.clear();
}

} // namespace pvh::config
