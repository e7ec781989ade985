// A folder that is there as long as a test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace hg::test {

class TempDir : public testing::Test {
public:
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    TempDir(TempDir&&) = delete;
    TempDir& operator=(TempDir&&) = delete;

protected:
    TempDir() {
        std::string name = testing::TempDir() + "headgate-config-XXXXXX";
        path_ = mkdtemp(name.data());
    }

    ~TempDir() override { std::filesystem::remove_all(path_); }

    // Its folder is made too.
    [[nodiscard]] std::string file(const std::string& name, const std::string& text = "") const {
        auto path = path_ + "/" + name;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path) << text;
        return path;
    }

    std::string path_;
};

} // namespace hg::test
