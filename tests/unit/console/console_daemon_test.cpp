// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole pvhconsoled on a real socket and real pseudo-terminals, over a model of Xen.
#include "daemon/console/console_daemon.h"
#include "libdomain/core/error.h"
#include "libdomain/device/channel.h"
#include "libdomain/device/console.h"
#include "rpc/client.h"
#include "rpc/messages_json.h"
#include "rpc/unix_address.h"
#include "tests/fake/fake_xen.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/daemon/fake_watch.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace pvh::console::test {

namespace {

using namespace std::chrono_literals;
using pvh::test::FakeWatch;
using pvh::test::TempFolder;
using pvh::test::WatchBoard;
using testing::HasSubstr;

constexpr std::size_t kInCons = 3072, kInProd = 3076, kOutCons = 3080, kOutProd = 3084;

/// Guests' pages and channels; for any threads.
struct RingBoard {
    struct Guest {
        alignas(8) std::array<std::byte, 4096> page{};
        std::optional<Port> port; // ours, if bound
    };

    RingBoard() : fd{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {}

    void raise(Port port) {
        const std::lock_guard lock{mutex};
        pending.push_back(port);
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto put = ::write(fd.get(), &one, sizeof(one));
    }

    std::recursive_mutex mutex;
    std::map<DomId, Guest> guests;
    std::vector<Port> pending;
    int mappings = 0;
    int refusals = 0; // of bindings to come
    bool is_broken = false;
    UniqueFd fd;
};

class FakeMapping final : public xen::ForeignMapping {
  public:
    FakeMapping(RingBoard& board, std::span<std::byte> page) : board_{board}, page_{page} {
        ++board_.mappings;
    }

    FakeMapping(const FakeMapping&) = delete;
    FakeMapping& operator=(const FakeMapping&) = delete;

    ~FakeMapping() override { --board_.mappings; }

    std::span<std::byte> bytes() override { return page_; }

  private:
    RingBoard& board_;
    std::span<std::byte> page_;
};

class FakeRings final : public xen::GuestRings {
  public:
    explicit FakeRings(RingBoard& board) : board_{board} {}

    std::unique_ptr<xen::ForeignMapping> map_granted(DomId dom, GrantRef /*ref*/) override {
        const std::lock_guard lock{board_.mutex};
        return std::make_unique<FakeMapping>(board_, board_.guests.at(dom).page);
    }

    Port bind(DomId dom, Port /*remote*/) override {
        const std::lock_guard lock{board_.mutex};
        if (board_.refusals > 0) {
            --board_.refusals;
            throw Error{Errc::xen_error, "bind", ENOSPC};
        }
        const Port port{dom.value() + 100U};
        board_.guests.at(dom).port = port;
        board_.raise(port);
        return port;
    }

    void unbind(Port port) noexcept override {
        const std::lock_guard lock{board_.mutex};
        for (auto& [id, guest] : board_.guests)
            if (guest.port == port) guest.port.reset();
    }

    void notify(Port /*port*/) override {}

    [[nodiscard]] int fd() const override { return board_.fd.get(); }

    std::vector<Port> take_pending() override {
        const std::lock_guard lock{board_.mutex};
        if (board_.is_broken) throw Error{Errc::xen_error, "read event channels", EIO};
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(board_.fd.get(), &count, sizeof(count));
        return std::exchange(board_.pending, {});
    }

    void unmask(Port /*port*/) override {}

  private:
    RingBoard& board_;
};

class ConsoleDaemonTest : public testing::Test {
  protected:
    ConsoleDaemonTest() { start(); }

    ~ConsoleDaemonTest() override { stop(); }

    void start() {
        board_ = std::make_unique<WatchBoard>();
        daemon_.emplace(ConsoleOptions{.socket = folder_ / "console.sock",
                                       .group = "no-such-group",
                                       .history = folder_ / "history",
                                       .roles = {},
                                       .max_clients = 4},
                        XenParts{.hypervisor = std::make_unique<fake::FakeHypervisor>(xen_),
                                 .store = std::make_unique<fake::FakeStore>(xen_),
                                 .watch = std::make_unique<FakeWatch>(*board_),
                                 .rings = std::make_unique<FakeRings>(rings_)});
        thread_ = std::thread{[this] {
            try {
                daemon_->run();
            } catch (const Error& e) {
                const std::lock_guard lock{rings_.mutex};
                failure_ = e.what();
            }
        }};
    }

