#include "program.h"

#include "awaiting.h"
#include "fd.h"
#include "probe_text.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kReadSize = 4096;
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// What the daemon may, its programs may not, and nothing they start gets it back.
bool drop_capabilities() {
    // The bounding set needs a right that the daemon may lack; no_new_privs does without.
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; ++cap) {
        prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return false;
    }
    __user_cap_header_struct header{};
    header.version = _LINUX_CAPABILITY_VERSION_3;
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    return syscall(SYS_capset, &header, none.data()) == 0;
}

[[noreturn]] void give_up(const char* what) {
    const char* const why = std::strerror(errno);
    for (const char* const part : {"cannot run ", what, ": ", why}) {
        (void)!write(STDOUT_FILENO, part, std::strlen(part));
    }
    _exit(127);
}

// In the child. It dies with the daemon.
[[noreturn]] void become(char* const* words, int input, int null, int output) {
    sigset_t no_signals;
    sigemptyset(&no_signals);
    sigprocmask(SIG_SETMASK, &no_signals, nullptr);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
        close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0 || chdir("/") != 0 ||
        !drop_capabilities()) {
        give_up(words[0]);
    }
    std::string path(kPath);
    const std::array<char*, 2> environment{path.data(), nullptr};
    execve(words[0], words, environment.data());
    give_up(words[0]);
}

// glibc 2.36 declares its own as if it were C++.
int open_pidfd(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (auto& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

// Nothing and an errno where the system refuses.
std::optional<asio::posix::stream_descriptor> watch(const asio::any_io_executor& executor, Fd fd) {
    asio::posix::stream_descriptor watched(executor);
    boost::system::error_code error;
    watched.assign(fd.get(), error);
    if (error) {
        return std::nullopt;
    }
    (void)fd.release();
    return watched;
}

// A file of these bytes, at its beginning; invalid and an errno where the system refuses.
Fd file_of(std::string_view bytes) {
    Fd fd(memfd_create("input", MFD_CLOEXEC));
    if (fd.valid() &&
        (write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
         lseek(fd.get(), 0, SEEK_SET) != 0)) {
        return {};
    }
    return fd;
}

tl::unexpected<std::string> cannot_run(const std::vector<std::string>& words) {
    const int error = errno;
    return failure(fmt::format("cannot run {}: {}", words.front(), std::strerror(error)));
}

} // namespace

std::string ProgramEnd::text() const {
    const auto what = killed ? fmt::format("killed by signal {} ({})", status, strsignal(status))
                             : fmt::format("exit status {}", status);
    return said.empty() ? what : what + ": " + said;
}

Outcome<std::shared_ptr<Program>> Program::start(const asio::any_io_executor& executor,
                                                 const std::vector<std::string>& words,
                                                 std::shared_ptr<void> turn,
                                                 std::string_view input) {
    std::array<int, 2> pipe{};
    if (pipe2(pipe.data(), O_CLOEXEC) != 0) {
        return cannot_run(words);
    }
    Fd output(pipe[0]);
    const Fd write_end(pipe[1]);
    const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    const auto in = file_of(input);
    auto copies = words;
    const auto pointers = pointers_to(copies);
    const pid_t pid = null.valid() && in.valid() ? fork() : -1;
    if (pid == 0) {
        become(pointers.data(), in.get(), null.get(), write_end.get());
    }
    if (pid < 0) {
        return cannot_run(words);
    }
    setpgid(pid, pid); // whoever is first: it is killed by its group
    auto ended = watch(executor, Fd(open_pidfd(pid)));
    auto heard = watch(executor, std::move(output));
    if (!ended || !heard) {
        const auto fault = cannot_run(words);
        ::kill(-pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        return fault;
    }
    const std::shared_ptr<Program> program(
        new Program(pid, std::move(*ended), std::move(*heard), std::move(turn)));
    asio::co_spawn(executor, listen(program), asio::detached);
    asio::co_spawn(executor, reap(program), asio::detached);
    return program;
}

Program::Program(pid_t pid, asio::posix::stream_descriptor ended,
                 asio::posix::stream_descriptor output, std::shared_ptr<void> turn)
    : pid_(pid), ended_(std::move(ended)), output_(std::move(output)),
      known_(ended_.get_executor(), asio::steady_timer::time_point::max()), turn_(std::move(turn)) {
}

// Unreaped only where the loop itself has gone.
Program::~Program() {
    if (!end_) {
        kill();
        waitpid(pid_, nullptr, WNOHANG);
    }
}

void Program::kill() const {
    if (!end_) {
        ::kill(-pid_, SIGKILL);
    }
}

asio::awaitable<std::optional<ProgramEnd>> Program::wait() {
    if (!end_) {
        (void)co_await known_.async_wait(kTuple);
    }
    co_return end_;
}

// All is read, that it need not wait for us; little is kept. Each piece is kept as it is read: what
// waited in a completion of its own would come after the end that reap() tells.
asio::awaitable<void> Program::listen(std::shared_ptr<Program> program) {
    boost::system::error_code fault;
    program->output_.non_blocking(true, fault);
    while (!fault || fault == asio::error::would_block) {
        const auto [error] =
            co_await program->output_.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
        if (error) {
            co_return;
        }
        fault = program->read_some();
    }
}

// A wake-up may be another's: until a child has replaced itself it holds our sockets too, and epoll
// goes on telling of those that were closed here meanwhile.
asio::awaitable<void> Program::reap(std::shared_ptr<Program> program) {
    while (!program->has_ended()) {
        const auto [error] =
            co_await program->ended_.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
        if (error) {
            co_return;
        }
    }
    program->kill(); // what it has left behind
    program->read_rest();
    program->take_status();
    program->turn_.reset();
    program->known_.cancel();
}

bool Program::has_ended() {
    siginfo_t info{};
    const auto pidfd = static_cast<id_t>(ended_.native_handle());
    return waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

void Program::keep(std::string_view bytes) {
    said_ += bytes.substr(0, kReasonMax - std::min(said_.size(), kReasonMax));
}

boost::system::error_code Program::read_some() {
    std::array<char, kReadSize> buffer{};
    boost::system::error_code fault;
    const auto size = output_.read_some(asio::buffer(buffer), fault);
    keep(std::string_view(buffer.data(), size));
    return fault;
}

// Others may hold the pipe open: its end is not waited for.
void Program::read_rest() {
    while (said_.size() < kReasonMax && !read_some()) {
    }
    boost::system::error_code ignored;
    output_.close(ignored);
}

void Program::take_status() {
    siginfo_t info{};
    waitid(P_PIDFD, static_cast<id_t>(ended_.native_handle()), &info, WEXITED | WNOHANG);
    end_ = ProgramEnd{
        .status = info.si_status, .killed = info.si_code != CLD_EXITED, .said = printable(said_)};
}

} // namespace hg::daemon
