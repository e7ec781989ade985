#include "output_text.h"

#include "diff_text.h"
#include "number.h"
#include "table.h"
#include "words.h"

#include <fmt/format.h>
#include <ostream>

namespace hg::cli {

namespace {

constexpr std::string_view kNoServices = "there are no services\n";
constexpr std::string_view kDuplicates =
    "the table was resized meanwhile: some conns may be listed twice\n";

std::vector<std::string> server_cells(const Server& server) {
    return {
        mode_text(server.spec), std::to_string(server.spec.weight), effective_text(server),
        state_text(server),     std::to_string(server.active),      std::to_string(server.inactive),
        note_text(server)};
}

std::vector<Column> server_columns(std::vector<Column> first) {
    for (auto column :
         {Column{"MODE"}, Column{"WEIGHT", Align::Right}, Column{"EFFECTIVE", Align::Right},
          Column{"STATE"}, Column{"ACTIVE", Align::Right}, Column{"INACTIVE", Align::Right},
          Column{"NOTE"}}) {
        first.push_back(std::move(column));
    }
    return first;
}

std::vector<std::string> joined(std::vector<std::string> first,
                                const std::vector<std::string>& rest) {
    first.insert(first.end(), rest.begin(), rest.end());
    return first;
}

std::vector<std::string> counter_cells(const Counters& c) {
    return {std::to_string(c.conns), std::to_string(c.in_packets), std::to_string(c.in_bytes),
            std::to_string(c.out_packets), std::to_string(c.out_bytes)};
}

// The counters of services and servers; UNIT follows each title: "/S".
void print_counters(std::ostream& out, const std::vector<ServiceView>& services,
                    const std::string& unit) {
    if (services.empty()) {
        out << kNoServices;
        return;
    }
    Table table({{"SERVICE"},
                 {"CONNS" + unit, Align::Right},
                 {"IN-PACKETS" + unit, Align::Right},
                 {"IN-BYTES" + unit, Align::Right},
                 {"OUT-PACKETS" + unit, Align::Right},
                 {"OUT-BYTES" + unit, Align::Right}});
    for (const auto& view : services) {
        table.add(joined({service_text(view.service.spec)}, counter_cells(view.service.counters)));
        for (const auto& server : view.servers) {
            table.add(joined({"  " + server.spec.endpoint.text()}, counter_cells(server.counters)));
        }
    }
    table.print(out);
}

std::string check_marks_text(const Settings& settings) {
    return settings.check_mark_last == 0 ? "none"
                                         : mark_text(settings.check_mark_first) + " to " +
                                               mark_text(settings.check_mark_last);
}

std::string heartbeat_text(const Heartbeat& heartbeat) {
    return heartbeat.is_gone() ? fmt::format("as of {} ago, daemon gone", age_text(heartbeat.age))
                               : "kept by headgated";
}

void print_drops(std::ostream& out, const std::vector<Drop>& drops) {
    std::string label = "drops";
    for (const auto& drop : drops) {
        if (drop.packets > 0) {
            out << fmt::format("{:<12} {} {}\n", label, drop.name, drop.packets);
            label.clear();
        }
    }
    if (!label.empty()) {
        out << fmt::format("{:<12} none\n", label);
    }
}

} // namespace

void TextOutput::tree(const std::vector<ServiceView>& services,
                      const std::optional<Heartbeat>& heartbeat) {
    if (services.empty()) {
        out_ << kNoServices;
        return;
    }
    Table table(server_columns({{"SERVICE"}}));
    for (const auto& view : services) {
        const auto& service = view.service;
        table.add({service_text(service.spec), scheduler_text(service.spec), "", "", "",
                   std::to_string(service.active), std::to_string(service.inactive),
                   note_text(view)});
        for (const auto& server : view.servers) {
            table.add(joined({"  " + server.spec.endpoint.text()}, server_cells(server)));
        }
    }
    table.print(out_);
    if (heartbeat && heartbeat->is_gone()) {
        out_ << fmt::format("\nhealth {}\n", heartbeat_text(*heartbeat));
    }
}

void TextOutput::services(const std::vector<Service>& services) {
    if (services.empty()) {
        out_ << kNoServices;
        return;
    }
    Table table({{"SERVICE"},
                 {"NAME"},
                 {"SCHEDULER"},
                 {"AFFINITY"},
                 {"SERVERS", Align::Right},
                 {"ACTIVE", Align::Right},
                 {"INACTIVE", Align::Right}});
    for (const auto& service : services) {
        table.add({service.spec.key.text(), service.spec.name, scheduler_text(service.spec),
                   affinity_cell(service.spec), std::to_string(service.servers),
                   std::to_string(service.active), std::to_string(service.inactive)});
    }
    table.print(out_);
}

void TextOutput::servers(const std::vector<Server>& servers) {
    if (servers.empty()) {
        out_ << "there are no servers\n";
        return;
    }
    Table table(server_columns({{"SERVICE"}, {"SERVER"}}));
    for (const auto& server : servers) {
        table.add(
            joined({server.service.text(), server.spec.endpoint.text()}, server_cells(server)));
    }
    table.print(out_);
}

void TextOutput::stats(const std::vector<ServiceView>& services) {
    print_counters(out_, services, "");
}

void TextOutput::rates(const std::vector<ServiceView>& services,
                       std::chrono::milliseconds /*interval*/) {
    print_counters(out_, services, "/S");
}

// A list of conns can be long: its columns are fixed, so that lines need not wait for others.
void TextOutput::conns_begin() {
    out_ << fmt::format("{:<21}  {:<27}  {:<21}  {:<6}  {:<11}  {:>7}  {:>7}  {}\n", "CLIENT",
                        "SERVICE", "SERVER", "MODE", "STATE", "EXPIRES", "AGE", "FLAGS");
}

void TextOutput::conn(const Conn& conn) {
    const auto seconds = [](std::chrono::milliseconds ms) {
        return fmt::format("{}s", std::chrono::duration_cast<std::chrono::seconds>(ms).count());
    };
    auto line = fmt::format("{:<21}  {:<27}  {:<21}  {:<6}  {:<11}  {:>7}  {:>7}  {}",
                            conn.client.text(), ServiceKey{conn.protocol, conn.service}.text(),
                            conn.server.text(), name(conn.mode), state_name(conn),
                            seconds(conn.expires), seconds(conn.age), conn_flags_text(conn.flags));
    line.erase(line.find_last_not_of(' ') + 1);
    out_ << line << '\n';
}

void TextOutput::conns_end(const ConnListEnd& end) {
    if (end.more) {
        out_.flush();
        err_ << fmt::format("stopped at {} conns{}\n", end.listed,
                            end.by_default ? ": there are more, see --limit" : "");
    }
    if (end.duplicates) {
        err_ << kDuplicates;
    }
}

void TextOutput::conn_counts(const ConnCounts& counts, bool duplicates) {
    std::uint64_t total = 0;
    Table table({{"SERVICE"}, {"SERVER"}, {"STATE"}, {"CONNS", Align::Right}});
    bool by_server = false;
    for (const auto& [group, count] : counts) {
        by_server |= group.server.has_value();
        table.add({group.service ? group.service->text() : "",
                   group.server ? group.server->text() : "", group.state, std::to_string(count)});
        total += count;
    }
    table.add({by_server ? "total" : "", "", by_server ? "" : "total", std::to_string(total)});
    table.print(out_);
    if (duplicates) {
        err_ << kDuplicates;
    }
}

// As "settings set" takes them.
void TextOutput::settings(const Settings& settings) {
    out_ << fmt::format("conn_limit={}\naffinity_limit={}\ncheck_mark_first={}\n"
                        "check_mark_last={}\n",
                        settings.conn_limit, settings.affinity_limit,
                        mark_text(settings.check_mark_first), mark_text(settings.check_mark_last));
    for (std::size_t i = 0; i < kTimeouts; i++) {
        out_ << fmt::format("timeout_{}={}\n", timeout_name(i),
                            duration_text(settings.timeouts[i]));
    }
}

void TextOutput::info(const InfoView& view) {
    const auto& info = view.info;
    const auto line = [&](std::string_view label, const std::string& value) {
        out_ << fmt::format("{:<12} {}\n", label, value);
    };
    line("version", info.version);
    line("generation", std::to_string(info.generation));
    line("services", std::to_string(info.services));
    line("servers", std::to_string(info.servers));
    line("conns", fmt::format("{} of at most {}", info.conns, info.conn_limit));
    line("affinity", fmt::format("{} of at most {} entries", info.affinities, info.affinity_limit));
    line("schedulers", fmt::format("{}", fmt::join(info.schedulers, " ")));
    line("check marks", check_marks_text(view.settings));
    if (info.heartbeat) {
        line("health", heartbeat_text(*info.heartbeat));
    }
    print_drops(out_, info.drops);
    if (!view.without_accept_local.empty()) {
        out_ << fmt::format(
            "\nHealth checks of direct and tunnel servers get no answers on interfaces without\n"
            "accept_local=1: {0}\n"
            "(sysctl -w net.ipv4.conf.{1}.accept_local=1, where the answers come in)\n",
            fmt::join(view.without_accept_local, " "), view.without_accept_local.front());
    }
    if (!view.redirecting.empty()) {
        out_ << fmt::format(
            "\nServers in mode nat are behind the interface of their VIP, and the stack tells "
            "them\n"
            "of a shorter way to the clients, past the director: {0}\n"
            "(sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.{1}.send_redirects=0)\n",
            fmt::join(view.redirecting, " "), view.redirecting.front());
    }
}

void TextOutput::done() {}

void TextOutput::difference(const Difference& difference) {
    constexpr std::size_t kWrittenAtOnce = 65536;
    std::string lines;
    for (const auto& op : difference) {
        append_op(lines, op);
        lines += '\n';
        if (lines.size() >= kWrittenAtOnce) {
            out_ << lines;
            lines.clear();
        }
    }
    out_ << lines;
}

void TextOutput::applied(const Difference& difference) { this->difference(difference); }

void TextOutput::error(const Error& error) { err_ << "headgate: " << error.text() << '\n'; }

void TextOutput::progress(const std::string& text) { err_ << text << std::endl; }

void TextOutput::report(const std::string& text, const Json& /*document*/) { out_ << text; }

bool TextOutput::line(const std::string& text, const Json& /*document*/) {
    return (out_ << text << '\n' << std::flush).good();
}

} // namespace hg::cli
