// Whatever a node_exporter replies, reading it ends with an error or a load within its range.
#include "http_text.h"
#include "node_exporter.h"

#include <cstdint>
#include <cstdlib>

namespace {

bool is_share(double value) { return value >= 0 && value <= 1; }

} // namespace

// The input is a reply, and the bare text as well.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)hg::daemon::http_text(bytes, hg::daemon::HttpFlow::Open);
    const auto body = hg::daemon::http_text(bytes, hg::daemon::HttpFlow::Ended);
    const auto before = hg::daemon::parse_node_metrics(body ? **body : bytes);
    // Half of the text is another reading, of perhaps fewer CPUs and smaller numbers.
    const auto after = hg::daemon::parse_node_metrics(bytes.substr(0, size / 2));
    if (!before || !after) {
        return 0;
    }
    for (const auto& load : {load_between(*before, *after), load_between(*after, *before)}) {
        if (load && !(is_share(load->cpu) && is_share(load->sample().busy) &&
                      is_share(load->memory_available))) {
            std::abort();
        }
    }
    return 0;
}
