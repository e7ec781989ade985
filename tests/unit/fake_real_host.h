// A host in memory, for the commands on real servers.
#pragma once

#include "realserver_host.h"

#include <algorithm>
#include <map>
#include <set>

namespace hg::cli {

class FakeRealHost final : public RealHost {
public:
    FakeRealHost() {
        links_ = {link("lo", "", false), link("eth0", "", true)};
        links_[0].is_loopback = true;
        for (const auto* const device : {"all", "lo", "eth0"}) {
            sysctls_[std::string("net/ipv6/conf/") + device + "/disable_ipv6"] = "0";
            for (const auto* const key : {"arp_ignore", "arp_announce", "rp_filter"}) {
                sysctls_[std::string("net/ipv4/conf/") + device + "/" + key] = "0";
            }
        }
    }

    static Link link(const std::string& name, const std::string& kind, bool answers_arp) {
        Link out;
        out.name = name;
        out.kind = kind;
        out.is_up = true;
        out.answers_arp = answers_arp;
        out.mtu = 1480;
        return out;
    }

    void put_link(const Link& link) {
        links_.push_back(link);
        sysctls_["net/ipv4/conf/" + link.name + "/rp_filter"] = "1";
        sysctls_["net/ipv6/conf/" + link.name + "/disable_ipv6"] = "0";
    }

    Result<std::optional<std::string>> sysctl(const std::string& path) override {
        const auto found = sysctls_.find(path);
        return found == sysctls_.end() ? std::optional<std::string>() : found->second;
    }

    Result<> set_sysctl(const std::string& path, const std::string& value) override {
        return change("sysctl " + path, [&] { sysctls_[path] = value; });
    }

    Result<std::vector<Link>> links() override { return links_; }

    Result<std::vector<LinkAddress>> addresses() override { return addresses_; }

    Result<std::vector<Address>> default_gateways() override { return gateways_; }

    Result<> add_address(const LinkAddress& address) override {
        return change("address", [&] { addresses_.push_back(address); });
    }

    Result<> del_address(const LinkAddress& address) override {
        return change("del address", [&] { std::erase(addresses_, address); });
    }

    Result<> add_tunnel(const std::string& name, const std::string& kind) override {
        if (kind == "sit" && sit0_comes_) {
            put_link(link("sit0", "sit", false));
            links_.back().is_up = false;
            return system_error(EEXIST, "create " + name);
        }
        return change("tunnel", [&] {
            put_link(link(name, kind, false));
            links_.back().is_up = false;
        });
    }

    Result<> del_link(const std::string& name) override {
        return change("del link", [&] {
            std::erase_if(links_, [&](const Link& each) { return each.name == name; });
            sysctls_.erase("net/ipv4/conf/" + name + "/rp_filter");
            sysctls_.erase("net/ipv6/conf/" + name + "/disable_ipv6");
        });
    }

    Result<> set_link(const std::string& name, LinkState state) override {
        return change("link", [&] {
            for (auto& each : links_) {
                each.is_up = each.name == name ? state == LinkState::Up : each.is_up;
            }
        });
    }

    Result<std::string> record() override { return record_; }

    Result<> set_record(const std::string& text) override {
        record_ = text;
        return {};
    }

    // All there is but the record, to be compared.
    [[nodiscard]] auto state() const { return std::tuple(sysctls_, links_, addresses_); }

    std::map<std::string, std::string> sysctls_;
    std::vector<Link> links_;
    std::vector<LinkAddress> addresses_;
    std::vector<Address> gateways_;
    std::string record_;
    bool sit0_comes_ = false;     // with the module, when a tunnel is asked for
    std::set<std::string> fails_; // the changes that are refused

private:
    template <class Change> Result<> change(const std::string& what, Change make) {
        if (fails_.contains(what)) {
            return system_error(EPERM, what);
        }
        make();
        return {};
    }
};

} // namespace hg::cli
