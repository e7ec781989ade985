#include "module_system.h"

#include "run_folder.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace hg::cli {

namespace {

constexpr const char* kParameters = "/sys/module/headgate/parameters";

// A file in memory, at its beginning.
Result<Fd> file_of(std::string_view text) {
    Fd fd(memfd_create("text", MFD_CLOEXEC));
    if (!fd.valid() || write(fd.get(), text.data(), text.size()) < 0 ||
        lseek(fd.get(), 0, SEEK_SET) < 0) {
        return system_error(errno, "make a file in memory");
    }
    return fd;
}

// What a program has to say first.
std::string first_line(const Fd& fd) {
    std::array<char, 512> buffer{};
    const auto size = pread(fd.get(), buffer.data(), buffer.size(), 0);
    const std::string text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return text.substr(0, text.find('\n'));
}

Result<pid_t> spawn(const std::vector<std::string>& words, const Fd& input, const Fd& output) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const auto& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str())); // which are not written to
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.get(), STDERR_FILENO);
    pid_t child = 0;
    const auto error =
        posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return system_error(error, "run " + words[0]);
    }
    return child;
}

// In the calling thread's network namespace, and with its mask of signals.
Result<> run_program(const std::vector<std::string>& words, std::string_view input = {}) {
    const auto in = HG_TRY(file_of(input));
    const auto out = HG_TRY(file_of({}));
    const auto child = HG_TRY(spawn(words, in, out));
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return system_error(errno, "wait for " + words[0]);
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return {};
    }
    const auto said = first_line(out);
    return refusal(said.empty() ? words[0] + " failed" : said, std::errc::invalid_argument);
}

} // namespace

Result<std::vector<std::string>> SystemMachine::namespaces() {
    namespaces_ = HG_TRY(all_netns());
    std::vector<std::string> out;
    for (const auto& netns : namespaces_) {
        out.push_back(netns.name);
    }
    return out;
}

Result<> SystemMachine::filter(const std::string& rules) {
    auto done = run_program({"nft", "-f", "-"}, rules);
    if (!done && done.error().code == std::errc::no_such_file_or_directory) {
        done.error().reason = "there is no such program: it is in the package nftables";
    }
    return attempting(std::move(done), "guard the VIPs by nft");
}

Result<std::vector<std::string>> SystemMachine::parameters() {
    std::vector<std::string> out;
    std::error_code error; // a module without any has no such folder
    for (const auto& entry : std::filesystem::directory_iterator(kParameters, error)) {
        std::string value;
        std::getline(std::ifstream(entry.path()), value);
        out.push_back(entry.path().filename().string() + "=" + value);
    }
    return out;
}

Result<> SystemMachine::find(const ModuleSource& source) {
    if (source.file.empty()) {
        return attempting(run_program({"modprobe", "--show-depends", "headgate"}),
                          "find the module headgate");
    }
    const Fd fd(open(source.file.c_str(), O_RDONLY | O_CLOEXEC));
    return fd.valid() ? Result<>() : system_error(errno, "read " + source.file);
}

Result<> SystemMachine::load(const ModuleSource& source) {
    auto words = source.file.empty() ? std::vector<std::string>{"modprobe", "headgate"}
                                     : std::vector<std::string>{"insmod", source.file};
    words.insert(words.end(), source.parameters.begin(), source.parameters.end());
    return attempting(run_program(words), "load " + source.text());
}

Result<> SystemMachine::unload() {
    if (syscall(SYS_delete_module, "headgate", O_NONBLOCK) == 0) {
        return {};
    }
    auto error = system_error(errno, "unload the module");
    if (errno == EPERM) {
        error.value().reason = "no permission: this needs CAP_SYS_MODULE (be root)";
    }
    return error;
}

Result<std::string> SystemMachine::keep(const std::string& name, const std::string& text) {
    const auto path = fmt::format("{}/{}", kRunFolder, name);
    std::error_code error;
    std::filesystem::create_directories(kRunFolder, error);
    std::ofstream file(path);
    if (!(file << text << std::flush)) {
        return system_error(EIO, "write " + path);
    }
    return path;
}

} // namespace hg::cli
