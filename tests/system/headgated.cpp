#include "headgated.h"

#include "daemon_socket.h"
#include "director.h"
#include "eventually.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>

namespace hg::test {

namespace {

constexpr const char* kFolder = "/run/daemon-test";

std::string state_of(const std::string& host, std::string_view what) {
    return fmt::format("/run/cluster/{}.{}", host, what);
}

pid_t pid_in(const std::string& file) {
    pid_t pid = 0;
    std::ifstream(file) >> pid;
    if (pid <= 1) {
        throw std::runtime_error("no pid in " + file);
    }
    return pid;
}

// The port in the switch that a server's cable is in: "nat-web1.nats".
std::string port_of(const std::string& host) {
    const auto mode = host.substr(0, host.find('-'));
    return fmt::format("{}.{}", host, mode == "dr" ? mode : mode + "s");
}

} // namespace

Headgated::Headgated() { std::filesystem::create_directories(kFolder); }

Headgated::~Headgated() {
    daemon = {};
    if (HasFailure()) {
        std::cerr << log();
    }
    std::filesystem::remove_all(kFolder);
}

std::string Headgated::path(std::string_view name) { return fmt::format("{}/{}", kFolder, name); }

std::string Headgated::timing() {
    return sized("interval: 1s, timeout: 500ms, fast_interval: 200ms, fall: 2, rise: 1",
                 "interval: 4s, timeout: 4s, fast_interval: 1s, fall: 2, rise: 1");
}

std::string Headgated::service(const Way& way, hg::Protocol protocol, std::uint16_t port,
                               std::string_view check, int servers) {
    auto out = fmt::format("  - listen: \"{}\"\n    scheduler: rr\n    check: {{ {}, {} }}\n"
                           "    servers:\n",
                           hg::ServiceKey{protocol, {way.vip(), port}}.text(), check, timing());
    for (int i = 1; i <= servers; i++) {
        out += fmt::format("      - {{ address: \"{}\", forward: {} }}\n",
                           hg::Endpoint{way.server(i), port}.text(), name(way.mode));
    }
    return out;
}

void Headgated::write(std::string_view configuration) {
    std::ofstream(path("headgate.yaml")) << configuration;
}

void Headgated::configure(const Way& way, std::string_view more) {
    write(fmt::format(
        "services:\n{}    name: web\n{}",
        service(way, hg::Protocol::Tcp, 80, R"(type: http, path: /healthz, body: "^ok")"), more));
}

std::vector<std::string> Headgated::command() {
    return {"headgated", "--config", path("headgate.yaml"), "--socket", path("sock")};
}

void Headgated::start() {
    auto line = fmt::format("exec \"$0\" \"$@\" 2>>{}", path("log"));
    std::vector<std::string> logged{"sh", "-c", std::move(line)};
    const auto ours = command();
    logged.insert(logged.end(), ours.begin(), ours.end());
    daemon = lab.director.start(logged);
    ASSERT_TRUE(eventually([] { return status().is_object(); }));
}

void Headgated::start(const Way& way, std::string_view more) {
    configure(way, more);
    start();
    ASSERT_TRUE(eventually([&] { return up() == kServers; }));
}

void Headgated::kill(int signal) const { ASSERT_EQ(::kill(daemon.pid(), signal), 0); }

std::string Headgated::log() {
    std::ifstream file(path("log"));
    return {std::istreambuf_iterator<char>(file), {}};
}

Outcome Headgated::ask(std::string_view line) const {
    return lab.director.run(words(fmt::format("headgate {} --socket {}", line, path("sock"))));
}

nlohmann::json Headgated::status() {
    const auto answer = hg::ask_daemon(path("sock"), R"({"command":"status"})");
    return answer ? nlohmann::json::parse(*answer, nullptr, false) : nlohmann::json{};
}

int Headgated::up() const {
    const auto servers = must(lab.kernel->list_servers());
    return static_cast<int>(std::count_if(servers.begin(), servers.end(),
                                          [](const auto& server) { return server.down == 0; }));
}

std::uint32_t Headgated::generation() const { return must(lab.kernel->info()).generation; }

Hung::Hung(const std::string& host) : pid_(pid_in(state_of(host, "pid"))) { kill(pid_, SIGSTOP); }

Hung::~Hung() { kill(pid_, SIGCONT); }

Killed::Killed(std::string host) : host_(std::move(host)) {
    kill(pid_in(state_of(host_, "pid")), SIGKILL);
}

Killed::~Killed() { (void)run({"cluster", "restart", host_}); }

Odd::Odd(const std::string& host, std::string_view how) : file_(state_of(host, how)) {
    std::ofstream{file_};
}

Odd::~Odd() { std::filesystem::remove(file_); }

Unplugged::Unplugged(const std::string& host) : port_(port_of(host)) {
    Place::existing("wire").ip(fmt::format("link set {} down\n", port_));
}

Unplugged::~Unplugged() { Place::existing("wire").ip(fmt::format("link set {} up\n", port_)); }

Partitioned::Partitioned(const std::string& host) : place_(Place::existing(host)) {
    for (const auto* const rule :
         {"add table inet cut",
          "add chain inet cut in { type filter hook input priority -350 ; policy drop ; }"}) {
        if (place_.run({"nft", rule}).code != 0) {
            throw std::runtime_error(rule);
        }
    }
}

Partitioned::~Partitioned() { (void)place_.run({"nft", "delete table inet cut"}); }

} // namespace hg::test
