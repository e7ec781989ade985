// headgate-agent: one line about this host's load, on the standard output. A socket unit makes
// that a connection.
#include "answer.h"
#include "options.h"

#include <chrono>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <thread>

namespace {

using hg::agent::AdminWish;
using hg::agent::HostLoad;

constexpr std::chrono::milliseconds kWindow{200}; // over which the CPU's use is taken
constexpr int kUsage = 2;
constexpr std::size_t kLineMax = 256;

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// The start of the first line; nothing where there is no such file.
std::optional<std::string> first_line(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        return std::nullopt;
    }
    std::string line(kLineMax, '\0');
    file.getline(line.data(), static_cast<std::streamsize>(line.size()));
    line.resize(line.find('\0')); // getline() has put one there
    return line;
}

AdminWish admin_wish(const hg::agent::Options& options) {
    if (auto reason = first_line(options.maint)) {
        return {.kind = AdminWish::Kind::Maint, .reason = std::move(*reason)};
    }
    if (auto reason = first_line(options.drain)) {
        return {.kind = AdminWish::Kind::Drain, .reason = std::move(*reason)};
    }
    return {};
}

// Nothing where /proc does not say.
std::optional<HostLoad> host_load() {
    const auto before = hg::agent::read_stat(read_file("/proc/stat").value_or(""));
    std::this_thread::sleep_for(kWindow);
    const auto after = hg::agent::read_stat(read_file("/proc/stat").value_or(""));
    const auto load1 = hg::agent::read_loadavg(read_file("/proc/loadavg").value_or(""));
    const auto memory = hg::agent::read_meminfo(read_file("/proc/meminfo").value_or(""));
    if (!before || !after || !load1 || !memory) {
        return std::nullopt;
    }
    return HostLoad{.cpu = hg::agent::used_share(*before, *after),
                    .load1 = *load1,
                    .cores = std::thread::hardware_concurrency(),
                    .memory_available = *memory};
}

int run(std::span<const char* const> words) {
    const auto parsed = hg::agent::parse_options(words);
    if (const auto* const wrong = std::get_if<std::string>(&parsed)) {
        std::cerr << "headgate-agent: " << *wrong << "\n";
        return kUsage;
    }
    const auto& options = std::get<hg::agent::Options>(parsed);
    if (options.help || options.version) {
        std::cout << (options.help ? hg::agent::help_text() : "headgate-agent " HG_VERSION "\n");
        return 0;
    }
    const auto wish = admin_wish(options);
    const auto load = host_load();
    if (!load) {
        std::cerr << "headgate-agent: cannot read the load from /proc\n";
    }
    std::cout << (load ? answer(wish, *load, options.least) : answer(wish)) << std::flush;
    return std::cout ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + (argc > 0 ? 1 : 0), argv + argc});
    } catch (const std::exception& bug) {
        std::cerr << "headgate-agent: internal error: " << bug.what() << '\n';
        return 1;
    }
}
