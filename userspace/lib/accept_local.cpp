#include "accept_local.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace hg {

namespace {

const std::filesystem::path kInterfaces("/proc/sys/net/ipv4/conf");
constexpr auto kKey = "accept_local";

} // namespace

bool ipv4_conf_is_set(const std::string& interface, const char* key) {
    std::ifstream file(kInterfaces / interface / key);
    int value = 0;
    file >> value;
    return value != 0;
}

AcceptLocal read_accept_local() {
    const auto everywhere = ipv4_conf_is_set("all", kKey);
    AcceptLocal out;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(kInterfaces, error)) {
        const auto name = entry.path().filename().string();
        if (name != "all" && name != "default" && name != "lo") {
            (everywhere || ipv4_conf_is_set(name, kKey) ? out.on : out.off).push_back(name);
        }
    }
    std::sort(out.on.begin(), out.on.end());
    std::sort(out.off.begin(), out.off.end());
    return out;
}

} // namespace hg
