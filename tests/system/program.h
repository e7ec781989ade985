// Programs run by the tests: what they print and how they end is theirs to be judged.
#pragma once

#include "namespace.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace hg::test {

struct Outcome {
    int code = -1; // 128 + N when signal N ended it
    std::string out;
    std::string err;
};

// In the calling thread's network namespace; INPUT is its standard input.
Outcome run(const std::vector<std::string>& command, std::string_view input = {});
// In that one.
Outcome run_in(const Namespace& where, const std::vector<std::string>& command,
               std::string_view input = {});

// A program that goes on while the tests do; ended and waited for by the destructor.
class Background {
public:
    Background() = default;
    explicit Background(const std::vector<std::string>& command);
    Background(Background&& other) noexcept;
    Background& operator=(Background&& other) noexcept;
    ~Background();

    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    void end();

    pid_t pid_ = 0;
};

// The words of a line, split at blanks.
std::vector<std::string> words(std::string_view line);
// The lines of a text, without their ends.
std::vector<std::string> lines(std::string_view text);

// Is this a kernel with sanitizers? It is many times slower: fewer bytes, fewer rounds.
bool is_slow_kernel();

// A number for the ordinary kernels and one for those.
template <class T> T sized(T ordinary, T slow) { return is_slow_kernel() ? slow : ordinary; }

} // namespace hg::test
