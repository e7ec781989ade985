#include "accept_local.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace hg {

namespace {

bool accepts_local(const std::filesystem::path& interface) {
    std::ifstream file(interface / "accept_local");
    int value = 0;
    file >> value;
    return value != 0;
}

} // namespace

AcceptLocal read_accept_local() {
    const std::filesystem::path root("/proc/sys/net/ipv4/conf");
    const auto everywhere = accepts_local(root / "all");
    AcceptLocal out;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
        const auto name = entry.path().filename().string();
        if (name != "all" && name != "default" && name != "lo") {
            (everywhere || accepts_local(entry.path()) ? out.on : out.off).push_back(name);
        }
    }
    std::sort(out.on.begin(), out.on.end());
    std::sort(out.off.begin(), out.off.end());
    return out;
}

} // namespace hg
