// SPDX-License-Identifier: LGPL-2.1-or-later
// xenstore over the ring page, by hand: one request at a time.   [xen/include/public/io/xs_wire.h]
#include "tests/probe/checks.h"
#include "tests/probe/hypercall.h"
#include "tests/probe/options.h"
#include "tests/probe/report.h"
#include "tests/probe/xen.h"

namespace pvh::probe {

namespace {

constexpr u64 kPatience = 20'000; // milliseconds
constexpr u64 kLongestValue = 512;

volatile xenstore_domain_interface* ring = nullptr;
u32 port = 0;

bool open_ring() {
    const HvmParam page = hvm_param(HVM_PARAM_STORE_PFN);
    const HvmParam event = hvm_param(HVM_PARAM_STORE_EVTCHN);
    if (page.error != 0 || page.value == 0 || page.value >= kFourGiB / kPage) return false;
    if (event.error != 0 || event.value == 0) return false;
    ring = &at<volatile xenstore_domain_interface>(page.value * kPage);
    port = static_cast<u32>(event.value);
    return ring->rsp_prod == ring->rsp_cons; // else param.store_ring has said it
}

bool send(const void* data, u64 size) {
    const auto* bytes = static_cast<const char*>(data);
    for (u64 i = 0; i < size; ++i) {
        const bool has_room = wait_for(
            kPatience, [] { return ring->req_prod - ring->req_cons < XENSTORE_RING_SIZE; });
        if (!has_room) return false;
        const u32 producer = ring->req_prod;
        // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): it takes a line for empty
        ring->req[MASK_XENSTORE_IDX(producer)] = bytes[i];
        barrier();
        ring->req_prod = producer + 1;
    }
    return true;
}

bool receive(void* data, u64 size) {
    auto* bytes = static_cast<char*>(data);
    for (u64 i = 0; i < size; ++i) {
        if (!wait_for(kPatience, [] { return ring->rsp_prod != ring->rsp_cons; })) return false;
        const u32 consumer = ring->rsp_cons;
        bytes[i] = ring->rsp[MASK_XENSTORE_IDX(consumer)];
        barrier();
        ring->rsp_cons = consumer + 1;
    }
    return true;
}

u64 length(const char* text) {
    u64 n = 0;
    while (text[n] != '\0')
        ++n;
    return n;
}

/// A reply's body as text; `answered` is false if none came in time.
struct Reply {
    bool answered, is_error;
    char body[kLongestValue];
    u64 size;

    [[nodiscard]] bool succeeded() const { return answered && !is_error; }

    [[nodiscard]] bool is_refusal() const {
        return answered && is_error && same_text(body, "EACCES");
    }

