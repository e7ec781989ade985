// Fuzzing by dice, for a machine without libFuzzer: good inputs broken in small ways.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <span>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hg::fuzz {

class Dice {
public:
    // PIECES are what the language under test makes much of.
    Dice(std::span<const std::string> seeds, std::span<const char* const> pieces)
        : seeds_(seeds), pieces_(pieces) {}

    // As many inputs as the program's argument says.
    int run(int argc, char** argv) {
        const auto rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10000;
        for (auto i = rounds; i > 0; --i) {
            const auto text = mutated();
            LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
        }
        std::printf("%lu inputs, no complaint\n", rounds);
        return 0;
    }

private:
    static constexpr std::size_t kBytesMax = 4096;

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }

    std::string mutated() {
        auto text = seeds_[below(seeds_.size())];
        for (auto left = below(8); left > 0 && !text.empty() && text.size() < kBytesMax; --left) {
            const auto at = below(text.size());
            switch (below(4)) {
            case 0:
                text.erase(at, 1 + below(8));
                break;
            case 1:
                text.insert(at, pieces_[below(pieces_.size())]);
                break;
            case 2:
                text[at] = static_cast<char>(below(256));
                break;
            default:
                text.insert(at, text.substr(below(text.size()), below(64)));
                break;
            }
        }
        return text;
    }

    std::span<const std::string> seeds_;
    std::span<const char* const> pieces_;
    std::mt19937 random_{1};
};

} // namespace hg::fuzz
