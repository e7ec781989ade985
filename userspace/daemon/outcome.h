// A value, or the reason why there is none.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace hg::daemon {

template <class T = void> using Outcome = tl::expected<T, std::string>;

[[nodiscard]] inline tl::unexpected<std::string> failure(std::string reason) {
    return tl::make_unexpected(std::move(reason));
}

} // namespace hg::daemon
