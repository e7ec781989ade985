#include "table.h"

#include <algorithm>
#include <ostream>

namespace hg::cli {

namespace {

constexpr std::size_t kGap = 2;

void append_cell(std::string& line, const std::string& cell, std::size_t width, Align align) {
    const std::string padding(width - cell.size(), ' ');
    line += align == Align::Right ? padding + cell : cell + padding;
    line.append(kGap, ' ');
}

void put_line(std::ostream& out, std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
}

} // namespace

void Table::add(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

// 0 for a column that is to be left out.
std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> out(columns_.size(), 0);
    for (std::size_t i = 0; i < columns_.size(); i++) {
        for (const auto& row : rows_) {
            out[i] = std::max(out[i], row[i].size());
        }
        if (out[i] > 0) {
            out[i] = std::max(out[i], columns_[i].title.size());
        }
    }
    return out;
}

void Table::print(std::ostream& out) const {
    const auto width = widths();
    std::string head;
    for (std::size_t i = 0; i < columns_.size(); i++) {
        if (width[i] > 0) {
            append_cell(head, columns_[i].title, width[i], columns_[i].align);
        }
    }
    put_line(out, std::move(head));
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < columns_.size(); i++) {
            if (width[i] > 0) {
                append_cell(line, row[i], width[i], columns_[i].align);
            }
        }
        put_line(out, std::move(line));
    }
}

} // namespace hg::cli
