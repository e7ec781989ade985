// HTTP by real programs through each mode and family: curl, the director, nginx, NFS.
#include "cluster.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using testing::ElementsAre;
using testing::Pair;

constexpr std::size_t kMegabyte = 1048576;

// The whole file of 100 MB, or its beginning on a kernel with sanitizers.
std::size_t transfer_bytes() { return sized<std::size_t>(100, 1) * kMegabyte; }

// Files in memory, gone with this.
class Scratch {
public:
    Scratch() { std::filesystem::create_directories(kFolder); }

    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    ~Scratch() { std::filesystem::remove_all(kFolder); }

    [[nodiscard]] static std::string path(std::string_view name) {
        return fmt::format("{}/{}", kFolder, name);
    }

private:
    static constexpr const char* kFolder = "/run/http-test";
};

// Where the first BYTES of two files begin to differ; nothing when they do not.
std::optional<std::size_t> difference(const std::string& left, const std::string& right,
                                      std::size_t bytes) {
    std::ifstream one(left, std::ios::binary);
    std::ifstream other(right, std::ios::binary);
    std::string a(65536, '\0');
    std::string b(65536, '\0');
    for (std::size_t at = 0; at < bytes; at += a.size()) {
        const auto want = static_cast<std::streamsize>(std::min(a.size(), bytes - at));
        one.read(a.data(), want);
        other.read(b.data(), want);
        if (one.gcount() != want || other.gcount() != want || a != b) {
            return at;
        }
    }
    return std::nullopt;
}

class Http : public testing::TestWithParam<Way> {
protected:
    Http() { lab.serve(GetParam(), hg::Protocol::Tcp, 80); }

    [[nodiscard]] Outcome curl(const std::string& options) const {
        auto command = words("curl -gsS --max-time 300 -H Connection:close " + options);
        return lab.client.run(command);
    }

    Cluster& lab = Cluster::shared();
    const Way& way = GetParam();
    Scratch scratch;
};

TEST_P(Http, every_server_answers_with_the_page_of_the_storage) {
    std::string urls;
    for (int i = 0; i < 2 * kServers; i++) {
        urls += way.url("") + " ";
    }
    const auto got = curl("-w %{http_code}:%header{x-server}\\n " + urls);
    ASSERT_EQ(got.code, 0) << got.err;
    std::map<std::string, int> answers;
    for (const auto& line : lines(got.out)) {
        answers[line]++;
    }
    EXPECT_THAT(answers, ElementsAre(Pair("200:web1", 2), Pair("200:web2", 2), Pair("200:web3", 2),
                                     Pair("the page from the storage", 6)));
}

TEST_P(Http, a_large_download_arrives_as_it_is) {
    const auto file = Scratch::path("download");
    const auto got = curl(fmt::format("-f -r 0-{} -o {} -w %{{size_download}} {}",
                                      transfer_bytes() - 1, file, way.url("big")));
    ASSERT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(got.out, std::to_string(transfer_bytes()));
    EXPECT_EQ(difference(file, Cluster::file("big"), transfer_bytes()), std::nullopt);
}

TEST_P(Http, a_large_upload_arrives_on_the_storage_as_it_is) {
    const auto file = Scratch::path("upload");
    std::filesystem::copy_file(Cluster::file("big"), file);
    std::filesystem::resize_file(file, transfer_bytes());
    const auto name = "upload/" + way.text();
    const auto got = curl(fmt::format("-f -T {} -w %{{http_code}} {}", file, way.url(name)));
    ASSERT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(got.out, "201");
    const auto stored = Cluster::file(name);
    EXPECT_EQ(std::filesystem::file_size(stored), transfer_bytes());
    EXPECT_EQ(difference(file, stored, transfer_bytes()), std::nullopt);
    std::filesystem::remove(stored);
}

TEST_P(Http, nothing_fails_while_many_clients_come_at_once) {
    const auto got = lab.client.run(words(fmt::format("wrk -t 1 -c 20 -d {} -H Connection:close {}",
                                                      sized("1s", "4s"), way.url("healthz"))));
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(got.out.find("Socket errors"), std::string::npos) << got.out;
    EXPECT_EQ(got.out.find("Non-2xx"), std::string::npos) << got.out;
    EXPECT_EQ(conns_by_server(lab.kernel).size(), kServers);
}

INSTANTIATE_TEST_SUITE_P(Cluster, Http, testing::ValuesIn(kWays), WayName());

} // namespace
