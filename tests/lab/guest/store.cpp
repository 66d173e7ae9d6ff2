// SPDX-License-Identifier: LGPL-2.1-or-later
// xenstore as a guest has it, for guests that mean no good: static, for an initrd. Paths without a
// slash in front are below the guest's own folder.
//
//   store write PATH          the value is what stdin has, bytes as they are
//   store rm PATH
//   store fill PATH BYTES     nodes below PATH, each so large, until xenstored wants no more
//   store deepen PATH COUNT   so many nodes, each in the one before
//   store repeat PATH VALUE   writes that again and again, until it is killed
//
// Says what became of it: "ok", what xenstored answered ("EACCES"), or "4 EQUOTA", after four.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace {

// [xen/include/public/io/xs_wire.h]
enum Request : std::uint32_t { request_write = 11, request_rm = 13, answer_error = 16 };

struct Header {
    std::uint32_t type, request, transaction, length;
};

constexpr std::size_t kLongestPayload = 4096;
constexpr unsigned kMostNodes = 100'000; // that no quota allows

class Store {
  public:
    /// "ok", or xenstored's word for why not.
    std::string ask(Request type, const std::string& payload) {
        const Header header{type, 0, 0, static_cast<std::uint32_t>(payload.size())};
        std::string message{reinterpret_cast<const char*>(&header), sizeof header};
        message += payload;
        if (payload.size() > kLongestPayload) return "too long to be sent";
        if (::write(fd_, message.data(), message.size()) != static_cast<ssize_t>(message.size()))
            return std::strerror(errno);
        Header reply{};
        if (!read_all(&reply, sizeof reply)) return std::strerror(errno);
        std::string body(reply.length, '\0');
        if (!read_all(body.data(), body.size())) return std::strerror(errno);
        return reply.type == answer_error ? body.c_str() : "ok";
    }

    std::string write(const std::string& path, const std::string& value) {
        return ask(request_write, path + '\0' + value);
    }

    std::string remove(const std::string& path) { return ask(request_rm, path + '\0'); }

  private:
    bool read_all(void* to, std::size_t size) const {
        for (std::size_t done = 0; done < size;) {
            const ssize_t got = ::read(fd_, static_cast<char*>(to) + done, size - done);
            if (got <= 0) return false;
            done += static_cast<std::size_t>(got);
        }
        return true;
    }

    int fd_ = ::open("/dev/xen/xenbus", O_RDWR);
};

std::string read_input() {
    std::string input;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(0, buffer, sizeof buffer)) > 0;)
        input.append(buffer, static_cast<std::size_t>(got));
    return input;
}

/// Of any bytes at all, zeroes among them; 100 to a folder, whose own size is limited, too.
std::string fill(Store& store, const std::string& path, std::size_t bytes) {
    std::string value;
    while (value.size() < bytes)
        value += static_cast<char>(value.size() * 37);
    for (unsigned i = 0; i < kMostNodes; ++i)
        if (auto answer =
                store.write(path + "/" + std::to_string(i / 100) + "/" + std::to_string(i), value);
            answer != "ok")
            return std::to_string(i) + " " + answer;
    return "no end";
}

std::string deepen(Store& store, std::string path, unsigned count) {
    for (unsigned i = 0; i < count; ++i, path += "/d")
        if (auto answer = store.write(path, ""); answer != "ok")
            return std::to_string(i) + " " + answer;
    return "ok";
}

std::string repeat(Store& store, const std::string& path, const std::string& value) {
    while (true)
        if (auto answer = store.write(path, value); answer != "ok") ::usleep(1000);
}

std::string carry_out(int count, char** words) {
    Store store;
    const std::string verb = count > 2 ? words[1] : "";
    if (verb == "write") return store.write(words[2], read_input());
    if (verb == "rm") return store.remove(words[2]);
    if (verb == "fill" && count > 3) return fill(store, words[2], std::stoul(words[3]));
    if (verb == "deepen" && count > 3)
        return deepen(store, words[2], static_cast<unsigned>(std::stoul(words[3])));
    if (verb == "repeat" && count > 3) return repeat(store, words[2], words[3]);
    return "what?";
}

} // namespace

int main(int count, char** words) {
    std::puts(carry_out(count, words).c_str());
}
