// Aligned columns for eyes.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace hg::cli {

enum class Align { Left, Right };

struct Column {
    std::string title;
    Align align = Align::Left;
};

// Columns without a value in any row are left out, and no line ends in blanks.
class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // As many cells as there are columns; of a shorter row the rest is empty.
    void add(std::vector<std::string> cells);
    void print(std::ostream& out) const;

private:
    [[nodiscard]] std::vector<std::size_t> widths() const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace hg::cli