    void stop() {
        if (!daemon_) return;
        daemon_->stop();
        thread_.join();
        daemon_.reset();
    }

    DomId create(const std::string& name, std::uint8_t number,
                 device::ConsoleService service = device::ConsoleService::pvhconsoled) {
        fake::FakeHypervisor hypervisor{xen_};
        fake::FakeStore store{xen_};
        xen::CreateDomain args;
        args.handle = uuid(number);
        const DomId id = hypervisor.create_domain(args);
        {
            const std::lock_guard lock{rings_.mutex};
            rings_.guests[id];
        }
        const std::string home = "/local/domain/" + std::to_string(id.value());
        store.write(home + "/name", name);
        store.apply(device::describe_console(id, Gfn{1}, Port{2}, service));
        board_->fire("@introduceDomain");
        return id;
    }

    void destroy(DomId id) {
        fake::FakeHypervisor{xen_}.destroy_domain(id);
        fake::FakeStore{xen_}.remove("/local/domain/" + std::to_string(id.value()));
        board_->fire("@releaseDomain");
    }

    static Uuid uuid(std::uint8_t number) {
        Uuid result;
        result.bytes[0] = number;
        return result;
    }

    void print(DomId id, std::string_view text) {
        auto& guest = rings_.guests.at(id);
        for (const char c : text) {
            ASSERT_TRUE(eventually([&] {
                return index(id, kOutProd) - index(id, kOutCons) < 2048;
            })) << "the ring is not emptied";
            const std::uint32_t prod = index(id, kOutProd);
            guest.page.at(1024 + prod % 2048) = static_cast<std::byte>(c);
            set(id, kOutProd, prod + 1);
            if (c == '\n' || (prod + 1 - index(id, kOutCons)) == 2048) event(id);
        }
        event(id);
    }

    void event(DomId id) {
        if (const auto port = rings_.guests.at(id).port) rings_.raise(*port);
    }

    std::string typed_to(DomId id, std::size_t count) {
        std::string text;
        eventually([&] {
            while (index(id, kInCons) != index(id, kInProd)) {
                const std::uint32_t cons = index(id, kInCons);
                text += static_cast<char>(rings_.guests.at(id).page.at(cons % 1024));
                set(id, kInCons, cons + 1);
            }
            return text.size() >= count;
        });
        return text;
    }

    std::uint32_t index(DomId id, std::size_t at) {
        auto* word = reinterpret_cast<std::uint32_t*>(rings_.guests.at(id).page.data() + at);
        return std::atomic_ref{*word}.load();
    }

    void set(DomId id, std::size_t at, std::uint32_t value) {
        auto* word = reinterpret_cast<std::uint32_t*>(rings_.guests.at(id).page.data() + at);
        std::atomic_ref{*word}.store(value);
    }

    static bool eventually(const std::function<bool()>& holds) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!holds()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(1ms);
        }
        return true;
    }

    struct Attached {
        rpc::ConsoleAttachResult answer;
        rpc::RawConnection stream;

        /// Reads until it ends with `text`, or the end.
        std::string until(std::string_view text) {
            std::array<char, 4096> chunk{};
            while (!stream.first_bytes.ends_with(text) || text.empty()) {
                pollfd wanted{.fd = stream.socket.get(), .events = POLLIN, .revents = 0};
                if (::poll(&wanted, 1, 20000) <= 0) break;
                const ssize_t got = ::read(stream.socket.get(), chunk.data(), chunk.size());
                if (got <= 0) break;
                stream.first_bytes.append(chunk.data(), static_cast<std::size_t>(got));
            }
            return std::exchange(stream.first_bytes, "");
        }

        void type(std::string_view text) const {
            EXPECT_EQ(::write(stream.socket.get(), text.data(), text.size()),
                      static_cast<ssize_t>(text.size()));
        }
    };

