#include "dns_message.h"

#include <algorithm>
#include <ares.h>
#include <arpa/nameser.h>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>

namespace hg::daemon {

namespace {

struct Type {
    std::string_view name;
    std::uint16_t number;
};

constexpr std::array<Type, 9> kTypes{{{"A", ns_t_a},
                                      {"AAAA", ns_t_aaaa},
                                      {"CNAME", ns_t_cname},
                                      {"MX", ns_t_mx},
                                      {"NS", ns_t_ns},
                                      {"PTR", ns_t_ptr},
                                      {"SOA", ns_t_soa},
                                      {"SRV", ns_t_srv},
                                      {"TXT", ns_t_txt}}};

constexpr std::array<std::string_view, 11> kRcodes{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                   "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                   "NXRRSET", "NOTAUTH", "NOTZONE"};

constexpr unsigned kIsAnswer = 0x8000;
constexpr unsigned kIsTruncated = 0x0200;
constexpr unsigned kRcodeMask = 0x000f;

struct AresFree {
    void operator()(void* memory) const noexcept { ares_free_string(memory); }
};

// Reads a message from its start; the first thing that is not there ends it: ok() is false then.
class Reader {
public:
    explicit Reader(std::string_view message) : message_(message) {}

    [[nodiscard]] bool ok() const { return ok_; }

    [[nodiscard]] std::size_t at() const { return at_; }

    void fail() { ok_ = false; }

    std::string_view bytes(std::size_t count) {
        if (!ok_ || message_.size() - at_ < count) {
            ok_ = false;
            return {};
        }
        const auto taken = message_.substr(at_, count);
        at_ += count;
        return taken;
    }

    std::uint32_t number(std::size_t size) {
        std::uint32_t value = 0;
        for (const char c : bytes(size)) {
            value = value << 8 | static_cast<unsigned char>(c);
        }
        return value;
    }

    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }

    // Without the last dot; it may point back into the message.
    std::string name() {
        if (!ok_) {
            return {};
        }
        const auto* const start = reinterpret_cast<const unsigned char*>(message_.data());
        char* text = nullptr;
        long size = 0;
        if (at_ >= message_.size() ||
            ares_expand_name(start + at_, start, static_cast<int>(message_.size()), &text, &size) !=
                ARES_SUCCESS) {
            ok_ = false;
            return {};
        }
        const std::unique_ptr<char, AresFree> owned(text);
        at_ += static_cast<std::size_t>(size);
        return text;
    }

private:
    std::string_view message_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

struct Header {
    std::uint16_t id = 0;
    unsigned flags = 0;
    unsigned questions = 0;
    unsigned answers = 0;
};

Header read_header(Reader& reader) {
    Header header;
    header.id = reader.u16();
    header.flags = reader.u16();
    header.questions = reader.u16();
    header.answers = reader.u16();
    (void)reader.bytes(4); // how many authorities and others
    return header;
}

struct Question {
    std::string name;
    std::uint16_t type = 0;
    std::uint16_t of_class = 0;

    bool operator==(const Question&) const = default;
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

Question read_question(Reader& reader) {
    Question question;
    question.name = lower(reader.name());
    question.type = reader.u16();
    question.of_class = reader.u16();
    return question;
}

std::string address_text(Family family, std::string_view data) {
    const auto address = Address::from_bytes(family, std::as_bytes(std::span(data)));
    return address ? address->text() : std::string();
}

std::string strings_of(Reader& reader, std::size_t end) {
    std::string text;
    while (reader.ok() && reader.at() < end) {
        const auto size = reader.number(1);
        text += reader.bytes(size);
    }
    return text;
}

std::string soa_of(Reader& reader) {
    auto text = reader.name();
    text += ' ' + reader.name();
    for (int i = 0; i < 5; ++i) {
        text += fmt::format(" {}", reader.number(4));
    }
    return text;
}

std::string numbers_and_name(Reader& reader, int numbers) {
    std::string text;
    for (int i = 0; i < numbers; ++i) {
        text += fmt::format("{} ", reader.u16());
    }
    return text + reader.name();
}

std::string data_of(Reader& reader, std::uint16_t type, std::size_t size) {
    switch (type) {
    case ns_t_a:
        return address_text(Family::V4, reader.bytes(size));
    case ns_t_aaaa:
        return address_text(Family::V6, reader.bytes(size));
    case ns_t_mx:
        return numbers_and_name(reader, 1);
    case ns_t_srv:
        return numbers_and_name(reader, 3);
    case ns_t_soa:
        return soa_of(reader);
    case ns_t_txt:
        return strings_of(reader, reader.at() + size);
    default: // CNAME, NS, PTR
        return reader.name();
    }
}

// Records of other types, such as the CNAMEs on the way, are passed over.
std::vector<std::string> read_records(Reader& reader, unsigned count, std::uint16_t type) {
    std::vector<std::string> records;
    for (unsigned i = 0; i < count && reader.ok(); ++i) {
        (void)reader.name();
        const auto record_type = reader.u16();
        (void)reader.bytes(2 + 4); // class, time to live
        const auto size = reader.u16();
        if (record_type != type) {
            (void)reader.bytes(size);
            continue;
        }
        const auto end = reader.at() + size;
        auto text = data_of(reader, type, size);
        if (!reader.ok() || reader.at() != end) {
            reader.fail();
            break;
        }
        records.push_back(std::move(text));
    }
    return records;
}

std::string name_of_rcode(unsigned rcode) {
    return rcode < kRcodes.size() ? std::string(kRcodes[rcode]) : fmt::format("RCODE {}", rcode);
}

std::string without_dot(std::string text) {
    if (text.ends_with('.')) {
        text.pop_back();
    }
    return text;
}

// As it would stand in an answer.
std::string canonical(const DnsCheck& check, const std::string& text) {
    if (check.type == "TXT") {
        return text;
    }
    const auto address = parse_address(text);
    return address ? address->text() : lower(without_dot(text));
}

} // namespace

Outcome<std::string> make_dns_query(const DnsCheck& check, std::uint16_t id) {
    const auto has_name = [&check](const Type& known) { return known.name == check.type; };
    const auto* const type = std::find_if(kTypes.begin(), kTypes.end(), has_name);
    if (type == kTypes.end()) {
        return failure(fmt::format("DNS type {} is not known here", check.type));
    }
    unsigned char* bytes = nullptr;
    int size = 0;
    const int status =
        ares_create_query(check.name.c_str(), ns_c_in, type->number, id, 1, &bytes, &size, 0);
    if (status != ARES_SUCCESS) {
        return failure(fmt::format("cannot ask for {}: {}", check.name, ares_strerror(status)));
    }
    const std::unique_ptr<unsigned char, AresFree> owned(bytes);
    return std::string(bytes, bytes + size);
}

Outcome<std::optional<DnsAnswer>> read_dns_answer(std::string_view query,
                                                  std::string_view message) {
    Reader asked(query);
    Reader reader(message);
    const auto ours = read_header(asked);
    const auto header = read_header(reader);
    if (!reader.ok() || header.id != ours.id || (header.flags & kIsAnswer) == 0) {
        return std::nullopt;
    }
    const auto rcode = header.flags & kRcodeMask;
    DnsAnswer answer{.rcode = name_of_rcode(rcode),
                     .truncated = (header.flags & kIsTruncated) != 0};
    if (header.questions == 0 && rcode != ns_r_noerror) { // it could not read ours
        return answer;
    }
    const auto question = read_question(asked);
    if (header.questions != 1 || read_question(reader) != question) {
        return std::nullopt;
    }
    if (!answer.truncated) {
        answer.records = read_records(reader, header.answers, question.type);
    }
    if (!reader.ok()) {
        return failure("the DNS answer cannot be read");
    }
    return answer;
}

std::string fault_of(const DnsCheck& check, const DnsAnswer& answer) {
    if (answer.rcode != check.rcode) {
        return fmt::format("{}, wanted {}", answer.rcode, check.rcode);
    }
    const auto wanted = canonical(check, check.answer);
    const auto is_wanted = [&](const std::string& record) {
        return canonical(check, record) == wanted;
    };
    if (check.answer.empty() ||
        std::any_of(answer.records.begin(), answer.records.end(), is_wanted)) {
        return {};
    }
    if (answer.records.empty()) {
        return fmt::format("{} without a {} record, wanted {}", answer.rcode, check.type,
                           check.answer);
    }
    return fmt::format("{} {}, wanted {}", check.type, fmt::join(answer.records, ", "),
                       check.answer);
}

} // namespace hg::daemon
