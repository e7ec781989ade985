#include "result.h"

namespace hg {

std::string Error::text() const {
    std::string out = attempted.empty() ? "" : "cannot " + attempted + ": ";
    out += reason.empty() ? code.message() : reason;
    if (!attribute.empty()) {
        out += " (" + attribute + ")";
    }
    return out;
}

tl::unexpected<Error> usage_error(std::string reason) {
    return tl::make_unexpected(Error{.kind = Kind::Usage,
                                     .code = std::make_error_code(std::errc::invalid_argument),
                                     .attempted = {},
                                     .reason = std::move(reason),
                                     .attribute = {}});
}

tl::unexpected<Error> refusal(std::string reason, std::errc code) {
    return tl::make_unexpected(Error{.kind = Kind::Refused,
                                     .code = std::make_error_code(code),
                                     .attempted = {},
                                     .reason = std::move(reason),
                                     .attribute = {}});
}

tl::unexpected<Error> system_error(int number, std::string attempted) {
    return tl::make_unexpected(Error{.kind = Kind::Refused,
                                     .code = std::error_code(number, std::generic_category()),
                                     .attempted = std::move(attempted),
                                     .reason = {},
                                     .attribute = {}});
}

} // namespace hg
