#include "config_files.h"
#include "config_include.h"
#include "temp_dir.h"

#include "config.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>

namespace {

// Files that are nowhere but here; a pattern stands for what begins with the part before its star.
class TableFiles final : public hg::ConfigFiles {
public:
    explicit TableFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}

    [[nodiscard]] std::string main() const override { return "main"; }

    [[nodiscard]] hg::Result<std::vector<std::string>> find(const std::string& pattern) override {
        const auto star = pattern.find('*');
        if (star == std::string::npos) {
            return std::vector{pattern};
        }
        std::vector<std::string> out;
        for (const auto& [path, text] : files_) {
            if (path.starts_with(pattern.substr(0, star))) {
                out.push_back(path);
            }
        }
        return out;
    }

    [[nodiscard]] std::string read(const std::string& path, hg::ConfigFaults& faults) override {
        const auto found = files_.find(path);
        if (found == files_.end()) {
            faults.add({}, "is not there");
            return {};
        }
        return found->second;
    }

private:
    std::map<std::string, std::string> files_;
};

std::string faults_of(const std::string& text, std::map<std::string, std::string> files) {
    TableFiles table(std::move(files));
    const auto config = hg::parse_config(text, table);
    return config ? "" : config.error().render("main");
}

// The services by their names, in their order.
std::string names_of(const hg::Config& config) {
    std::string out;
    for (const auto& pool : config.services) {
        out += pool.service.name + " ";
    }
    return out;
}

std::string service(const std::string& name, int port) {
    return fmt::format("services: [ {{ name: {}, listen: \"tcp://192.0.2.80:{}\" }} ]\n", name,
                       port);
}

TEST(ConfigInclude, adds_services_and_nodes_after_those_of_the_main_file) {
    TableFiles files({{"a/1", service("one", 1)},
                      {"a/2", service("two", 2) + "nodes: [ { name: nas, address: 192.0.2.1 } ]\n"},
                      {"b", service("three", 3)}});
    const auto config = hg::parse_config(
        "include: [ b, a/* ]\ndefaults: { scheduler: rr }\n" + service("zero", 80), files);
    ASSERT_TRUE(config) << config.error().render("main");
    EXPECT_EQ(names_of(*config), "zero three one two ");
    EXPECT_EQ(config->nodes.size(), 1U);
    EXPECT_EQ(config->services[3].service.scheduler, "rr") << "the defaults hold for all files";
}

TEST(ConfigInclude, takes_the_place_of_services) {
    EXPECT_EQ(faults_of("include: none/*\n", {}), "");
}

TEST(ConfigInclude, reads_a_file_once_and_itself_not_again) {
    TableFiles files({{"main", "x"}, {"main.d", service("one", 1)}});
    const auto config = hg::parse_config("include: [ main*, main.d ]\n", files);
    ASSERT_TRUE(config) << config.error().render("main");
    EXPECT_EQ(names_of(*config), "one ");
}

TEST(ConfigInclude, tells_faults_at_their_place_in_their_file) {
    EXPECT_EQ(faults_of("include: [ a, b, c, d ]\nservices: [ x ]\n",
                        {{"a", "services: [ { listen: 1 } ]\n"},
                         {"b", "services: ]\n"},
                         {"d", "nodes: [ {} ]\n"}}),
              "main:2:13: a service has to be a map with listen and servers, not \"x\"\n"
              "a:1:23: \"1\" is not a service: tcp://ADDRESS:PORT or udp://ADDRESS:PORT\n"
              "b:1:11: not YAML: did not find expected node content\n"
              "c: is not there\n"
              "d:1:10: a node needs name: storage\n"
              "d:1:10: a node needs address: ADDRESS\n");
}

TEST(ConfigInclude, names_both_files_of_what_is_there_twice) {
    EXPECT_EQ(faults_of("include: [ a, b ]\n" + service("web", 1) +
                            "nodes: [ { name: nas, address: 192.0.2.1 } ]\n",
                        {{"a", service("web", 2)},
                         {"b", service("app", 2) + "nodes: [ { name: nas, address: 192.0.2.1 } "
                                                   "]\n"}}),
              "a:1:21: name \"web\" is here a second time, the first is at main:2:21\n"
              "b:1:34: tcp://192.0.2.80:2 is here a second time, the first is at a:1:34\n"
              "b:2:18: node \"nas\" is here a second time, the first is at main:3:18\n");
}

