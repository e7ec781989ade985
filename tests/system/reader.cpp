#include "reader.h"

#include "director.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

namespace hg::test {

namespace {

constexpr const char* kPipe = "/run/events-test.pipe";
constexpr const char* kCode = "/run/events-test.code";

} // namespace

void Reader::open(const std::string& line) {
    std::filesystem::remove(kPipe);
    std::filesystem::remove(kCode);
    must(mkfifo(kPipe, 0600) == 0 ? Result<>{} : system_error(errno, "mkfifo"));
    command_ = Background(
        {"sh", "-c", fmt::format("headgate {} >{} 2>&1; echo $? >{}", line, kPipe, kCode)});
    fd_ = Fd(::open(kPipe, O_RDONLY | O_CLOEXEC));
}

std::optional<std::string> Reader::line(std::chrono::milliseconds patience) {
    auto end = buffer_.find('\n');
    while (end == std::string::npos) {
        pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
        std::array<char, 65536> bytes{};
        const auto size = poll(&ready, 1, static_cast<int>(patience.count())) > 0
                              ? read(fd_.get(), bytes.data(), bytes.size())
                              : 0;
        if (size <= 0) {
            return std::nullopt;
        }
        buffer_.append(bytes.data(), static_cast<std::size_t>(size));
        end = buffer_.find('\n');
    }
    auto out = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return out;
}

nlohmann::json Reader::object(const char* kind, std::chrono::milliseconds patience) {
    const auto quoted = fmt::format("\"{}\":{{", kind);
    while (const auto text = line(patience)) {
        if (text->find(quoted) == std::string::npos) {
            continue; // reading thousands takes its time
        }
        auto document = nlohmann::json::parse(*text);
        EXPECT_EQ(document.at("schema"), 1);
        if (document.contains(kind)) {
            return document.at(kind);
        }
    }
    throw std::runtime_error(fmt::format("there is no \"{}\"", kind));
}

std::string Reader::code() {
    std::string out;
    EXPECT_TRUE(eventually([&] {
        std::ifstream(kCode) >> out;
        return !out.empty();
    })) << "it goes on";
    return out;
}

bool somebody_overran() {
    constexpr std::size_t kGroups = 3;
    constexpr std::size_t kDrops = 8;
    std::ifstream sockets("/proc/thread-self/net/netlink");
    std::string line;
    std::getline(sockets, line); // the heads of the columns
    while (std::getline(sockets, line)) {
        const auto columns = words(line);
        if (columns.at(kGroups) != "00000000" && columns.at(kDrops) != "0") {
            return true;
        }
    }
    return false;
}

} // namespace hg::test
