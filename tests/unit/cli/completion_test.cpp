// SPDX-License-Identifier: LGPL-2.1-or-later
// What could stand where a word is typed, as pvhctl tells the shells; and what bash, zsh and fish
// make of it, as far as they are here.
#include "tests/unit/cli/fake_daemon.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace pvh::cli::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

using Words = std::vector<std::string>;

Words lines_of(const std::string& text) {
    std::istringstream in{text};
    Words lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

// ---- what could stand there

class Completion : public ::testing::Test {
  protected:
    Completion() {
        rpc::ListResult list;
        list.domains = {running_domain("Domain-0", 0), running_domain("web", 7),
                        running_domain("$(echo${IFS}evaluated)", 8), running_domain("two words", 9),
                        running_domain("-n", 10)};
        daemon_.on("domain.list", listing(list));
    }

    /// Each as pvhctl prints it: the word, and behind a tab what it is.
    Words lines(Words words) {
        words.insert(words.begin(), "__complete");
        const Outcome outcome = run(daemon_, words);
        EXPECT_EQ(outcome.status, 0);
        EXPECT_EQ(outcome.err, "");
        socket_ = outcome.socket;
        return lines_of(outcome.out);
    }

    Words offered(const Words& words) {
        Words candidates = lines(words);
        for (std::string& line : candidates)
            line.resize(std::min(line.find('\t'), line.size()));
        return candidates;
    }

    FakeDaemon daemon_;
    std::string socket_;
};

TEST_F(Completion, OffersCommandsAndTheirOptions) {
    EXPECT_THAT(offered({"des"}), IsSupersetOf({"destroy", "help", "check"}));
    EXPECT_THAT(offered({"--json", "ch"}), Contains("channel-list"));
    EXPECT_THAT(lines({""}), Contains("domid\tPrint a domain's number"));
    EXPECT_THAT(offered({"create", "--dry"}),
                IsSupersetOf({"--dry-run", "--dryrun", "--strict", "--json", "--socket"}));
    EXPECT_THAT(offered({"list", "--"}), Not(Contains("--strict")));
    EXPECT_THAT(offered({"--"}), AllOf(Contains("--socket"), Not(Contains("--strict"))));
    EXPECT_THAT(offered({"nosuch", ""}), IsEmpty());
    EXPECT_THAT(offered({"help", ""}), IsSupersetOf({"create", "memory"}));
    EXPECT_THAT(daemon_.log(), IsEmpty());
}

TEST_F(Completion, OffersDomainsWhereTheTreeHasOne) {
    EXPECT_THAT(lines({"destroy", ""}), ElementsAre("web\tdomain 7"));
    EXPECT_THAT(offered({"list", "web", ""}), ElementsAre("web"));
    EXPECT_THAT(offered({"domid", ""}), ElementsAre("web"));
    EXPECT_THAT(offered({"sched-credit2", "-d", ""}), ElementsAre("web"));
    EXPECT_THAT(offered({"sched-credit2", "--domain=w"}), ElementsAre("--domain=web"));
    EXPECT_THAT(offered({"shutdown", "-w", "--timeout", "5", ""}), ElementsAre("web"));
    EXPECT_THAT(offered({"console", "--", ""}), ElementsAre("web"));
    EXPECT_THAT(offered({"domname", ""}), Contains("7"));
    EXPECT_THAT(offered({"rename", "web", ""}), IsEmpty());
    EXPECT_THAT(offered({"shutdown", "--timeout", ""}), IsEmpty());
    EXPECT_THAT(offered({"pause", "web", "db", ""}), ElementsAre("web"));
    EXPECT_THAT(offered({"domid", "web", ""}), IsEmpty());
}

TEST_F(Completion, OffersDevicesOfTheDomainBefore) {
    rpc::DevicesResult result;
    rpc::DeviceStatus disk;
    disk.kind = "vbd";
    disk.vdev = "xvdb";
    disk.target = "/srv/a\tb.img";
    rpc::DeviceStatus nic;
    nic.kind = "vif";
    nic.devid = 1;
    nic.mac = "00:16:3e:00:00:01";
    nic.bridge = "xenbr0";
    result.devices = {disk, nic};
    daemon_.on("device.list", always(result));
    EXPECT_THAT(lines({"block-detach", "web", ""}), ElementsAre("xvdb\t/srv/a b.img"));
    EXPECT_EQ(daemon_.log().back(), R"(device.list {"name":"web"})");
    EXPECT_THAT(lines({"network-detach", "web", ""}),
                ElementsAre("1\t00:16:3e:00:00:01 at xenbr0"));
}

TEST_F(Completion, OffersJobsUnderWay) {
    rpc::JobListResult list;
    rpc::JobStatus job;
    job.job = "3b6a8f8e";
    job.method = "domain.create";
    job.subject = "web.cfg";
    job.state = "running";
    rpc::JobStatus ended = job;
    ended.job = "ended";
    ended.state = "done";
    list.jobs = {job, ended};
    daemon_.on("job.list", always(list));
    EXPECT_THAT(lines({"job-wait", ""}), ElementsAre("3b6a8f8e\tdomain.create web.cfg"));
}

TEST_F(Completion, IsSilentWithoutADaemon) {
    daemon_.on("domain.list", [](const nlohmann::json&) -> nlohmann::json {
        throw DaemonUnreachable{Error{Errc::not_found, "connect"}};
    });
    EXPECT_THAT(offered({"destroy", ""}), IsEmpty());
    daemon_.on("domain.list", always("no list"));
    EXPECT_THAT(offered({"destroy", ""}), IsEmpty());
}

TEST_F(Completion, AsksTheDaemonThatTheLineNames) {
    (void)offered({"--socket", "/run/a.sock", "destroy", ""});
    EXPECT_EQ(socket_, "/run/a.sock");
    (void)offered({"destroy", "--socket=/run/b.sock", ""});
    EXPECT_EQ(socket_, "/run/b.sock");
}

TEST_F(Completion, OffersFilesAndFolders) {
    for (const Words& words : {Words{"create", ""},
                               {"plan", "a"},
                               {"check", ""},
                               {"--socket", ""},
                               {"--socket=/r"},
                               {"dump-core", "web", ""},
                               {"create", "a.cfg", "kernel=/b"},
                               {"block-attach", "web", "/"}})
        EXPECT_THAT(offered(words), ElementsAre(":files")) << words.back();
    EXPECT_THAT(offered({"selftest", "--probes", ""}), ElementsAre(":folders"));
    EXPECT_THAT(offered({"autostart", ""}), ElementsAre(":folders"));
}

TEST_F(Completion, OffersOptionsOfConfigsBehindTheFile) {
    EXPECT_THAT(offered({"create", "a.cfg", "maxv"}), Contains("maxvcpus="));
    EXPECT_THAT(offered({"create", "a.cfg", "on_crash=pres"}),
                AllOf(Contains("on_crash=preserve"), Not(Contains(":files"))));
    EXPECT_THAT(offered({"check", "a.cfg", "maxv"}),
                AllOf(Contains("maxvcpus="), Contains(":files")));
    EXPECT_THAT(offered({"network-attach", "web", ""}), IsEmpty());
}

TEST_F(Completion, OffersWordsThatAreListed) {
    EXPECT_THAT(offered({"wait", "web", "--for", ""}), IsSupersetOf({"gone", "running"}));
    EXPECT_THAT(offered({"events", "--type", ""}), Contains("domain.shutdown"));
    EXPECT_THAT(offered({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
}

TEST_F(Completion, HasNothingToSayToNothing) {
    EXPECT_THAT(lines({}), IsEmpty());
}

// ---- what shells make of it

/// In it pvhctl is a function: it notes what it is asked, and prints an answer.
class Shell : public ::testing::Test {
  protected:
    Shell() { std::filesystem::create_directories(folder_); }

    ~Shell() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] static bool has(const std::string& shell) {
        return std::system(("command -v " + shell + " >/dev/null").c_str()) == 0;
    }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream{folder_ + "/" + name} << text;
    }

    /// What a shell prints that has this to do; the completion is in ./script, the answer in
    /// ./answer.
    [[nodiscard]] std::string output(const std::string& shell, const std::string& options,
                                     const std::string& todo, const std::string& answer) const {
        FakeDaemon daemon;
        write("script", run(daemon, {"completion", shell}).out);
        write("answer", answer);
        write("todo", todo);
        const std::string command = "cd " + folder_ + " && HOME=" + folder_ + " " + shell + " " +
                                    options + " todo 2>&1 </dev/null";
        const std::unique_ptr<FILE, int (*)(FILE*)> pipe{::popen(command.c_str(), "r"), ::pclose};
        std::string said;
        std::array<char, 256> chunk{};
        while (std::fgets(chunk.data(), chunk.size(), pipe.get()) != nullptr)
            said += chunk.data();
        return said;
    }

    /// The words that pvhctl was asked about.
    [[nodiscard]] Words asked() const {
        std::ifstream in{folder_ + "/asked"};
        const std::string text{std::istreambuf_iterator<char>{in},
                               std::istreambuf_iterator<char>{}};
        return lines_of(text);
    }

    std::string folder_ = ::testing::TempDir() + "pvhctl_completion_" + std::to_string(::getpid());
};

class Bash : public Shell {
  protected:
    /// `words` as bash parts them: at "=" and ":", too.
    std::string offered(const std::string& words, const std::string& answer) {
        return output("bash", "",
                      "set -eu\n. ./script\n"
                      "pvhctl() { printf '%s\\n' \"$@\" >asked; cat answer; }\n"
                      "COMP_WORDS=(pvhctl " +
                          words +
                          ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_pvhctl pvhctl\n"
                          "printf '%s\\n' \"${COMPREPLY[@]}\"\n",
                      answer);
    }
};

TEST_F(Bash, OffersWhatBeginsLikeTheWord) {
    EXPECT_EQ(offered("des", "destroy\tEnd domains\ndomid\tPrint\n"), "destroy\n");
    EXPECT_THAT(asked(), ElementsAre("__complete", "des"));
    EXPECT_EQ(offered("destroy \"\"", "web\tdomain 7\ndb\n"), "web\ndb\n");
    EXPECT_THAT(asked(), ElementsAre("__complete", "destroy", ""));
    EXPECT_EQ(offered("destroy \"\"", "$(echo evaluated)\n"), "$(echo evaluated)\n");
    EXPECT_EQ(offered("destroy \"\"", ""), "\n");
}

TEST_F(Bash, PutsWordsTogetherThatItParted) {
    EXPECT_EQ(offered("create a.cfg on_crash = pres", "on_crash=preserve\non_crash=destroy\n"),
              "preserve\n");
    EXPECT_THAT(asked(), ElementsAre("__complete", "create", "a.cfg", "on_crash=pres"));
    EXPECT_EQ(offered("create a.cfg on_crash =", "on_crash=preserve\n"), "preserve\n");
    EXPECT_EQ(offered("console a : b : c", "a:b:cd\n"), "cd\n");
    EXPECT_EQ(offered("--socket = /x destroy w", "web\n"), "web\n");
    EXPECT_THAT(asked(), ElementsAre("__complete", "--socket=/x", "destroy", "w"));
}

TEST_F(Bash, OffersFilesOrKeys) {
    EXPECT_EQ(offered("create ./scr", ":files\n"), "./script\n");
    EXPECT_EQ(offered("--socket = ./scr", ":files\n"), "./script\n");
    EXPECT_EQ(offered("check a.cfg maxv", ":files\nmaxvcpus=\tHow many\nmemory=\n"), "maxvcpus=\n");
    EXPECT_EQ(offered("check a.cfg ./scr", ":files\nmaxvcpus=\n"), "./script\n");
    EXPECT_EQ(offered("autostart /et", ":folders\n"), "/etc\n");
}

class Zsh : public Shell {
  protected:
    /// With what is zsh's own completion's replaced by functions that tell how they were called.
    std::string offered(const std::string& words, const std::string& prefix,
                        const std::string& answer) {
        return output("zsh", "-f",
                      "compdef() { :; }\n. ./script\n"
                      "pvhctl() { print -rl -- \"$@\" >asked; cat answer; }\n"
                      "_describe() { print -rl -- \"${(@P)4}\" \"$@[5,-1]\"; }\n"
                      "_files() { print -r -- \"files $* like $PREFIX\"; }\n"
                      "compset() { [[ $PREFIX != *=* ]] || PREFIX=${PREFIX#*=}; }\n"
                      "words=(pvhctl " +
                          words + " '" + prefix + "')\nCURRENT=$#words\nPREFIX='" + prefix +
                          "'\n_pvhctl\n",
                      answer);
    }
};

TEST_F(Zsh, OffersWordsWithWhatTheyAre) {
    if (!has("zsh")) GTEST_SKIP() << "no zsh here";
    EXPECT_EQ(offered("destroy", "w", "web\tdomain 7\na:b\n"), "web:domain 7\na\\:b\n");
    EXPECT_THAT(asked(), ElementsAre("__complete", "destroy", "w"));
    EXPECT_EQ(offered("destroy", "", ""), "");
    EXPECT_THAT(asked(), ElementsAre("__complete", "destroy", ""));
}

TEST_F(Zsh, OffersKeysWithoutABlankAndFilesBehindThem) {
    if (!has("zsh")) GTEST_SKIP() << "no zsh here";
    EXPECT_EQ(offered("create a.cfg", "maxv", "maxvcpus=\tHow many\n"),
              "maxvcpus=:How many\n-S\n\n");
    EXPECT_EQ(offered("create a.cfg", "kernel=/b", ":files\n"), "files  like /b\n");
    EXPECT_EQ(offered("autostart", "/e", ":folders\n"), "files -/ like /e\n");
}

class Fish : public Shell {
  protected:
    std::string offered(const std::string& line, const std::string& answer) {
        return output("fish", "--no-config",
                      "source ./script\n"
                      "function pvhctl; printf '%s\\n' $argv >asked; cat answer; end\n"
                      "complete -C '" +
                          line + "'\n",
                      answer);
    }
};

TEST_F(Fish, OffersWordsWithWhatTheyAre) {
    if (!has("fish")) GTEST_SKIP() << "no fish here";
    EXPECT_EQ(offered("pvhctl destroy ", "web\tdomain 7\ndb\n"), "db\nweb\tdomain 7\n");
    EXPECT_THAT(asked(), ElementsAre("__complete", "destroy", ""));
    EXPECT_EQ(offered("pvhctl destroy w", "web\tdomain 7\ndb\n"), "web\tdomain 7\n");
    EXPECT_EQ(offered("pvhctl create --st", "--strict\tRefuse\n"), "--strict\tRefuse\n");
}

TEST_F(Fish, OffersFilesAlsoBehindKeys) {
    if (!has("fish")) GTEST_SKIP() << "no fish here";
    EXPECT_THAT(offered("pvhctl create /etc/passw", ":files\n"), HasSubstr("/etc/passwd"));
    EXPECT_THAT(offered("pvhctl create a.cfg kernel=/etc/passw", ":files\n"),
                HasSubstr("kernel=/etc/passwd"));
    EXPECT_THAT(offered("pvhctl autostart /et", ":folders\n"), HasSubstr("/etc/"));
    EXPECT_THAT(asked(), ElementsAre("__complete", "autostart", "/et"));
}

} // namespace
} // namespace pvh::cli::test