    Attached attach(rpc::ConsoleAttachParams params) const {
        rpc::Client client{folder_ / "console.sock", "pvhconsoled"};
        auto answer = client.call("console.attach", params).get<rpc::ConsoleAttachResult>();
        return {.answer = std::move(answer), .stream = client.release()};
    }

    Attached attach(const std::string& name) const { return attach(params_for(named(name))); }

    [[nodiscard]] std::string replay(const rpc::Selector& selector) const {
        rpc::ConsoleAttachParams params = params_for(selector);
        params.replay = true;
        params.follow = false;
        return attach(params).until("");
    }

    static rpc::ConsoleAttachParams params_for(const rpc::Selector& selector) {
        rpc::ConsoleAttachParams params;
        params.domain = selector;
        return params;
    }

    static rpc::Selector named(const std::string& name) {
        return {.uuid = {}, .name = name, .domid = {}};
    }

    std::string tty_of(DomId id) {
        const std::string path = "/local/domain/" + std::to_string(id.value()) + "/console/tty";
        eventually([&] { return fake::FakeStore{xen_}.read(path).value_or("") != ""; });
        return fake::FakeStore{xen_}.read(path).value_or("");
    }

    TempFolder folder_;
    fake::FakeXen xen_;
    RingBoard rings_;
    std::unique_ptr<WatchBoard> board_;
    std::optional<ConsoleDaemon> daemon_;
    std::thread thread_;
    std::string failure_; // that ended it
};

TEST_F(ConsoleDaemonTest, ShowsWhatWasPrintedBeforeAnybodyCame) {
    const DomId id = create("web", 1);
    attach("web"); // it is served
    print(id, "first\nsecond\n");
    EXPECT_TRUE(eventually([&] { return replay(named("web")) == "first\nsecond\n"; }));
}

TEST_F(ConsoleDaemonTest, FollowsANameThatIsGivenByAnybody) {
    const DomId id = create("web", 1);
    attach("web");
    print(id, "hello\n");
    fake::FakeStore{xen_}.write("/local/domain/" + std::to_string(id.value()) + "/name", "shop");
    board_->fire("/vm/" + to_string(uuid(1)) + "/name");
    EXPECT_TRUE(eventually([&] { return replay(named("shop")) == "hello\n"; }));
    EXPECT_FALSE(board_->is_watched("/local/domain/" + std::to_string(id.value()) + "/name"));
}

TEST_F(ConsoleDaemonTest, FollowsAUuidThatIsGivenBeforeTheGuestSpeaks) {
    const DomId id = create("waiting", 1);
    attach("waiting"); // it is served
    const std::string tty = tty_of(id);
    {
        const std::lock_guard lock{xen_.mutex};
        fake::FakeHypervisor{xen_}.set_handle(id, uuid(2));
    }
    fake::FakeStore{xen_}.write("/local/domain/" + std::to_string(id.value()) + "/name", "web");
    print(id, "first\n"); // no watch has fired
    EXPECT_TRUE(eventually(
        [&] { return replay({.uuid = uuid(2), .name = {}, .domid = {}}) == "first\n"; }));
    EXPECT_EQ(replay(named("web")), "first\n");
    EXPECT_EQ(tty_of(id), tty);
    EXPECT_EQ(rings_.mappings, 1);
    try {
        FAIL() << replay({.uuid = uuid(1), .name = {}, .domid = {}});
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::not_found);
    }
}

TEST_F(ConsoleDaemonTest, OneThatIsSetAsideEndsForItsClientsThoughItWasSilent) {
    const DomId id = create("web", 1);
    Attached client = attach("web");
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.at(id).shutdown_reason = 3;
        fake::FakeHypervisor{xen_}.set_handle(id, uuid(2));
    }
    board_->fire("@introduceDomain"); // of its next life
    EXPECT_EQ(client.until(""), "");
}

