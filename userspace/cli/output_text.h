// The output for eyes.
#pragma once

#include "output.h"

namespace hg::cli {

class TextOutput final : public Output {
public:
    TextOutput(std::ostream& out, std::ostream& err) : out_(out), err_(err) {}

    void tree(const std::vector<ServiceView>& services,
              const std::optional<Heartbeat>& heartbeat) override;
    void services(const std::vector<Service>& services) override;
    void servers(const std::vector<Server>& servers) override;
    void stats(const std::vector<ServiceView>& services) override;
    void rates(const std::vector<ServiceView>& services,
               std::chrono::milliseconds interval) override;
    void conns_begin() override;
    void conn(const Conn& conn) override;
    void conns_end(const ConnListEnd& end) override;
    void conn_counts(const ConnCounts& counts, bool duplicates) override;
    void settings(const Settings& settings) override;
    void info(const InfoView& view) override;
    void done() override;
    void difference(const Difference& difference) override;
    void applied(const Difference& difference) override;
    void error(const Error& error) override;
    void progress(const std::string& text) override;
    void report(const std::string& text, const Json& document) override;
    bool line(const std::string& text, const Json& document) override;

    [[nodiscard]] bool is_for_programs() const override { return false; }

private:
    std::ostream& out_;
    std::ostream& err_;
};

} // namespace hg::cli
