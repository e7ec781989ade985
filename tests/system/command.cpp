#include "command.h"

#include "director.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace hg::test {

namespace {

constexpr const char* kFolder = "/run/command-test";

} // namespace

std::unique_ptr<Place> CommandTest::place;

void CommandTest::SetUpTestSuite() {
    std::filesystem::create_directories(kFolder);
    place = std::make_unique<Place>(Place::make("command-test"));
    place->ip("addr add 192.0.2.1/32 dev lo\n"
              "addr add 192.0.2.2/32 dev lo\n"
              "addr add 2001:db8::1/128 dev lo nodad\n");
}

void CommandTest::TearDownTestSuite() {
    place.reset();
    std::filesystem::remove_all(kFolder);
}

CommandTest::CommandTest() { must(Kernel(*place)->flush()); }

Outcome CommandTest::headgate(std::string_view line) const {
    return place->run(words(fmt::format("headgate {}", line)));
}

std::string CommandTest::output(std::string_view line, int code) const {
    const auto got = headgate(line);
    EXPECT_EQ(got.code, code) << line << ": " << got.out << got.err;
    EXPECT_EQ(got.err, "") << line;
    return got.out;
}

nlohmann::json CommandTest::json(std::string_view line, int code) const {
    auto document = nlohmann::json::parse(output(fmt::format("-j {}", line), code));
    EXPECT_EQ(document.at("schema"), 1) << line;
    return document;
}

void CommandTest::does(std::string_view line) const { EXPECT_EQ(output(line), "") << line; }

void CommandTest::refuses(std::string_view line, int code, const std::string& text) const {
    const auto before = generation();
    const auto got = headgate(line);
    EXPECT_EQ(got.code, code) << line;
    EXPECT_EQ(got.out, "") << line;
    EXPECT_EQ(got.err, fmt::format("headgate: {}\n", text)) << line;
    EXPECT_EQ(generation(), before) << line;
}

std::uint32_t CommandTest::generation() const { return must(Kernel(*place)->info()).generation; }

std::string CommandTest::file(std::string_view name, std::string_view content) {
    auto path = fmt::format("{}/{}", kFolder, name);
    std::ofstream(path) << content;
    return path;
}

} // namespace hg::test
