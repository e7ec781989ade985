// An HTTP/1.x reply, read from bytes as they come. Pure.
#pragma once

#include "outcome.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hg::daemon {

constexpr std::size_t kBodyMax = 65536;         // bytes that are kept and looked at
constexpr std::size_t kReplyMax = 4 * kBodyMax; // bytes on the wire: chunks have heads and tails

enum class HttpBody : std::uint8_t { Wanted, Ignored };

class HttpReply {
public:
    // METHOD is what was asked by: after HEAD no body follows.
    HttpReply(std::string_view method, HttpBody body);
    HttpReply(HttpReply&&) noexcept;
    HttpReply& operator=(HttpReply&&) noexcept;
    ~HttpReply();

    // True: it is all there, or as much of it as is looked at.
    [[nodiscard]] Outcome<bool> put(std::string_view bytes);
    // The connection has ended.
    [[nodiscard]] Outcome<> end();

    [[nodiscard]] unsigned status() const;
    [[nodiscard]] const std::string&
    body() const; // the first kBodyMax bytes, without chunks' heads

private:
    class Parser;
    void start();
    [[nodiscard]] bool complete() const;

    std::unique_ptr<Parser> parser_;
    bool head_;
    HttpBody wanted_;
    std::string pending_; // not yet taken by the parser
    std::size_t total_ = 0;
};

} // namespace hg::daemon
