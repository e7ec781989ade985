// Whatever a mail or file server says, reading its replies ends, however it is cut in pieces.
#include "line_reply.h"
#include "probe_text.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t piece = data[0] + 1;
    hg::daemon::LineReader reader;
    while (!bytes.empty()) {
        reader.put(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        auto reply = reader.next();
        while (reply && *reply) {
            if (hg::daemon::printable((*reply)->text).size() > hg::daemon::kReasonMax) {
                std::abort();
            }
            reply = reader.next();
        }
        if (!reply) {
            break;
        }
    }
    return 0;
}
