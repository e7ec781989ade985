#include "program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace hg::test {

namespace {

[[noreturn]] void fail(int error, const std::string& what) {
    throw std::system_error(error, std::generic_category(), what);
}

struct Pipe {
    Fd read;
    Fd write;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) < 0) {
        fail(errno, "pipe2");
    }
    return {Fd(ends[0]), Fd(ends[1])};
}

Fd file_with(std::string_view text) {
    Fd fd(memfd_create("input", MFD_CLOEXEC));
    if (!fd.valid() || write(fd.get(), text.data(), text.size()) < 0 ||
        lseek(fd.get(), 0, SEEK_SET) < 0) {
        fail(errno, "memfd");
    }
    return fd;
}

// IN, OUT and ERR become the program's; below 0 they are this process's.
pid_t spawn(const std::vector<std::string>& command, int in, int out, int err) {
    std::vector<char*> argv;
    argv.reserve(command.size() + 1);
    for (const auto& word : command) {
        argv.push_back(const_cast<char*>(word.c_str())); // exec's way of saying it does not write
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const auto& [from, to] : {std::pair(in, STDIN_FILENO), std::pair(out, STDOUT_FILENO),
                                   std::pair(err, STDERR_FILENO)}) {
        if (from >= 0) {
            posix_spawn_file_actions_adddup2(&actions, from, to);
        }
    }
    pid_t child = 0;
    const auto error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        fail(error, command[0]);
    }
    return child;
}

int wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            fail(errno, "waitpid");
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Reads what is there; false at the end.
bool drain(int fd, std::string& into) {
    std::array<char, 65536> buffer{};
    const auto got = read(fd, buffer.data(), buffer.size());
    if (got > 0) {
        into.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return got > 0 || (got < 0 && errno == EINTR);
}

void collect(const Pipe& out, const Pipe& err, Outcome& outcome) {
    std::array<pollfd, 2> ends{pollfd{out.read.get(), POLLIN, 0},
                               pollfd{err.read.get(), POLLIN, 0}};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        poll(ends.data(), ends.size(), -1);
        for (auto& end : ends) {
            auto& into = &end == ends.data() ? outcome.out : outcome.err;
            if (end.fd >= 0 && end.revents != 0 && !drain(end.fd, into)) {
                end.fd = -1; // poll passes it over
            }
        }
    }
}

} // namespace

Outcome run(const std::vector<std::string>& command, std::string_view input) {
    const auto in = file_with(input);
    auto out = make_pipe();
    auto err = make_pipe();
    const auto child = spawn(command, in.get(), out.write.get(), err.write.get());
    out.write = Fd();
    err.write = Fd();
    Outcome outcome;
    collect(out, err, outcome);
    outcome.code = wait_for(child);
    return outcome;
}

Outcome run_in(const Namespace& where, const std::vector<std::string>& command,
               std::string_view input) {
    const auto inside = where.enter();
    return run(command, input);
}

Background::Background(const std::vector<std::string>& command)
    : pid_(spawn(command, -1, -1, -1)) {}

Background::Background(Background&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

Background& Background::operator=(Background&& other) noexcept {
    end();
    pid_ = std::exchange(other.pid_, 0);
    return *this;
}

Background::~Background() { end(); }

void Background::end() {
    if (pid_ > 0) {
        kill(pid_, SIGTERM);
        waitpid(std::exchange(pid_, 0), nullptr, 0);
    }
}

std::vector<std::string> words(std::string_view line) {
    std::istringstream in{std::string(line)};
    std::vector<std::string> out;
    for (std::string word; in >> word;) {
        out.push_back(word);
    }
    return out;
}

std::vector<std::string> lines(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) {
        out.push_back(line);
    }
    return out;
}

bool is_slow_kernel() {
    static const bool slow = [] {
        utsname name{};
        uname(&name);
        const std::string_view release(name.release);
        return release.find("kasan") != std::string_view::npos ||
               release.find("kcsan") != std::string_view::npos;
    }();
    return slow;
}

} // namespace hg::test
