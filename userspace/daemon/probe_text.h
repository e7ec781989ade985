// Words for the reasons of a probe.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace hg::daemon {

constexpr std::size_t kReasonMax = 200; // bytes

// What came from the network or a program, fit to be shown: control characters become spaces,
// bytes that are not UTF-8 question marks; trimmed, and cut to MAX bytes at a character's end.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max = kReasonMax);

// "500ms", "1s", "1500ms"
[[nodiscard]] std::string text_of(std::chrono::milliseconds time);

} // namespace hg::daemon
