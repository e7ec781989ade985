// Whatever a datagram holds, reading it ends with a value or an error.
#include "codec.h"
#include "extack.h"
#include "family.h"

namespace {

void read_message(const hg::Message& message) {
    const auto request = hg::get_info_request();
    const auto sent = hg::make_message({.command = request.command}, request.attributes);
    (void)hg::read_ack(message, sent);
    (void)hg::read_done(message, sent);
    if (const auto generic = hg::read_generic(message)) {
        (void)hg::decode_info(generic->attributes);
        (void)hg::decode_settings(generic->attributes);
        (void)hg::decode_service(generic->attributes);
        (void)hg::decode_server(generic->attributes);
        (void)hg::decode_conn(generic->attributes);
        (void)hg::decode_event(generic->attributes);
        (void)hg::decode_family(generic->attributes);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    if (const auto messages = hg::split_datagram(bytes)) {
        for (const auto& message : *messages) {
            read_message(message);
        }
    }
    return 0;
}
