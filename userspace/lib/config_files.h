// Where the files of a configuration come from: a folder, or a test's table.
#pragma once

#include "config_fault.h"
#include "result.h"

#include <string>
#include <vector>

namespace hg {

class ConfigFiles {
public:
    ConfigFiles() = default;
    ConfigFiles(const ConfigFiles&) = delete;
    ConfigFiles& operator=(const ConfigFiles&) = delete;
    ConfigFiles(ConfigFiles&&) = delete;
    ConfigFiles& operator=(ConfigFiles&&) = delete;
    virtual ~ConfigFiles() = default;

    // The file that includes the others, as find() would call it.
    [[nodiscard]] virtual std::string main() const = 0;

    // The files that an include stands for, in order. Without *, ? and [ it is one, there or not.
    [[nodiscard]] virtual Result<std::vector<std::string>> find(const std::string& pattern) = 0;

    // The bytes of a file; empty when there are faults.
    [[nodiscard]] virtual std::string read(const std::string& path, ConfigFaults& faults) = 0;
};

// What is beside a file; patterns are relative to its folder.
class FolderFiles final : public ConfigFiles {
public:
    explicit FolderFiles(std::string main);

    [[nodiscard]] std::string main() const override { return main_; }

    [[nodiscard]] Result<std::vector<std::string>> find(const std::string& pattern) override;
    [[nodiscard]] std::string read(const std::string& path, ConfigFaults& faults) override;

private:
    std::string main_;
    std::string folder_; // with its slash; empty: the current one
};

} // namespace hg
