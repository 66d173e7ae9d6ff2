// SPDX-License-Identifier: LGPL-2.1-or-later
// Puts disks and networks under load, and says what passed: static, for an initrd and for dom0.
//
//   load read|write DEVICE seq|random KIB SECONDS   past the page cache, so much at a time; "KIB/S"
//   load dirty DEVICE seq|random KIB SECONDS        writes through it
//   load send ADDRESS PORT AMOUNT                   64M or 5s; the receiver is awaited for a minute
//   load receive PORT                               from one sender, to its end
//
// The last two say "MIB KIB/S SUM"; equal sums mean equal bytes in equal order. What cannot be done
// is one line of why, and status 1.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kChunk = 64 * 1024; // of a stream

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error{what + ": " + std::strerror(errno)};
}

/// Words that no compression or deduplication makes less of, the same in each run.
class Noise {
  public:
    std::uint64_t next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }

    void fill(std::uint64_t* words, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            words[i] = next();
    }

  private:
    std::uint64_t state_{0x9e3779b97f4a7c15};
};

/// Of bytes in their order, however they come in pieces.
class Sum {
  public:
    void add(const unsigned char* bytes, std::size_t count) {
        for (; count > 0 && filled_ > 0; --count)
            add_byte(*bytes++);
        for (std::uint64_t word = 0; count >= sizeof word;
             bytes += sizeof word, count -= sizeof word) {
            std::memcpy(&word, bytes, sizeof word);
            mix(word);
        }
        for (; count > 0; --count)
            add_byte(*bytes++);
    }

    std::uint64_t value() const { return value_ ^ (rest_ + filled_); }

  private:
    void add_byte(unsigned char byte) {
        rest_ |= std::uint64_t{byte} << (8 * filled_);
        if (++filled_ < sizeof rest_) return;
        mix(rest_);
        rest_ = filled_ = 0;
    }

    void mix(std::uint64_t word) {
        value_ = (value_ ^ word) * 0x9fb21c651e98df25;
        value_ ^= value_ >> 32;
    }

    std::uint64_t value_{1}, rest_{};
    unsigned filled_{};
};

double seconds_since(Clock::time_point start) {
    return std::max(std::chrono::duration<double>(Clock::now() - start).count(), 1e-6);
}

// ---- disks

void load_disk(const std::string& verb, const char* path, bool at_random, std::size_t bytes,
               double seconds) {
    const bool writes = verb != "read";
    const int disk = ::open(path, (writes ? O_RDWR : O_RDONLY) | (verb == "dirty" ? 0 : O_DIRECT));
    std::uint64_t size = 0;
    if (disk < 0 || ::ioctl(disk, BLKGETSIZE64, &size) < 0) fail(path);
    const std::uint64_t blocks = size / bytes;
    if (blocks == 0) throw std::runtime_error{std::string{path} + ": less than one block"};
    void* buffer = std::aligned_alloc(4096, bytes);
    Noise noise;
    noise.fill(static_cast<std::uint64_t*>(buffer), bytes / 8);
    std::uint64_t done = 0;
    const auto start = Clock::now();
    for (; seconds_since(start) < seconds; ++done) {
        const auto at = static_cast<off_t>((at_random ? noise.next() : done) % blocks * bytes);
        const ssize_t moved =
            writes ? ::pwrite(disk, buffer, bytes, at) : ::pread(disk, buffer, bytes, at);
        if (moved != static_cast<ssize_t>(bytes)) fail(path);
    }
    std::printf("%.0f\n", static_cast<double>(done * bytes) / 1024 / seconds_since(start));
}

// ---- streams

class Tally {
  public:
    void add(const unsigned char* bytes, std::size_t count) {
        if (total_ == 0) start_ = Clock::now();
        sum_.add(bytes, count);
        total_ += count;
    }

    double seconds() const { return total_ == 0 ? 0 : seconds_since(start_); }

    std::uint64_t total() const { return total_; }

    void print() const {
        std::printf("%llu %.0f %016llx\n", static_cast<unsigned long long>(total_ >> 20),
                    static_cast<double>(total_) / 1024 / std::max(seconds(), 1e-6),
                    static_cast<unsigned long long>(sum_.value()));
    }

  private:
    Clock::time_point start_;
    Sum sum_;
    std::uint64_t total_{};
};

sockaddr_in address(const char* host, const char* port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoul(port)));
    if (::inet_pton(AF_INET, host, &to.sin_addr) != 1)
        throw std::runtime_error{std::string{host} + " is no address"};
    return to;
}

int connect_to(const sockaddr_in& to) {
    for (const auto start = Clock::now(); seconds_since(start) < 60; ::usleep(100'000)) {
        const int stream = ::socket(AF_INET, SOCK_STREAM, 0);
        if (::connect(stream, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0)
            return stream;
        ::close(stream);
    }
    fail("connect");
}

void send_all(int stream, const unsigned char* bytes, std::size_t count) {
    while (count > 0) {
        const ssize_t sent = ::send(stream, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) fail("send");
        bytes += sent;
        count -= static_cast<std::size_t>(sent);
    }
}

void send_stream(const char* host, const char* port, const std::string& amount) {
    const double limit = std::stod(amount);
    const bool by_time = amount.back() == 's';
    const int stream = connect_to(address(host, port));
    std::vector<std::uint64_t> words(kChunk / 8);
    const auto* bytes = reinterpret_cast<const unsigned char*>(words.data());
    Noise noise;
    Tally tally;
    while (by_time ? tally.seconds() < limit
                   : static_cast<double>(tally.total()) < limit * (1 << 20)) {
        noise.fill(words.data(), words.size());
        tally.add(bytes, kChunk);
        send_all(stream, bytes, kChunk);
    }
    // Until the other end has all of it, so that the time is that of the whole way.
    ::shutdown(stream, SHUT_WR);
    char nothing = 0;
    if (::recv(stream, &nothing, 1, 0) < 0) fail("recv");
    tally.print();
}

void receive_stream(const char* port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in at = address("0.0.0.0", port);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) < 0 ||
        ::listen(listener, 1) < 0)
        fail("listen");
    const int stream = ::accept(listener, nullptr, nullptr);
    if (stream < 0) fail("accept");
    std::vector<unsigned char> buffer(4 * kChunk);
    Tally tally;
    ssize_t got = 0;
    while ((got = ::recv(stream, buffer.data(), buffer.size(), 0)) > 0)
        tally.add(buffer.data(), static_cast<std::size_t>(got));
    if (got < 0) fail("recv");
    tally.print();
}

int carry_out(const std::vector<const char*>& words) {
    const std::string verb = words.empty() ? "" : words[0];
    if ((verb == "read" || verb == "write" || verb == "dirty") && words.size() == 5)
        load_disk(verb, words[1], words[2] == std::string{"random"}, std::stoul(words[3]) * 1024,
                  std::stod(words[4]));
    else if (verb == "send" && words.size() == 4)
        send_stream(words[1], words[2], words[3]);
    else if (verb == "receive" && words.size() == 2)
        receive_stream(words[1]);
    else
        throw std::runtime_error{"load what?"};
    return 0;
}

} // namespace

int main(int count, char** words) {
    try {
        return carry_out({words + 1, words + count});
    } catch (const std::exception& e) {
        std::printf("%s\n", e.what());
        return 1;
    }
}
