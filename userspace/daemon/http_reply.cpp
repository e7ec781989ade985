#include "http_reply.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

namespace hg::daemon {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

namespace {

constexpr std::uint32_t kHeaderMax = 32768; // bytes

std::string no_http(const error_code& error) {
    return fmt::format("not an HTTP reply: {}", error.message());
}

} // namespace

// Keeps the status and the beginning of the body; fields do not matter.
class HttpReply::Parser : public http::basic_parser<false> {
public:
    Parser() {
        header_limit(kHeaderMax);
        body_limit(boost::none); // kBodyMax is looked at, what follows is not read
        eager(true);
    }

    unsigned status = 0;
    std::string body;

private:
    void on_request_impl(http::verb /*verb*/, string_view /*method*/, string_view /*target*/,
                         int /*version*/, error_code& /*error*/) override {}

    void on_response_impl(int code, string_view /*reason*/, int /*version*/,
                          error_code& /*error*/) override {
        status = static_cast<unsigned>(code);
    }

    void on_field_impl(http::field /*field*/, string_view /*name*/, string_view /*value*/,
                       error_code& /*error*/) override {}

    void on_header_impl(error_code& /*error*/) override {}

    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                           error_code& /*error*/) override {}

    std::size_t on_body_impl(string_view part, error_code& /*error*/) override {
        keep(part);
        return part.size();
    }

    void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/,
                              error_code& /*error*/) override {}

    std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, string_view part,
                                   error_code& /*error*/) override {
        keep(part);
        return part.size();
    }

    void on_finish_impl(error_code& /*error*/) override {}

    void keep(string_view part) {
        body.append(part.data(), std::min(part.size(), kBodyMax - body.size()));
    }
};

HttpReply::HttpReply(std::string_view method, HttpBody body)
    : head_(method == "HEAD"), wanted_(body) {
    start();
}

HttpReply::HttpReply(HttpReply&&) noexcept = default;
HttpReply& HttpReply::operator=(HttpReply&&) noexcept = default;
HttpReply::~HttpReply() = default;

void HttpReply::start() {
    parser_ = std::make_unique<Parser>();
    parser_->skip(head_);
}

bool HttpReply::complete() const {
    if (!parser_->is_header_done()) {
        return false;
    }
    return parser_->is_done() || wanted_ == HttpBody::Ignored || parser_->body.size() == kBodyMax;
}

Outcome<bool> HttpReply::put(std::string_view bytes) {
    total_ += bytes.size();
    pending_ += bytes;
    while (!pending_.empty()) {
        error_code error;
        const boost::asio::const_buffer buffer(pending_.data(), pending_.size());
        const auto taken = parser_->put(buffer, error);
        pending_.erase(0, taken);
        if (error && error != http::error::need_more) {
            return failure(no_http(error));
        }
        // 100 Continue, 103 Early Hints: the reply is yet to come.
        if (parser_->is_header_done() && parser_->status < 200 && parser_->status != 101) {
            start();
            continue;
        }
        if (complete()) {
            return true;
        }
        if (error || taken == 0) {
            break;
        }
    }
    if (total_ > kReplyMax) {
        return failure(fmt::format("the reply does not end within {} bytes", kReplyMax));
    }
    return false;
}

Outcome<> HttpReply::end() {
    if (!parser_->got_some()) {
        return failure("closed without a reply");
    }
    error_code error;
    parser_->put_eof(error);
    if (error) {
        return failure("closed in the middle of the reply");
    }
    return {};
}

unsigned HttpReply::status() const { return parser_->status; }

const std::string& HttpReply::body() const { return parser_->body; }

} // namespace hg::daemon