TEST_F(ConsoleDaemonTest, WhatWasSaidUnderAUuidStaysThere) {
    const DomId id = create("old", 1);
    attach("old");
    print(id, "old\n");
    ASSERT_TRUE(eventually([&] { return replay(named("old")) == "old\n"; }));
    {
        const std::lock_guard lock{xen_.mutex};
        fake::FakeHypervisor{xen_}.set_handle(id, uuid(2));
    }
    EXPECT_EQ(replay({.uuid = uuid(2), .name = {}, .domid = {}}), ""); // it is known by that
    print(id, "new\n");
    EXPECT_TRUE(
        eventually([&] { return replay({.uuid = uuid(2), .name = {}, .domid = {}}) == "new\n"; }));
    EXPECT_EQ(replay({.uuid = uuid(1), .name = {}, .domid = {}}), "old\n");
}

TEST_F(ConsoleDaemonTest, ShowsTheSameToAllAndLetsOneWrite) {
    const DomId id = create("web", 1);
    Attached writer = attach("web");
    Attached reader = attach("web");
    EXPECT_TRUE(writer.answer.writes);
    EXPECT_FALSE(reader.answer.writes);
    EXPECT_THAT(reader.answer.writer, HasSubstr("pid "));
    print(id, "hello\n");
    EXPECT_EQ(writer.until("hello\n"), "hello\n");
    EXPECT_EQ(reader.until("hello\n"), "hello\n");
    reader.type("no");
    writer.type("yes");
    EXPECT_EQ(typed_to(id, 3), "yes");
}

TEST_F(ConsoleDaemonTest, TellsWhoTookOver) {
    create("web", 1);
    rpc::ConsoleAttachParams params = params_for(named("web"));
    params.notices = true;
    Attached first = attach(params);
    {
        params.take_over = true;
        const Attached second = attach(params);
        EXPECT_TRUE(second.answer.writes);
        EXPECT_THAT(first.until("read]\r\n"), HasSubstr("writes now, you only read]"));
    }
    EXPECT_THAT(first.until("now]\r\n"), HasSubstr("you write now]"));
}

TEST_F(ConsoleDaemonTest, FeedsAGuestThatReadsSlowly) {
    const DomId id = create("web", 1);
    const Attached writer = attach("web");
    const std::string text(5000, 'k');
    writer.type(text);
    EXPECT_EQ(typed_to(id, text.size()), text);
}

