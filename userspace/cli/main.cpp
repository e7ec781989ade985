#include "host_system.h"
#include "run.h"

#include <csignal>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    try {
        // A reader that goes away ends this without a word, whatever was inherited.
        std::signal(SIGPIPE, SIG_DFL);
        std::ios::sync_with_stdio(false);
        hg::cli::SystemHost host;
        const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
        const auto code = hg::cli::run(words, host, std::cout, std::cerr);
        if (!std::cout) {
            std::cerr << "headgate: the output could not be written\n";
            return static_cast<int>(hg::cli::Exit::Refused);
        }
        return static_cast<int>(code);
    } catch (const std::exception& bug) {
        std::cerr << "headgate: internal error: " << bug.what() << '\n';
        return static_cast<int>(hg::cli::Exit::Refused);
    }
}
