#include "packet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ostream>

namespace hg::test {

namespace {

struct FlagName {
    TcpFlag flag;
    char letter;
};

constexpr FlagName kFlagNames[] = {{kFin, 'F'}, {kSyn, 'S'}, {kRst, 'R'},
                                   {kPsh, 'P'}, {kAck, 'A'}, {kUrg, 'U'}};

std::string flags_text(std::uint8_t flags) {
    std::string out;
    for (const auto& name : kFlagNames) {
        if ((flags & name.flag) != 0) {
            out += name.letter;
        }
    }
    return out.empty() ? "-" : out;
}

struct TransportText {
    std::string operator()(const Tcp& t) const {
        const auto options =
            t.options.empty() ? "" : fmt::format(" [{:02x}]", fmt::join(t.options, ""));
        return fmt::format("tcp {} > {} {} seq {} ack {}{}", t.sport, t.dport, flags_text(t.flags),
                           t.seq, t.ack, options);
    }

    std::string operator()(const Udp& u) const {
        return fmt::format("udp {} > {}{}", u.sport, u.dport, u.no_checksum ? " no sum" : "");
    }

    std::string operator()(const Icmp& i) const {
        return fmt::format("icmp {}/{} {}", i.type, i.code, i.rest);
    }

    std::string operator()(const Other& o) const { return fmt::format("protocol {}", o.protocol); }
};

std::string payload_text(const Packet& packet) {
    if (packet.payload.empty()) {
        return "";
    }
    const auto inner = packet_of(packet.payload);
    if (inner && !std::holds_alternative<Tcp>(packet.transport)) {
        return fmt::format(" ({} bytes: {})", packet.payload.size(), text(*inner));
    }
    const auto head = std::min<std::size_t>(packet.payload.size(), 64);
    return fmt::format(" ({} bytes: {:02x})", packet.payload.size(),
                       fmt::join(packet.payload.begin(),
                                 packet.payload.begin() + static_cast<std::ptrdiff_t>(head), ""));
}

std::string oddities(const Packet& p) {
    std::string out;
    out += p.tos != 0 ? fmt::format(" tos {:#x}", p.tos) : "";
    out += p.flow_label != 0 ? fmt::format(" label {}", p.flow_label) : "";
    out += p.id != 0 ? fmt::format(" id {}", p.id) : "";
    out += p.df ? " DF" : "";
    out += p.more ? " MF" : "";
    out += p.offset != 0 ? fmt::format(" at {}", p.offset) : "";
    out += p.options.empty() ? "" : fmt::format(" options {:02x}", fmt::join(p.options, ""));
    for (const auto& e : p.extensions) {
        out += fmt::format(" extension {} {:02x}", e.type, fmt::join(e.body, ""));
    }
    out += p.sums_ok ? "" : " BAD CHECKSUM";
    return out;
}

} // namespace

std::string text(const Packet& packet) {
    return fmt::format("{} > {} ttl {}{} {}{}", packet.src.text(), packet.dst.text(), packet.ttl,
                       oddities(packet), std::visit(TransportText{}, packet.transport),
                       payload_text(packet));
}

void PrintTo(const Packet& packet, std::ostream* out) { *out << text(packet); }

Octets filler(std::size_t size) {
    Octets out(size);
    for (std::size_t i = 0; i < size; i++) {
        out[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    }
    return out;
}

} // namespace hg::test
