#include "config_files.h"

#include "config_text.h"

#include <algorithm>
#include <cerrno>
#include <glob.h>
#include <system_error>

namespace hg {

namespace {

constexpr std::string_view kMagic = "*?[";

// A folder's name stands for itself, whatever is in it.
std::string escaped(std::string_view folder) {
    std::string out;
    for (const auto c : folder) {
        if (kMagic.find(c) != std::string_view::npos || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

class Glob {
public:
    // GLOB_ERR: a folder that cannot be read would otherwise be an empty one.
    explicit Glob(const std::string& pattern)
        : code_(::glob(pattern.c_str(), GLOB_ERR | GLOB_NOSORT, nullptr, &found_)), errno_(errno) {}

    Glob(const Glob&) = delete;
    Glob& operator=(const Glob&) = delete;
    Glob(Glob&&) = delete;
    Glob& operator=(Glob&&) = delete;

    ~Glob() { ::globfree(&found_); }

    [[nodiscard]] Result<std::vector<std::string>> paths() const {
        if (code_ != 0 && code_ != GLOB_NOMATCH) {
            const auto number = code_ == GLOB_NOSPACE ? ENOMEM : errno_;
            return refusal(std::generic_category().message(number), static_cast<std::errc>(number));
        }
        std::vector<std::string> out(found_.gl_pathv, found_.gl_pathv + found_.gl_pathc);
        std::sort(out.begin(), out.end()); // by bytes: the same in every locale
        return out;
    }

private:
    glob_t found_{};
    int code_;
    int errno_;
};

} // namespace

FolderFiles::FolderFiles(std::string main)
    : main_(std::move(main)), folder_(main_.substr(0, main_.rfind('/') + 1)) {}

Result<std::vector<std::string>> FolderFiles::find(const std::string& pattern) {
    const auto folder = pattern.starts_with('/') ? std::string() : folder_;
    if (pattern.find_first_of(kMagic) == std::string::npos) {
        return std::vector{folder + pattern};
    }
    return Glob(escaped(folder) + pattern).paths();
}

std::string FolderFiles::read(const std::string& path, ConfigFaults& faults) {
    return read_config_file(path, faults);
}

} // namespace hg