TEST_F(ConsoleDaemonTest, ServesThePseudoTerminalBesideItsClients) {
    const DomId id = create("web", 1);
    const UniqueFd tty{::open(tty_of(id).c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    ASSERT_TRUE(tty);
    Attached client = attach("web");
    print(id, "both\n");
    EXPECT_EQ(client.until("both\n"), "both\n");
    std::array<char, 16> got{};
    EXPECT_EQ(::read(tty.get(), got.data(), got.size()), 5);
    EXPECT_EQ(std::string(got.data(), 5), "both\n");
    EXPECT_EQ(::write(tty.get(), "typed", 5), 5);
    EXPECT_EQ(typed_to(id, 5), "typed");
}

TEST_F(ConsoleDaemonTest, EndsItsClientsWithTheDomainAndKeepsItsLastWords) {
    const DomId id = create("web", 1);
    Attached client = attach("web");
    const auto& page = rings_.guests.at(id).page;
    std::memcpy(rings_.guests.at(id).page.data() + 1024, "last", 4); // and no event
    set(id, kOutProd, 4);
    EXPECT_EQ(page.at(1024), std::byte{'l'});
    destroy(id);
    EXPECT_EQ(client.until(""), "last");
    EXPECT_EQ(replay(named("web")), "last");
    EXPECT_EQ(replay({.uuid = uuid(1), .name = {}, .domid = {}}), "last");
    EXPECT_EQ(rings_.mappings, 0);
    EXPECT_FALSE(rings_.guests.at(id).port);
    try {
        attach("web");
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::bad_state);
    }
}

TEST_F(ConsoleDaemonTest, GoesOnWhereItsPredecessorStopped) {
    const DomId id = create("web", 1);
    attach("web");
    print(id, "before\n");
    ASSERT_TRUE(eventually([&] { return index(id, kOutCons) == 7; }));
    stop();
    std::memcpy(rings_.guests.at(id).page.data() + 1024 + 7, "between\n", 8);
    set(id, kOutProd, 15);
    // As if it had been killed before it told the guest.
    set(id, kOutCons, 3);
    start();
    EXPECT_EQ(replay(named("web")), "before\nbetween\n");
    print(id, "after\n");
    EXPECT_TRUE(eventually([&] { return replay(named("web")) == "before\nbetween\nafter\n"; }));
}

TEST_F(ConsoleDaemonTest, SkipsForAClientThatDoesNotRead) {
    const DomId id = create("web", 1);
    Attached slow = attach("web");
    const std::string line(1023, 'x');
    for (int i = 0; i < 3000; ++i)
        print(id, line + "\n"); // is never held up
    print(id, "end\n");
    const std::string seen = slow.until("end\n");
    EXPECT_THAT(seen, HasSubstr("bytes came too fast and are skipped]"));
    EXPECT_LT(seen.size(), 3U << 20);
}

TEST_F(ConsoleDaemonTest, LeavesOtherConsolesAlone) {
    const DomId id = create("theirs", 1, device::ConsoleService::xenconsoled);
    EXPECT_THROW(attach("theirs"), Error);
    EXPECT_FALSE(rings_.guests.at(id).port);
}

TEST_F(ConsoleDaemonTest, OutlivesARingOfNonsense) {
    const DomId id = create("bad", 1);
    const Attached writer = attach("bad");
    set(id, kOutProd, 0x80000000);
    set(id, kInCons, 77);
    event(id);
    writer.type("x");
    const DomId good = create("good", 2);
    Attached client = attach("good");
    print(good, "fine\n");
    EXPECT_EQ(client.until("fine\n"), "fine\n");
}

TEST_F(ConsoleDaemonTest, TriesAgainWhatItCouldNotTakeUp) {
    rings_.refusals = 2;
    const DomId id = create("web", 1);
    EXPECT_NE(tty_of(id), ""); // nobody asks for it, no domain comes or goes
}

TEST_F(ConsoleDaemonTest, DoesNotCallEndedWhatItCouldNotTakeUp) {
    const DomId former = create("web", 1);
    EXPECT_NE(tty_of(former), "");
    destroy(former);
    EXPECT_TRUE(eventually([&] {
        const std::lock_guard lock{rings_.mutex};
        return rings_.mappings == 0;
    }));
    {
        const std::lock_guard lock{rings_.mutex};
        rings_.refusals = 1'000'000;
    }
    create("web", 1);
    try {
        attach("web");
        FAIL() << "there is none";
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), HasSubstr("pvhconsoled has no console of"));
    }
}

TEST_F(ConsoleDaemonTest, EndsIfItCannotHearOfItsGuests) {
    {
        const std::lock_guard lock{rings_.mutex};
        rings_.is_broken = true;
    }
    rings_.raise(Port{1});
    EXPECT_TRUE(eventually([&] {
        const std::lock_guard lock{rings_.mutex};
        return failure_.starts_with("follow console rings: read event channels");
    })) << failure_;
}

TEST_F(ConsoleDaemonTest, RefusesWhatIsNoRequest) {
    create("web", 1);
    rpc::Client client{folder_ / "console.sock", "pvhconsoled"};
    EXPECT_THROW(client.call("domain.list", nlohmann::json::object()), Error);
    rpc::Client other{folder_ / "console.sock", "pvhconsoled"};
    EXPECT_THROW(other.call("console.attach", {{"name", "web"}, {"replya", true}}), Error);
}

TEST_F(ConsoleDaemonTest, BoundsItsClients) {
    create("web", 1);
    std::vector<Attached> clients;
    for (int i = 0; i < 4; ++i)
        clients.push_back(attach("web"));
    try {
        attach("web");
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::busy);
    }
    clients.pop_back();
    EXPECT_TRUE(eventually([&] {
        try {
            return attach("web").answer.domain.name == "web";
        } catch (const Error&) {
            return false;
        }
    }));
}

// ---- channels

/// Of a domain whose first console is xenconsoled's: its page is the channel's.
class ChannelTest : public ConsoleDaemonTest {
  protected:
    ChannelTest() : id_{create("web", 1, device::ConsoleService::xenconsoled)} {}

