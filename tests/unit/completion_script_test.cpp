// The function that bash calls, in a bash of its own: the command is a stub.
#include "fake_host.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace {

// A folder that bash runs in, with a file for it to find.
class CompletionScript : public testing::Test {
protected:
    CompletionScript() : folder_(made()) {
        std::ofstream(folder_ / "web=1.yaml") << "";
        std::ofstream(folder_ / "completion") << hg::test::Cli()("completion bash");
    }

    ~CompletionScript() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    // What readline gets for the line, when the command offers these words.
    std::string completed(const std::string& line, const std::string& words) {
        std::ofstream(folder_ / "run")
            << "headgate() { echo \"$*\" >asked; printf '%s\\n' " << words << "; }\n"
            << "compopt() { options=\"$*\"; }\n"
            << ". ./completion\n"
            << "COMP_LINE='" << line << "' COMP_POINT=" << line.size() << " COMPREPLY=(old)\n"
            << "_headgate\n"
            << "echo \"${COMPREPLY[*]}${options:+ ($options)}\"\n";
        const auto command = "cd " + folder_.string() + " && bash run";
        auto* const pipe = popen(command.c_str(), "r");
        std::array<char, 4096> out{};
        const auto got = fread(out.data(), 1, out.size(), pipe);
        EXPECT_EQ(pclose(pipe), 0);
        return {out.data(), got};
    }

    // What the command was asked last.
    std::string asked() {
        std::ifstream file(folder_ / "asked");
        std::string out;
        std::getline(file, out);
        return out;
    }

private:
    static std::filesystem::path made() {
        std::string name = std::filesystem::temp_directory_path() / "headgate-XXXXXX";
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        return name;
    }

    std::filesystem::path folder_;
};

TEST_F(CompletionScript, offers_what_begins_as_the_word) {
    EXPECT_EQ(completed("headgate s", "show service flush"), "show service\n");
    EXPECT_EQ(asked(), "completion words -- s");
    EXPECT_EQ(completed("headgate show ", "web dns"), "web dns\n");
    EXPECT_EQ(asked(), "completion words -- show ");
    EXPECT_EQ(completed("headgate x", "show"), "\n");
}

// readline breaks words at colons and equals signs, and replaces only the last piece.
TEST_F(CompletionScript, gives_the_piece_after_the_last_break) {
    EXPECT_EQ(completed("headgate show tcp:", "tcp://10.0.0.1:80 udp://10.0.0.1:53"),
              "//10.0.0.1:80\n");
    EXPECT_EQ(completed("headgate show tcp://10.0.0.1:8", "tcp://10.0.0.1:80 tcp://10.0.0.1:8080"),
              "80 8080\n");
    EXPECT_EQ(completed("headgate server del web \"[2001:db8::", "\"[2001:db8::7]:80\""), "\n")
        << "a quoted word is not looked into";
    EXPECT_EQ(completed("headgate server del web [2001:db8::", "'[2001:db8::7]:80'"), "7]:80\n");
}

TEST_F(CompletionScript, puts_no_blank_after_an_equals_sign) {
    EXPECT_EQ(completed("headgate service set web --timeout u", "tcp= udp="),
              "udp= (-o nospace)\n");
    EXPECT_EQ(completed("headgate service set web --timeout udp=", "udp=default"), "default\n");
}

TEST_F(CompletionScript, finds_files_wherever_a_file_is_asked_for) {
    for (const auto* const line :
         {"headgate apply w", "headgate -j apply web=", "headgate --netns blue diff "}) {
        EXPECT_NE(completed(line, ":file").find("web=1.yaml"), std::string::npos) << line;
    }
    EXPECT_EQ(completed("headgate apply x", ":file"), " (-o filenames)\n");
}

TEST_F(CompletionScript, finds_interfaces) {
    EXPECT_EQ(completed("headgate realserver up --dev l", ":device"), "lo\n");
}

TEST_F(CompletionScript, runs_nothing_of_what_is_offered) {
    EXPECT_EQ(completed("headgate show $", "'$(touch asked2)'"), "$(touch asked2)\n");
}

} // namespace