TEST(ConfigInclude, is_of_services_and_nodes_only) {
    EXPECT_EQ(
        faults_of("include: [ a, b, c ]\n",
                  {{"a", "include: b\nexclusive: true\ndaemon: {}\ndefaults: {}\nservces: []\n"},
                   {"b", "# nothing\n"},
                   {"c", "- a\n"}}),
        "a:1:1: include has its place in \"main\", which includes this file\n"
        "a:2:1: exclusive has its place in \"main\", which includes this file\n"
        "a:3:1: daemon has its place in \"main\", which includes this file\n"
        "a:4:1: defaults has its place in \"main\", which includes this file\n"
        "a:5:1: unknown key \"servces\" in an included file; did you mean services?\n"
        "b:1:1: the file is empty: it has to have services or nodes, be it \"services: []\"\n"
        "c:1:1: the file has to be a map of services and nodes, not a list\n");
}

TEST(ConfigInclude, is_a_path_or_a_list_of_paths) {
    EXPECT_EQ(faults_of("include:\n", {}),
              "main:1:1: include has to be a path or a list of paths, not nothing\n");
    EXPECT_EQ(faults_of("include: { a: b }\n", {}),
              "main:1:10: include has to be a value, not a map\n");
    EXPECT_EQ(faults_of("include: \"\"\n", {}),
              "main:1:10: include has to be the path of a file, not \"\"\n");
}

TEST(ConfigInclude, is_of_up_to_256_files) {
    std::map<std::string, std::string> files;
    for (int i = 0; i < 257; ++i) {
        files[fmt::format("a{}", i)] = "services: []\n";
    }
    EXPECT_EQ(faults_of("include: a*\n", files),
              "main:1:10: include \"a*\" is 257 files: up to 256 are read\n");
    files.erase("a256");
    EXPECT_EQ(faults_of("include: a*\n", files), "");
    files["b"] = "services: []\n";
    EXPECT_EQ(faults_of("include: [ a*, b ]\n", files),
              "main:1:16: with \"b\" there are 257 files to include: up to 256 are read\n");
}

TEST(ConfigInclude, is_of_up_to_64_mb) {
    std::map<std::string, std::string> files;
    for (const auto* const name : {"a", "b", "c", "d", "e"}) {
        // Few long lines: what is tested is the sum.
        files[name] = "services: []\n#" + std::string((std::size_t{16} << 20U) - 14, ' ');
    }
    EXPECT_EQ(faults_of("include: [ a, b, c, d, e ]\n", files),
              "e: with this file more than 64 MB are included\n");
}

TEST(ConfigInclude, totals_are_of_all_files) {
    std::string servers;
    for (int i = 0; i < 600; ++i) {
        servers += fmt::format("      - address: 10.1.{}.{}\n", i / 250, 1 + i % 250);
    }
    std::map<std::string, std::string> files;
    for (int file = 1; file <= 3; ++file) {
        std::string text = "services:\n  - listen:\n";
        for (int port = 1; port <= 200; ++port) {
            text += fmt::format("      - tcp://10.0.0.{}:{}\n", file, port);
        }
        text += "    servers:\n";
        text += servers;
        files[fmt::format("a{}", file)] = text;
    }
    EXPECT_EQ(faults_of("include: a*\n", files),
              "a3:2:3: 360000 servers are too many in all: up to 262144\n");
}

using ConfigFolder = hg::test::TempDir;

TEST_F(ConfigFolder, is_that_of_the_file) {
    (void)file("conf.d/b.yaml", service("two", 2));
    (void)file("conf.d/a.yaml", service("one", 1));
    (void)file("conf.d/.hidden.yaml", "wrong");
    (void)file("conf.d/c.yaml~", "wrong");
    const auto main = file("main.yaml", "include: conf.d/*.yaml\n");
    const auto config = hg::load_config(main);
    ASSERT_TRUE(config) << config.error().render(main);
    EXPECT_EQ(names_of(*config), "one two ");
}

TEST_F(ConfigFolder, may_have_a_name_that_looks_like_a_pattern) {
    (void)file("[x]*/a.yaml", service("one", 1));
    const auto config = hg::load_config(file("[x]*/main.yaml", "include: ?.yaml\n"));
    ASSERT_TRUE(config) << config.error().render("main");
    EXPECT_EQ(names_of(*config), "one ");
}

TEST_F(ConfigFolder, has_to_be_there) {
    const auto main = file("main.yaml", "include: [ confd/*.yaml, one.yaml ]\n");
    const auto config = hg::load_config(main);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().render("main"),
              "main:1:12: include \"confd/*.yaml\": No such file or directory\n" + path_ +
                  "/one.yaml: cannot be opened: No such file or directory\n");
}

TEST_F(ConfigFolder, of_absolute_paths_is_theirs) {
    const auto other = file("other/a.yaml", service("one", 1));
    const auto config = hg::load_config(file("etc/main.yaml", "include: " + other + "\n"));
    ASSERT_TRUE(config) << config.error().render("main");
    EXPECT_EQ(names_of(*config), "one ");
}

} // namespace