    [[nodiscard]] Text text() const { return answered ? Text{body, size} : Text{"no answer", 9}; }
};

bool send_request(u32 type, Text path, const char* value) {
    const u64 path_size = path.size + 1; // with a zero; a value goes without one
    const u64 value_size = value == nullptr ? 0 : length(value);
    const xsd_sockmsg header{
        .type = type, .req_id = 1, .tx_id = 0, .len = static_cast<u32>(path_size + value_size)};
    const bool sent = send(&header, sizeof(header)) && send(path.begin, path.size) && send("", 1) &&
                      send(value, value_size);
    send_event(port);
    return sent;
}

Reply request(u32 type, const Line& path, const char* value = nullptr) {
    Reply reply{};
    xsd_sockmsg header{};
    if (!send_request(type, path.text(), value) || !receive(&header, sizeof(header))) return reply;
    if (header.len >= kLongestValue || !receive(reply.body, header.len)) return reply;
    send_event(port); // room in the ring
    reply.answered = header.type == type || header.type == XS_ERROR;
    reply.is_error = header.type == XS_ERROR;
    reply.size = header.len;
    // What is no value, OK or an error's name, ends with a zero.
    if (reply.size > 0 && reply.body[reply.size - 1] == '\0') --reply.size;
    return reply;
}

u64 number(const Reply& reply) {
    u64 value = 0;
    for (u64 i = 0; i < reply.size && reply.body[i] >= '0' && reply.body[i] <= '9'; ++i)
        value = value * 10 + static_cast<u64>(reply.body[i] - '0');
    return value;
}

void check_domid() {
    const Reply reply = request(XS_READ, Line{"domid"});
    const CpuidResult leaf = xen_leaf(4);
    const bool told = (leaf.eax & XEN_HVM_CPUID_DOMID_PRESENT) != 0;
    check("xenstore.domid",
          reply.succeeded() && reply.size > 0 && (!told || number(reply) == leaf.ecx), reply.text(),
          ", by CPUID ", leaf.ecx);
}

void check_target() {
    const Reply target = request(XS_READ, Line{"memory/target"});
    const Option memory = option("probe.memory");
    check("xenstore.memory",
          target.succeeded() && number(target) > 0 &&
              (!memory.given || number(target) == memory.number() << 10),
          target.text(), " KiB");
}

void check_ports() {
    struct Node {
        const char* path;
        unsigned param;
    };

    constexpr Node kNodes[] = {{"store/port", HVM_PARAM_STORE_EVTCHN},
                               {"store/ring-ref", HVM_PARAM_STORE_PFN},
                               {"console/port", HVM_PARAM_CONSOLE_EVTCHN},
                               {"console/ring-ref", HVM_PARAM_CONSOLE_PFN}};
    for (const Node& node : kNodes) {
        const Reply reply = request(XS_READ, Line{node.path});
        const u64 value = hvm_param(node.param).value;
        check("xenstore.ports", reply.succeeded() && number(reply) == value, node.path, "=",
              reply.text(), " of ", value);
    }
}

void check_vcpus() {
    const Option vcpus = option("probe.vcpus");
    const Option online = option("probe.online");
    const u64 count = vcpus.given ? vcpus.number() : 1;
    const u64 enabled = online.given ? online.number() : count;
    u64 seen = 0;
    for (u64 vcpu = 0; vcpu < count; ++vcpu) {
        const Reply reply = request(XS_READ, Line{"cpu/", vcpu, "/availability"});
        if (reply.succeeded() && same_text(reply.body, vcpu < enabled ? "online" : "offline"))
            ++seen;
    }
    check("xenstore.vcpus", seen == count, seen, " of ", count, " as they are to be, ", enabled,
          " online");
}

void check_write() {
    const Reply written = request(XS_WRITE, Line{"data/probe"}, "a word");
    const Reply read = request(XS_READ, Line{"data/probe"});
    check("xenstore.write",
          written.succeeded() && read.succeeded() && same_text(read.body, "a word"), "write ",
          written.text(), ", read ", read.text());
    if (!written.succeeded()) {
        skip("xenstore.remove", "nothing was written");
        return;
    }
    const Reply removed = request(XS_RM, Line{"data/probe"});
    const Reply gone = request(XS_READ, Line{"data/probe"});
    check("xenstore.remove", removed.succeeded() && gone.is_error && same_text(gone.body, "ENOENT"),
          "remove ", removed.text(), ", read ", gone.text());
}

void check_foreign(const Line& path) {
    const Reply reply = request(XS_WRITE, path, "x");
    check("xenstore.foreign", reply.is_refusal(), "write ", path, ": ", reply.text());
}

void check_refusals() {
    check_foreign(Line{"/local/domain/0/probe"});
    check_foreign(Line{request(XS_READ, Line{"console/backend"}).text(), "/state"});
    check_foreign(Line{request(XS_READ, Line{"vm"}).text(), "/name"});
    check_foreign(Line{"/libxl/", request(XS_READ, Line{"domid"}).text(), "/type"});
    const Reply own = request(XS_WRITE, Line{"name"}, "x");
    check("xenstore.own_name", own.is_refusal(), "write name: ", own.text());
}

} // namespace

void check_xenstore() {
    if (!open_ring()) {
        skip("xenstore.name", "no ring, or one that does not begin empty");
        return;
    }
    const Reply name = request(XS_READ, Line{"name"});
    check("xenstore.name", name.succeeded() && name.size > 0, name.text());
    if (!name.answered) return;
    check_domid();
    check_target();
    check_vcpus();
    check_ports();
    check_write();
    check_refusals();
}

} // namespace pvh::probe
