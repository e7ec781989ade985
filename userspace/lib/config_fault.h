// What is wrong with a configuration file, and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hg {

// A place in a file, counted from 1; columns are characters. Line 0 is the file as a whole.
struct Place {
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    // "line 3, column 7"
    [[nodiscard]] std::string text() const;

    bool operator==(const Place&) const = default;
};

struct ConfigFault {
    Place place;
    std::string text;     // the value and what would be right, no full stop
    std::size_t file = 0; // the number of the file, 0 being the one that includes the others

    bool operator==(const ConfigFault&) const = default;
};

// That of the byte at OFFSET.
[[nodiscard]] Place place_at(std::string_view text, std::size_t offset);

// Faults as they are found, of which only the first ones are worth a reader's time.
class ConfigFaults {
public:
    static constexpr std::size_t kShown = 20;

    // MAIN is the name of the file that is read first.
    explicit ConfigFaults(std::string main = {}) : names_{std::move(main)} {}

    // What is added from now on is of the file NAME.
    void begin_file(std::string name);

    // The number of the file that is being read.
    [[nodiscard]] std::size_t file() const { return names_.size() - 1; }

    // "line 3, column 7" in the file that is being read, "FILE:3:7" in another.
    [[nodiscard]] std::string place_text(std::size_t file, Place place) const;

    void add(Place place, std::string text);

    [[nodiscard]] bool empty() const { return total_ == 0; }

    [[nodiscard]] std::size_t total() const { return total_; }

    // The first kShown by file and place.
    [[nodiscard]] std::vector<ConfigFault> shown() const;

    // "FILE:LINE:COLUMN: TEXT" a line, "FILE: and N more" at the end; MAIN is what the first file
    // is to be called.
    [[nodiscard]] std::string render(std::string_view main) const;

private:
    std::vector<std::string> names_;
    std::vector<ConfigFault> kept_;
    std::size_t total_ = 0;
};

// A value from a file between quotes, cut and with control characters escaped: it goes to a
// terminal, and the file may come from anywhere.
[[nodiscard]] std::string quoted(std::string_view value);

} // namespace hg
