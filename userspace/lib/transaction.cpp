#include "transaction.h"

#include "extack.h"

#include <cerrno>
#include <charconv>
#include <linux/netlink.h>

namespace hg {

namespace {

// "message 17: TEXT" or "message 17, ATTRIBUTE: TEXT": the kernel's way to say at the end which of
// the messages it refuses.
struct Numbered {
    std::size_t number = 0; // the first is 1
    std::string attribute;
    std::string text;
};

std::optional<Numbered> read_number(std::string_view reason) {
    constexpr std::string_view kHead = "message ";
    constexpr std::string_view kColon = ": ";
    constexpr std::string_view kComma = ", ";
    if (!reason.starts_with(kHead)) {
        return std::nullopt;
    }
    reason.remove_prefix(kHead.size());
    Numbered out;
    const auto [end, code] =
        std::from_chars(reason.data(), reason.data() + reason.size(), out.number);
    reason.remove_prefix(static_cast<std::size_t>(end - reason.data()));
    const auto colon = reason.find(kColon);
    const auto between = reason.substr(0, colon);
    if (code != std::errc{} || colon == std::string_view::npos ||
        !(between.empty() || between.starts_with(kComma))) {
        return std::nullopt;
    }
    if (!between.empty()) {
        out.attribute = between.substr(kComma.size());
    }
    out.text = reason.substr(colon + kColon.size());
    return out;
}

} // namespace

bool is_stale(const Error& error) {
    return error.code == std::error_code(ESTALE, std::generic_category());
}

Transaction::~Transaction() { abort(); }

Result<> Transaction::begin() {
    HG_TRY(channel_.execute(begin_request()));
    is_open_ = true;
    return {};
}

Result<> Transaction::stage(const Request& request) {
    batch_.add(channel_.transport().family(), channel_.next_sequence(), request);
    attempts_.push_back(request.attempted);
    return batch_.is_full() ? send_batch() : Result<>{};
}

Result<> Transaction::check(std::uint32_t generation) {
    HG_TRY(send_batch());
    auto result =
        channel_.execute(check_request(generation, static_cast<std::uint32_t>(attempts_.size())));
    if (!result) {
        return tl::make_unexpected(named(std::move(result).error()));
    }
    return result;
}

Result<std::uint32_t> Transaction::commit(std::uint32_t generation) {
    HG_TRY(send_batch());
    is_open_ = false;
    Info after;
    const auto request = commit_request(generation, static_cast<std::uint32_t>(attempts_.size()));
    auto ending = channel_.exchange(
        request, [&](std::span<const std::byte> attributes) -> Result<Channel::Next> {
            after = HG_TRY(decode_info(attributes));
            return Channel::Next::Go;
        });
    if (!ending) {
        return tl::make_unexpected(named(std::move(ending).error()));
    }
    return after.generation;
}

Result<> Transaction::send_batch() {
    if (batch_.size() == 0) {
        return {};
    }
    if (!is_open_) {
        return refusal("the transaction is over", std::errc::operation_canceled);
    }
    auto result = [&]() -> Result<> {
        HG_TRY(channel_.transport().send(batch_.datagram()));
        return read_verdicts();
    }();
    batch_.clear();
    if (!result && lost_messages(result.error())) {
        // Its answer would get lost too: closing the socket drops the transaction as well.
        is_open_ = false;
        (void)channel_.transport().reset();
        result.error().reason = "answers were lost, and nothing was changed";
    }
    if (!result) {
        abort();
    }
    return result;
}

// Up to that of the last message. The first refusal counts: the others come from it.
Result<> Transaction::read_verdicts() {
    const auto before = attempts_.size() - batch_.size();
    Result<> first;
    for (;;) {
        const auto datagram = HG_TRY(channel_.transport().receive());
        for (const auto& message : HG_TRY(split_datagram(datagram))) {
            const auto at = batch_.find(message.sequence);
            if (!at || message.type != NLMSG_ERROR) {
                continue;
            }
            auto verdict = read_ack(message, batch_.message(*at));
            if (!verdict && first) {
                first = tl::make_unexpected(
                    explained(std::move(verdict).error(), attempts_[before + *at], false));
            }
            if (*at + 1 == batch_.size()) {
                return first;
            }
        }
    }
}

// The words for a refusal at the end, which tells the message by its number.
Error Transaction::named(Error error) const {
    const auto numbered = read_number(error.reason);
    if (numbered && numbered->number >= 1 && numbered->number <= attempts_.size()) {
        error.attempted = attempts_[numbered->number - 1].text();
        error.reason = numbered->text;
        error.attribute = numbered->attribute;
    }
    return error;
}

void Transaction::abort() {
    if (is_open_) {
        is_open_ = false;
        // A socket that fails here is closed sooner or later, which drops it too.
        (void)channel_.execute(abort_request());
    }
}

} // namespace hg