    void add(ChannelConnection connection) {
        const device::Channel channel{
            {.connection = connection, .name = "org.x", .path = path_, .backend = ""}, 1};
        store_.apply(device::describe_device(channel.address(id_), channel.describe()));
        board_->fire(fmt::format("{}/{}", device::kChannelCalls, id_.value()));
    }

    void guest_says(const std::string& state) {
        store_.write(frontend_ + "/state", state);
        board_->fire(frontend_ + "/state");
    }

    void connect_guest() {
        store_.write(frontend_ + "/ring-ref", "8");
        store_.write(frontend_ + "/port", "7");
        guest_says("3");
        EXPECT_TRUE(comes_to("4")) << state();
    }

    std::string state() { return store_.read(backend_ + "/state").value_or("(none)"); }

    bool comes_to(const std::string& wanted) {
        return eventually([&] { return state() == wanted; });
    }

    [[nodiscard]] UniqueFd connect_client() const {
        UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const sockaddr_un address = rpc::unix_address(path_);
        EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
                  0);
        return fd;
    }

    /// Until there are so many bytes, or the end.
    static std::string read_from(const UniqueFd& fd, std::size_t count) {
        std::string text(count, '\0');
        std::size_t done = 0;
        while (done < count) {
            pollfd wanted{.fd = fd.get(), .events = POLLIN, .revents = 0};
            if (::poll(&wanted, 1, 20000) <= 0) break;
            const ssize_t got = ::read(fd.get(), text.data() + done, count - done);
            if (got <= 0) break;
            done += static_cast<std::size_t>(got);
        }
        text.resize(done);
        return text;
    }

    DomId id_;
    fake::FakeStore store_{xen_};
    std::string path_ = folder_ / "agent";
    std::string frontend_ = "/local/domain/" + std::to_string(id_.value()) + "/device/console/1";
    std::string backend_ = "/local/domain/0/backend/console/" + std::to_string(id_.value()) + "/1";
};

TEST_F(ChannelTest, IsASocketThatKeepsWhatNobodyTook) {
    add(ChannelConnection::socket);
    EXPECT_TRUE(comes_to("2"));
    connect_guest();
    print(id_, "hello\n");
    const UniqueFd client = connect_client();
    EXPECT_EQ(read_from(client, 6), "hello\n");
    EXPECT_EQ(::write(client.get(), "yes", 3), 3);
    EXPECT_EQ(typed_to(id_, 3), "yes");
}

TEST_F(ChannelTest, GivesOneClientAfterTheOtherItsTurn) {
    add(ChannelConnection::socket);
    EXPECT_TRUE(comes_to("2"));
    connect_guest();
    std::optional<UniqueFd> first = connect_client();
    print(id_, "one\n");
    EXPECT_EQ(read_from(*first, 4), "one\n");
    const UniqueFd second = connect_client();
    EXPECT_EQ(::write(second.get(), "b", 1), 1);
    EXPECT_EQ(::write(first->get(), "a", 1), 1);
    first.reset();
    EXPECT_EQ(typed_to(id_, 2), "ab");
    print(id_, "two\n");
    EXPECT_EQ(read_from(second, 4), "two\n");
}

TEST_F(ChannelTest, IsAPseudoTerminalThatXlFinds) {
    add(ChannelConnection::pty);
    EXPECT_TRUE(comes_to("2"));
    connect_guest();
    const UniqueFd tty{
        ::open(store_.read(frontend_ + "/tty").value_or("").c_str(), O_RDWR | O_NOCTTY)};
    print(id_, "hello\n");
    EXPECT_EQ(read_from(tty, 6), "hello\n");
    EXPECT_EQ(::write(tty.get(), "yes", 3), 3);
    EXPECT_EQ(typed_to(id_, 3), "yes");
}

TEST_F(ChannelTest, FollowsAGuestThatComesAndGoes) {
    add(ChannelConnection::socket);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(comes_to("2"));
        connect_guest();
        guest_says("5");
        EXPECT_TRUE(comes_to("5"));
        guest_says("6");
        EXPECT_TRUE(comes_to("6"));
        EXPECT_EQ(rings_.mappings, 0);
        guest_says("1");
    }
    EXPECT_TRUE(comes_to("2"));
}

