// Errors are values: Result<T> holds a T or an Error, and HG_TRY passes an Error up.
#pragma once

#include <string>
#include <system_error>
#include <tl/expected.hpp>
#include <utility>

namespace hg {

// What a program should make of an error (the command's exit codes come from it).
enum class Kind {
    Usage,       // what was typed makes no sense by itself: a malformed address, a bad number
    Refused,     // it makes sense, but cannot be done as things are
    Unreachable, // the module (or the namespace to ask it in) is not there
};

// Why something could not be done, in parts, so that callers may show them as they like.
struct Error {
    Kind kind = Kind::Refused;
    std::error_code code;  // the kernel's errno; EINVAL for our own refusals
    std::string attempted; // "add server 10.0.0.1:80 to tcp://10.0.0.9:80"; empty: not known yet
    std::string reason;    // the kernel's text or ours, no full stop
    std::string attribute; // the attribute at fault, "SERVER.WEIGHT"; empty: not known

    // "cannot ATTEMPTED: REASON (ATTRIBUTE)", one line.
    [[nodiscard]] std::string text() const;

    bool operator==(const Error&) const = default;
};

template <class T = void> using Result = tl::expected<T, Error>;

// Our own refusals; what was attempted is added further up, where it is known.
[[nodiscard]] tl::unexpected<Error> usage_error(std::string reason);
[[nodiscard]] tl::unexpected<Error> refusal(std::string reason, std::errc code);
// A system call that failed: its errno and what it was to do.
[[nodiscard]] tl::unexpected<Error> system_error(int number, std::string attempted);

// The result, its error saying what was attempted unless it says so already.
template <class T = void> Result<T> attempting(Result<T> result, const std::string& what) {
    if (!result && result.error().attempted.empty()) {
        result.error().attempted = what;
    }
    return result;
}

namespace detail {

template <class T> T take(Result<T>&& result) { return *std::move(result); }

inline void take(Result<>&& /*unused*/) {}

} // namespace detail

} // namespace hg

// The value of a Result, or return its error from the function this stands in. Not to be used
// with co_await. (The counter keeps one inside another's lambda from shadowing it.)
#define HG_TRY(expression) HG_TRY_COUNTED(expression, __COUNTER__)
#define HG_TRY_COUNTED(expression, count) HG_TRY_NAMED(expression, count)
#define HG_TRY_NAMED(expression, count)                                                            \
    __extension__({                                                                                \
        auto hg_try_##count = (expression);                                                        \
        if (!hg_try_##count) {                                                                     \
            return tl::make_unexpected(std::move(hg_try_##count).error());                         \
        }                                                                                          \
        ::hg::detail::take(std::move(hg_try_##count));                                             \
    })
