// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/xl/commands.h"

#include "libdomain/core/error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <getopt.h>

namespace pvh::cli {

namespace {

constexpr std::string_view kHvm = "is for HVM domains, which pvhd does not build";
constexpr std::string_view kPassthrough = "is about passthrough, which x86 PVH domains do not have";
constexpr std::string_view kLater = "is not supported by pvhd yet";
constexpr std::string_view kDevices = "is about devices that pvhd does not attach";
constexpr std::string_view kHost = "is about the host, not its domains: use Xen's own tool";

[[noreturn]] void refuse(std::string_view option, std::string_view why) {
    throw Error{Errc::unsupported, fmt::format("{} is not supported: {}", option, why)};
}

constexpr char kOperand = 1; // getopt's own number for it
constexpr char kUnknown = '?';

/// One of what is on a command line.
struct Given {
    char letter{};    // of an option, else one of these two
    std::string text; // an option's value, the operand, or what xl knows nothing of, as it is
};

/// xl's options, in getopt_long's terms.   [tools/xl/xl_utils.c def_getopt]
struct Known {
    const char* letters; // behind "-", which has getopt leave everything in its order
    const option* names;
};

constexpr std::array kNoNames{option{}};

std::vector<Given> read(Words words, const Known& known) {
    words.insert(words.begin(), "xl");
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    const int count = static_cast<int>(words.size());
    std::vector<Given> all;
    ::opterr = 0; // pvhctl complains
    ::optind = 0; // anew
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no threads
    for (int letter = 0;
         (letter = ::getopt_long(count, argv.data(), known.letters, known.names, nullptr)) != -1;) {
        if (letter != kUnknown)
            all.push_back({static_cast<char>(letter), ::optarg != nullptr ? ::optarg : ""});
        else if (::optopt != 0)
            all.push_back({kUnknown, {'-', static_cast<char>(::optopt)}});
        else
            all.push_back({kUnknown, argv[static_cast<std::size_t>(::optind) - 1]});
    }
    for (int i = ::optind; i < count; ++i) // behind "--"
        all.push_back({kOperand, argv[static_cast<std::size_t>(i)]});
    return all;
}

/// As pvhctl takes it. Options with a value must be among those that are left out.
void pass_on(const Given& given, std::string_view left_out, Words& words) {
    if (given.letter == kOperand || given.letter == kUnknown)
        words.push_back(given.text);
    else if (left_out.find(given.letter) == std::string_view::npos)
        words.push_back({'-', given.letter});
}

Words without(std::string_view left_out, const std::vector<Given>& all) {
    Words words;
    for (const Given& given : all)
        pass_on(given, left_out, words);
    return words;
}

/// What create and config-update are given.
struct ConfigWords {
    std::string file;
    Words others;
};

/// The file is behind -f, or the first word that is no option and no assignment.
/// [tools/xl/xl_vmcontrol.c main_create]
ConfigWords take_file(const std::vector<Given>& all, std::string_view left_out) {
    ConfigWords words;
    for (const Given& given : all) {
        const bool may_be_file = given.letter == kOperand && words.file.empty() &&
                                 given.text.find('=') == std::string::npos;
        if (given.letter == 'f' || may_be_file)
            words.file = given.text;
        else
            pass_on(given, left_out, words.others);
    }
    return words;
}

/// -e, -V, -A, -i and -d concern xl's own monitor process, VNC, masks of xl.conf, and debugging.
/// [tools/xl/xl_vmcontrol.c main_create]
Words translate_create(const Words& words) {
    static constexpr std::array kNames{
        option{"defconfig", required_argument, nullptr, 'f'},
        option{"dryrun", no_argument, nullptr, 'n'},
        option{"ignore-global-affinity-masks", no_argument, nullptr, 'i'},
        option{"quiet", no_argument, nullptr, 'q'},
        option{"vncviewer", no_argument, nullptr, 'V'},
        option{"vncviewer-autopass", no_argument, nullptr, 'A'},
        option{}};
    const auto all = read(words, {.letters = "-AFVcdef:inpq", .names = kNames.data()});
    for (const Given& given : all)
        if (given.letter == 'F')
            refuse("-F", "nobody has to stay for a domain; pvhctl wait waits for its end");
    ConfigWords config = take_file(all, "AVdei");
    // Without a file all is on the command line.
    config.others.insert(config.others.begin(), config.file.empty() ? "/dev/null" : config.file);
    return config.others;
}

/// -d is for debugging, and -q does nothing in xl either.   [xl_vmcontrol.c main_config_update]
Words translate_config_update(const Words& words) {
    static constexpr std::array kNames{option{"defconfig", required_argument, nullptr, 'f'},
                                       option{}};
    if (words.empty()) return words;
    ConfigWords config =
        take_file(read({words.begin() + 1, words.end()}, {"-dqf:", kNames.data()}), "dq");
    if (config.file.empty()) throw Error{Errc::invalid_config, "Config file not specified"};
    config.others.insert(config.others.begin(), {words.front(), config.file});
    return config.others;
}

/// dom0 is not destroyed, with or without force.
Words translate_destroy(const Words& words) {
    static constexpr std::array kNames{option{"force", no_argument, nullptr, 'f'}, option{}};
    return without("f", read(words, {"-f", kNames.data()}));
}

bool is_option_heap(const std::string& word) {
    return word.size() > 1 && word[0] == '-' && word[1] != '-';
}

/// To wait twice is to wait until it is gone, which --wait does.
Words translate_shutdown(const Words& words) {
    Words translated = words;
    for (std::string& word : translated)
        if (is_option_heap(word)) word.erase(std::unique(word.begin(), word.end()), word.end());
    return translated;
}

Words translate_vcpu_pin(const Words& words) {
    static constexpr std::array kNames{
        option{"force", no_argument, nullptr, 'f'},
        option{"ignore-global-affinity-masks", no_argument, nullptr, 'i'}, option{}};
    return without("fi", read(words, {"-fi", kNames.data()}));
}

/// Console 0, and PV's, is what there is.   [tools/xl/xl_console.c main_console]
Words translate_console(const Words& words) {
    const auto all = read(words, {"-n:t:", kNoNames.data()});
    for (const Given& given : all) {
        const bool is_other = (given.letter == 't' && given.text != "pv") ||
                              (given.letter == 'n' && given.text != "0");
        if (is_other)
            refuse(fmt::format("-{} {}", given.letter, given.text),
                   "a PVH domain has one console, pv 0; its channels are shown by channel-list");
    }
    return without("nt", all);
}

/// xl asks the guest, and forces it when the time is up.
Words translate_network_detach(const Words& words) {
    Words insisting{"--insist"}; // first: behind "--" it would be no option
    insisting.insert(insisting.end(), words.begin(), words.end());
    return insisting;
}

constexpr std::array kXlCommands{
    XlCommand{"create", "Create a domain from a config, and start it", "", translate_create, true,
              true},
    XlCommand{"config-update", "Give a domain another config for its next boot", "",
              translate_config_update},
    XlCommand{"list", "List domains"},
    XlCommand{"destroy", "End a domain at once", "", translate_destroy},
    XlCommand{"shutdown", "Ask a domain to power off", "", translate_shutdown},
    XlCommand{"reboot", "Ask a domain to reboot", "", translate_shutdown},
    XlCommand{"pci-attach", "Attach a PCI device", kPassthrough},
    XlCommand{"pci-detach", "Detach a PCI device", kPassthrough},
    XlCommand{"pci-list", "List PCI devices of a domain", kPassthrough},
    XlCommand{"pci-assignable-add", "Make a PCI device assignable", kPassthrough},
    XlCommand{"pci-assignable-remove", "Make a PCI device unassignable", kPassthrough},
    XlCommand{"pci-assignable-list", "List assignable PCI devices", kPassthrough},
    XlCommand{"pause", "Stop a domain; it keeps its memory"},
    XlCommand{"unpause", "Let a paused domain go on"},
    XlCommand{"console", "Attach to a domain's console", "", translate_console},
    XlCommand{"vncviewer", "Attach to a domain's VNC server", kHvm},
    XlCommand{"save", "Save a domain to a file", kLater},
    XlCommand{"migrate", "Migrate a domain to another host", kLater},
    XlCommand{"restore", "Restore a domain from a file", kLater},
    XlCommand{"migrate-receive", "Restore a domain from another host", kLater},
    XlCommand{"dump-core", "Dump a domain's memory into a file"},
    XlCommand{"cd-insert", "Put a medium into a drive"},
    XlCommand{"cd-eject", "Take a medium out of a drive"},
    XlCommand{"mem-max", "Say how far mem-set may go"},
    XlCommand{"mem-set", "Ask a guest to have so much memory"},
    XlCommand{"button-press", "Press a button of a domain", kHvm},
    XlCommand{"vcpu-list", "List vCPUs"},
    XlCommand{"vcpu-pin", "Say on which CPUs vCPUs may run", "", translate_vcpu_pin},
    XlCommand{"vcpu-set", "Ask a guest to use so many of its vCPUs"},
    XlCommand{"vm-list", "List domains with their UUIDs"},
    XlCommand{"info", "Print facts about the host"},
    XlCommand{"sharing", "Print what of memory is shared", kHvm},
    XlCommand{"sched-credit", "Tell or set shares of the CPUs under credit"},
    XlCommand{"sched-credit2", "Tell or set shares of the CPUs under credit2"},
    XlCommand{"sched-rtds", "Tell or set shares of the CPUs under rtds"},
    XlCommand{"domid", "Print a domain's number"},
    XlCommand{"domname", "Print a domain's name"},
    XlCommand{"rename", "Give a domain another name"},
    XlCommand{"trigger", "Send a vCPU an NMI, INIT or other signal"},
    XlCommand{"sysrq", "Press a SysRq key for a guest's kernel"},
    XlCommand{"debug-keys", "Press keys on Xen's own console"},
    XlCommand{"set-parameters", "Set parameters of Xen", kHost},
    XlCommand{"dmesg", "Print what Xen has printed"},
    XlCommand{"top", "Watch what domains use"},
    XlCommand{"network-attach", "Attach an interface to a domain that runs"},
    XlCommand{"network-list", "List the interfaces of domains"},
    XlCommand{"network-detach", "Take an interface away from a domain", "",
              translate_network_detach},
    XlCommand{"channel-list", "List the channels of domains"},
    XlCommand{"block-attach", "Attach a disk to a domain that runs"},
    XlCommand{"block-list", "List the disks of domains"},
    XlCommand{"block-detach", "Take a disk away from a domain"},
    XlCommand{"vtpm-attach", "Attach a vTPM", kDevices},
    XlCommand{"vtpm-list", "List vTPMs", kDevices},
    XlCommand{"vtpm-detach", "Take a vTPM away", kDevices},
    XlCommand{"vkb-attach", "Attach a keyboard", kDevices},
    XlCommand{"vkb-list", "List keyboards", kDevices},
    XlCommand{"vkb-detach", "Take a keyboard away", kDevices},
    XlCommand{"vdispl-attach", "Attach a display", kDevices},
    XlCommand{"vdispl-list", "List displays", kDevices},
    XlCommand{"vdispl-detach", "Take a display away", kDevices},
    XlCommand{"vsnd-attach", "Attach a sound device", kDevices},
    XlCommand{"vsnd-list", "List sound devices", kDevices},
    XlCommand{"vsnd-detach", "Take a sound device away", kDevices},
    XlCommand{"uptime", "Tell how long domains have run"},
    XlCommand{"claims", "List domains with the memory that is claimed for them"},
    XlCommand{"cpupool-create", "Make a CPU pool", "", nullptr, true},
    XlCommand{"cpupool-list", "List CPU pools"},
    XlCommand{"cpupool-destroy", "End a CPU pool"},
    XlCommand{"cpupool-rename", "Give a CPU pool another name"},
    XlCommand{"cpupool-cpu-add", "Add CPUs to a CPU pool"},
    XlCommand{"cpupool-cpu-remove", "Remove CPUs from a CPU pool"},
    XlCommand{"cpupool-migrate", "Move a domain to a CPU pool"},
    XlCommand{"cpupool-numa-split", "Make a CPU pool of each NUMA node"},
    XlCommand{"getenforce", "Tell whether XSM enforces", kHost},
    XlCommand{"setenforce", "Say whether XSM enforces", kHost},
    XlCommand{"loadpolicy", "Load an XSM policy", kHost},
    XlCommand{"remus", "Keep a copy of a domain on another host", kLater},
    XlCommand{"devd", "Serve the devices of a driver domain", kHost},
    XlCommand{"psr-hwinfo", "Tell about shared resources of CPUs", kHost},
    XlCommand{"psr-cmt-attach", "Watch a domain's use of caches", kHost},
    XlCommand{"psr-cmt-detach", "Watch it no more", kHost},
    XlCommand{"psr-cmt-show", "Tell a domain's use of caches", kHost},
    XlCommand{"psr-cat-set", "Limit a domain's use of caches", kHost},
    XlCommand{"psr-cat-show", "Tell those limits", kHost},
    XlCommand{"psr-mba-set", "Limit a domain's use of memory bandwidth", kHost},
    XlCommand{"psr-mba-show", "Tell those limits", kHost},
    XlCommand{"usbctrl-attach", "Attach a USB controller", kDevices},
    XlCommand{"usbctrl-detach", "Take a USB controller away", kDevices},
    XlCommand{"usbdev-attach", "Attach a USB device", kDevices},
    XlCommand{"usbdev-detach", "Take a USB device away", kDevices},
    XlCommand{"usb-list", "List USB devices", kDevices},
    XlCommand{"qemu-monitor-command", "Talk to a domain's QEMU", kHvm},
};

} // namespace

std::span<const XlCommand> xl_commands() {
    return kXlCommands;
}

const XlCommand* find_xl_command(std::string_view word) {
    const XlCommand* found = nullptr;
    for (const XlCommand& command : kXlCommands) {
        if (command.name == word) return &command;
        if (word.empty() || !command.name.starts_with(word)) continue;
        if (found != nullptr) return nullptr;
        found = &command;
    }
    return found;
}

} // namespace pvh::cli
