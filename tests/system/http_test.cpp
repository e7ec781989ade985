// HTTP by real programs through each mode and family: curl, the director, nginx, NFS.
#include "cluster.h"
#include "director.h"
#include "two_wires.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
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

// How often each line comes.
std::map<std::string, int> counted(std::string_view text) {
    std::map<std::string, int> out;
    for (const auto& line : lines(text)) {
        out[line]++;
    }
    return out;
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
    EXPECT_THAT(counted(got.out),
                ElementsAre(Pair("200:web1", 2), Pair("200:web2", 2), Pair("200:web3", 2),
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

// One service with a server of each mode. Its VIP is that of the tunnels, so the direct server has
// to hold it too, and to know the way to a client that is on another network than itself; the
// client has to take its answers there.
class HttpOfAllModes : public testing::TestWithParam<Family> {
protected:
    HttpOfAllModes() {
        direct.ip(fmt::format("addr add {0} dev lo{2}\nroute add {1}\n", vip_, route_,
                              is_v4() ? "" : " nodad"));
        lab.client.sysctl(kFilter, "0");
        must(lab.kernel->add_service({.key = key, .scheduler = "rr"}));
        for (int i = 0; i < kServers; i++) {
            const Way way{kModes.at(static_cast<std::size_t>(i)), GetParam()};
            hg::ServerSpec server;
            server.endpoint = {way.server(i + 1), 80};
            server.mode = way.mode;
            must(lab.kernel->add_server(key, server));
        }
    }

    ~HttpOfAllModes() override {
        direct.ip(fmt::format("addr del {} dev lo\nroute del {}\n", vip_, route_));
        lab.client.sysctl(kFilter, "1");
    }

    [[nodiscard]] bool is_v4() const { return GetParam() == Family::V4; }

    // As many requests as OPTIONS are lines, each by a connection of its own.
    [[nodiscard]] Outcome curl(const std::string& options) const {
        return lab.client.run(words("curl -gsS --max-time 300 -H Connection:close " + options));
    }

    // The server that each mode's conns are at.
    std::map<Mode, std::set<std::string>> servers_of_modes() {
        std::map<Mode, std::set<std::string>> out;
        must(lab.kernel->list_conns({}, [&](const hg::Conn& conn) {
            out[conn.mode].insert(conn.server.address.text());
            return hg::Client::Next::Go;
        }));
        return out;
    }

    // Server 1, 2, 3.
    static constexpr std::array<Mode, kServers> kModes{Mode::Nat, Mode::Direct, Mode::Tunnel};
    static constexpr const char* kFilter = "net/ipv4/conf/all/rp_filter";

    Cluster& lab = Cluster::shared();
    const Way tunnel{Mode::Tunnel, GetParam()};
    const hg::ServiceKey key{hg::Protocol::Tcp, {tunnel.vip(), 80}};
    Place direct = Place::existing(Way{Mode::Direct, GetParam()}.host(2));
    Scratch scratch;

private:
    const std::string vip_ = tunnel.vip().text() + (is_v4() ? "/32" : "/128");
    const std::string route_ =
        is_v4() ? "10.3.0.2/32 via 10.2.0.2" : "fd00:10:3:0::2/128 via fd00:10:2:0::2";
};

TEST_P(HttpOfAllModes, each_server_answers_by_its_own_mode) {
    std::string urls;
    for (int i = 0; i < 2 * kServers; i++) {
        urls += tunnel.url("") + " ";
    }
    const auto got = curl("-w %{http_code}:%header{x-server}\\n " + urls);
    ASSERT_EQ(got.code, 0) << got.err;
    EXPECT_THAT(counted(got.out),
                ElementsAre(Pair("200:web1", 2), Pair("200:web2", 2), Pair("200:web3", 2),
                            Pair("the page from the storage", 6)));
    std::map<Mode, std::set<std::string>> expected;
    for (int i = 0; i < kServers; i++) {
        const Way way{kModes.at(static_cast<std::size_t>(i)), GetParam()};
        expected[way.mode] = {way.server(i + 1).text()};
    }
    EXPECT_EQ(servers_of_modes(), expected);
}

TEST_P(HttpOfAllModes, a_download_from_each_server_arrives_as_it_is) {
    std::string options;
    for (int i = 0; i < kServers; i++) {
        options += fmt::format("-o {} {} ", Scratch::path(fmt::format("download{}", i)),
                               tunnel.url("big"));
    }
    const auto got =
        curl(fmt::format("-f -r 0-{} -w %header{{x-server}}\\n {}", kMegabyte - 1, options));
    ASSERT_EQ(got.code, 0) << got.err;
    EXPECT_THAT(lines(got.out), testing::UnorderedElementsAre("web1", "web2", "web3"));
    for (int i = 0; i < kServers; i++) {
        const auto file = Scratch::path(fmt::format("download{}", i));
        EXPECT_EQ(difference(file, Cluster::file("big"), kMegabyte), std::nullopt);
    }
}

INSTANTIATE_TEST_SUITE_P(Cluster, HttpOfAllModes, testing::Values(Family::V4, Family::V6),
                         FamilyName{});

} // namespace
