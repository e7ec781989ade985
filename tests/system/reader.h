// A headgate command that goes on, read line by line through a pipe with a name.
#pragma once

#include "eventually.h"
#include "program.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace hg::test {

class Reader {
public:
    // "headgate LINE" in that namespace.
    template <class Where> Reader(const Where& where, const std::string& line) {
        const auto inside = where.enter();
        open(line);
    }

    // The next line, or nothing when there is none for long, or no more.
    std::optional<std::string> line(std::chrono::milliseconds patience = kPatience);
    // The next object that has this, what comes before it passed over.
    nlohmann::json object(const char* kind, std::chrono::milliseconds patience = kPatience);

    void close() { fd_ = Fd(); }

    // How the command ended.
    static std::string code();

private:
    void open(const std::string& line);

    Background command_;
    Fd fd_;
    std::string buffer_;
};

// Has the kernel dropped what a member of a group in this namespace was to hear?
bool somebody_overran();

} // namespace hg::test
