// Whatever a server says, and in whatever pieces, reading it as HTTP ends, and is bounded.
#include "http_reply.h"

#include <cstdlib>

namespace {

void read(std::string_view bytes, std::size_t piece, hg::daemon::HttpBody body) {
    hg::daemon::HttpReply reply("GET", body);
    while (!bytes.empty()) {
        const auto part = bytes.substr(0, piece);
        const auto complete = reply.put(part);
        if (!complete || *complete) {
            break;
        }
        bytes.remove_prefix(part.size());
    }
    (void)reply.end();
    if (reply.body().size() > hg::daemon::kBodyMax) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t piece = data[0] + 1;
    read(bytes, piece, hg::daemon::HttpBody::Wanted);
    read(bytes, bytes.size(), hg::daemon::HttpBody::Ignored);
    return 0;
}