TEST_F(ChannelTest, RefusesWhatIsNoRingUntilThereIsOne) {
    add(ChannelConnection::socket);
    EXPECT_TRUE(comes_to("2"));
    store_.write(frontend_ + "/ring-ref", "much");
    guest_says("3");
    EXPECT_TRUE(comes_to("5"));
    EXPECT_THAT(store_.read("/local/domain/0/error" + backend_.substr(15) + "/error").value_or(""),
                HasSubstr("names no ring-ref and port"));
    guest_says("6");
    EXPECT_TRUE(comes_to("6"));
    connect_guest();
}

/// What it writes fires its own watch, which no brake holds.
TEST_F(ChannelTest, DoesNotFollowTheGuestByWhatItWroteItself) {
    add(ChannelConnection::socket);
    EXPECT_TRUE(comes_to("2"));
    connect_guest();
    const auto looks = [&] {
        const std::lock_guard lock{xen_.mutex};
        return std::count(xen_.calls.begin(), xen_.calls.end(),
                          "store.read " + backend_ + "/online");
    };
    store_.write(frontend_ + "/state", "5"); // its own watch is to fire yet
    for (int i = 0; i < 2; ++i) {            // once the second has begun, the first has ended
        const auto before = looks();
        board_->fire(backend_ + "/state");
        EXPECT_TRUE(eventually([&] { return looks() > before; }));
    }
    EXPECT_EQ(state(), "4");
    board_->fire(frontend_ + "/state");
    EXPECT_TRUE(comes_to("5"));
}

TEST_F(ChannelTest, EndsWithItsNodesOrItsDomain) {
    add(ChannelConnection::socket);
    EXPECT_TRUE(comes_to("2"));
    connect_guest();
    store_.write(backend_ + "/online", "0");
    store_.write(backend_ + "/state", "5");
    board_->fire(backend_ + "/state");
    EXPECT_TRUE(comes_to("6"));
    EXPECT_FALSE(rpc::is_served(path_));
    EXPECT_EQ(rings_.mappings, 0);
    add(ChannelConnection::socket);
    EXPECT_TRUE(comes_to("2"));
    destroy(id_);
    EXPECT_TRUE(eventually([&] { return !rpc::is_served(path_); }));
}

TEST_F(ChannelTest, IsTakenUpAgainWithTheGuestConnected) {
    add(ChannelConnection::socket);
    EXPECT_TRUE(comes_to("2"));
    connect_guest();
    stop();
    EXPECT_FALSE(rpc::is_served(path_));
    start();
    EXPECT_TRUE(eventually([&] { return rpc::is_served(path_); }));
    EXPECT_EQ(state(), "4");
    print(id_, "again\n");
    EXPECT_EQ(read_from(connect_client(), 6), "again\n");
}

TEST_F(ChannelTest, TellsTheToolstackWhyItCannotBe) {
    path_ = folder_ / "no-such-folder/agent";
    add(ChannelConnection::socket);
    EXPECT_TRUE(comes_to("5"));
    EXPECT_THAT(store_.read("/local/domain/0/error" + backend_.substr(15) + "/error").value_or(""),
                HasSubstr("bind"));
}

TEST_F(ChannelTest, LeavesThoseOfOthersAlone) {
    add(ChannelConnection::socket);
    EXPECT_TRUE(comes_to("2"));
    fake::FakeStore{xen_}.write(backend_ + "/state", "1"); // xl's of another number, with a QEMU
    const std::string other = "/libxl/" + std::to_string(id_.value()) + "/device/console/2";
    store_.write(other + "/connection", "pty");
    store_.write(backend_.substr(0, backend_.size() - 1) + "2/online", "1");
    store_.write(backend_.substr(0, backend_.size() - 1) + "2/state", "1");
    board_->fire(fmt::format("{}/{}", device::kChannelCalls, id_.value()));
    board_->fire(backend_ + "/state");
    EXPECT_TRUE(comes_to("2"));
    EXPECT_EQ(store_.read(backend_.substr(0, backend_.size() - 1) + "2/state"), "1");
}

} // namespace

} // namespace pvh::console::test
