#include "namespace.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>

namespace hg::test {

namespace {

constexpr const char* kMine = "/proc/thread-self/ns/net";

void check(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

Fd open_mine() {
    Fd fd(open(kMine, O_RDONLY | O_CLOEXEC));
    check(fd.get(), kMine);
    return fd;
}

Fd file_with(std::string_view text) {
    Fd fd(memfd_create("input", MFD_CLOEXEC));
    check(fd.get(), "memfd_create");
    check(static_cast<int>(write(fd.get(), text.data(), text.size())), "write");
    check(static_cast<int>(lseek(fd.get(), 0, SEEK_SET)), "lseek");
    return fd;
}

// Without a program: one costs 10 to 20 ms in an emulated guest.
void lo_up(const Namespace& where) {
    const auto inside = where.enter();
    const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    check(ioctl(fd.get(), SIOCSIFFLAGS, &request), "set lo up");
}

// Says when it is one, and ends when nobody listens any more.
[[noreturn]] void be_another_user(int fd) {
    char word = 0;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && write(fd, &word, 1) == 1) {
        while (read(fd, &word, 1) > 0) {
        }
    }
    _exit(0);
}

int wait_for(pid_t child) {
    int status = 0;
    check(waitpid(child, &status, 0), "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

Namespace::Namespace() {
    const auto before = open_mine();
    check(unshare(CLONE_NEWNET), "unshare");
    fd_ = open_mine();
    check(setns(before.get(), CLONE_NEWNET), "setns");
    lo_up(*this);
}

// By a child: a program with threads cannot enter another user namespace.
Namespace Namespace::of_other_users() {
    int ends[2];
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
    Fd mine(ends[0]);
    Fd theirs(ends[1]);
    const pid_t child = fork();
    check(child, "fork");
    if (child == 0) {
        close(ends[0]);
        be_another_user(ends[1]);
    }
    theirs = Fd();
    char word = 0;
    const bool is_there = read(mine.get(), &word, 1) == 1;
    Namespace out(Fd(open(fmt::format("/proc/{}/ns/net", child).c_str(), O_RDONLY | O_CLOEXEC)));
    mine = Fd();
    wait_for(child);
    check(is_there ? out.fd_.get() : -1, "a user namespace");
    lo_up(out);
    return out;
}

Namespace::Inside::Inside(const Namespace& where) : before_(open_mine()) {
    check(setns(where.fd_.get(), CLONE_NEWNET), "setns");
}

Namespace::Inside::~Inside() { setns(before_.get(), CLONE_NEWNET); }

std::string Namespace::path() const { return fmt::format("/proc/{}/fd/{}", getpid(), fd_.get()); }

void Namespace::ip(std::string_view batch) const { run({"ip", "-batch", "-"}, batch); }

void Namespace::nft(std::string_view rules) const { run({"nft", "-f", "-"}, rules); }

void Namespace::sysctl(const std::string& name, std::string_view value) const {
    const auto inside = enter();
    const auto path = "/proc/sys/" + name;
    const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    check(fd.get(), path.c_str());
    check(static_cast<int>(write(fd.get(), value.data(), value.size())), path.c_str());
}

void Namespace::run(const std::vector<std::string>& command, std::string_view input) const {
    const auto inside = enter();
    const auto in = file_with(input);
    std::vector<char*> argv;
    argv.reserve(command.size() + 1);
    for (const auto& word : command) {
        argv.push_back(const_cast<char*>(word.c_str())); // exec's way of saying it does not write
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
    pid_t child = 0;
    const auto error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), command[0]);
    }
    if (const auto status = wait_for(child); status != 0) {
        throw std::runtime_error(
            fmt::format("{}: exit status {}; its input:\n{}", command[0], status, input));
    }
}

} // namespace hg::test
