#include "module_report.h"

#include "fake_machine.h"
#include "module_guard.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hg::cli {
namespace {

using namespace std::chrono_literals;
using test::FakeKernel;
using test::FakeMachine;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr auto kPutBack = std::to_array<const char*>(
    {"new_service tcp://10.0.0.1:80", "new_server tcp://10.0.0.1:80 10.1.0.2:8080",
     "new_server tcp://10.0.0.1:80 10.1.0.4:80", "new_server tcp://10.0.0.1:80 [2001:db8::7]:80"});

class ModuleReload : public testing::Test {
protected:
    ModuleReload() { machine.add_room(""); }

    Result<Reloaded> reload(const ReloadWish& wish = {{"new.ko", {}}, "old.ko"}) {
        auto survey = HG_TRY(survey_module(machine));
        return reload_module(machine, std::move(survey), wish);
    }

    std::string error_of_reload() {
        const auto done = reload();
        return done ? "done" : done.error().text();
    }

    FakeKernel& kernel() { return machine.rooms.front().kernel; }

    FakeMachine machine;
};

TEST_F(ModuleReload, guards_the_vips_while_there_is_no_configuration) {
    machine.add_room("web");
    const auto done = reload();
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_THAT(machine.steps, ElementsAre("guard ", "guard web", "unload", "load new.ko",
                                           "unguard ", "unguard web"));
    for (const auto& room : machine.rooms) {
        const auto asked = room.kernel.asked();
        for (const auto* const each : kPutBack) {
            EXPECT_THAT(asked, Contains(each));
        }
    }
    EXPECT_EQ(done->gap, 60ms);
}

TEST_F(ModuleReload, puts_back_all_of_a_namespace_in_one_transaction) {
    machine.on_load = [&] { kernel().staged_refusals[4] = {EINVAL, "no"}; };
    EXPECT_THAT(error_of_reload(), StartsWith("cannot add server [2001:db8::7]:80"));
    EXPECT_THAT(kernel().asked(), testing::Not(Contains(StartsWith("new_"))));
}

TEST_F(ModuleReload, leaves_namespaces_without_services_alone) {
    auto& other = machine.add_room("other");
    other.kernel.services.clear();
    other.kernel.servers.clear();
    EXPECT_TRUE(reload());
    EXPECT_THAT(machine.steps, ElementsAre("guard ", "unload", "load new.ko", "unguard "));
    EXPECT_THAT(other.kernel.asked(), ElementsAre("set_settings"));
}

TEST_F(ModuleReload, writes_no_settings_that_are_as_before) {
    machine.on_load = [&] { kernel().settings = test::settings(); };
    EXPECT_TRUE(reload());
    EXPECT_THAT(kernel().asked(), testing::Not(Contains("set_settings")));
}

TEST_F(ModuleReload, goes_back_with_the_parameters_of_before_when_the_new_module_does_not_load) {
    machine.fails["load new.ko x=1"] = 1;
    const auto done = reload({{"new.ko", {"x=1"}}, "old.ko"});
    EXPECT_EQ(done.error().text(),
              "cannot load new.ko x=1: Invalid argument; version 0.1.0 is back, and the "
              "configuration with it; the gap was 60ms");
    EXPECT_THAT(machine.steps, ElementsAre("guard ", "unload", "load new.ko x=1: refused", "unload",
                                           "load old.ko userns_conns=65536", "unguard "));
    EXPECT_THAT(kernel().asked(), Contains(kPutBack[3]));
}

TEST_F(ModuleReload, goes_back_when_the_new_module_does_not_take_the_configuration) {
    int loads = 0;
    machine.on_load = [&] {
        kernel().staged_refusals.clear();
        if (loads++ == 0) {
            kernel().staged_refusals[2] = {EINVAL, "no such mode"};
        }
    };
    EXPECT_THAT(error_of_reload(), HasSubstr("no such mode; nothing was changed; version 0.1.0 is "
                                             "back, and the configuration with it"));
    EXPECT_THAT(machine.steps, ElementsAre("guard ", "unload", "load new.ko", "unload",
                                           "load old.ko userns_conns=65536", "unguard "));
    EXPECT_THAT(kernel().asked(), Contains(kPutBack[3]));
}

TEST_F(ModuleReload, keeps_the_configuration_in_files_when_there_is_no_way_back) {
    machine.add_room("web");
    machine.fails = {{"load new.ko", 1}, {"load old.ko userns_conns=65536", 1}};
    EXPECT_EQ(error_of_reload(),
              "cannot load new.ko: Invalid argument; there is no way back: cannot load old.ko "
              "userns_conns=65536: Invalid argument; \"headgate apply /run/module-reload-0.yaml\" "
              "puts the configuration back; \"headgate apply /run/module-reload-1.yaml\" puts the "
              "configuration back in web; the gap was 80ms");
    EXPECT_THAT(machine.files["module-reload-1.yaml"], HasSubstr("name: web"));
    EXPECT_FALSE(machine.is_guarded());
}

TEST_F(ModuleReload, waits_for_whoever_uses_the_module) {
    machine.fails["unload"] = 3;
    EXPECT_TRUE(reload());
}

TEST_F(ModuleReload, changes_nothing_when_somebody_goes_on_using_the_module) {
    machine.fails["unload"] = 1000;
    EXPECT_THAT(error_of_reload(), StartsWith("cannot unload: somebody uses it, such as a list"));
    EXPECT_EQ(machine.steps.back(), "unguard ");
    EXPECT_TRUE(machine.loaded);
    EXPECT_THAT(kernel().asked(), IsEmpty());
}

TEST_F(ModuleReload, does_not_unload_what_it_could_not_guard) {
    machine.add_room("web");
    machine.fails["guard web"] = 1;
    EXPECT_EQ(error_of_reload(), "cannot guard web in network namespace \"web\": Invalid argument");
    EXPECT_THAT(machine.steps, ElementsAre("guard ", "guard web: refused", "unguard "));
}

TEST_F(ModuleReload, lifts_the_guard_everywhere_when_one_does_not_go) {
    machine.add_room("web");
    machine.fails["unguard "] = 1;
    EXPECT_EQ(error_of_reload(), "cannot unguard : Invalid argument");
    EXPECT_EQ(machine.steps.back(), "unguard web");
}

TEST_F(ModuleReload, begins_nothing_without_a_module_or_a_way_back) {
    for (const auto* const missing : {"find new.ko", "find old.ko"}) {
        machine.fails = {{missing, 1}};
        EXPECT_THAT(error_of_reload(), HasSubstr(missing));
    }
    machine.fails = {{"find headgate", 1}};
    EXPECT_THAT(reload({{"new.ko", {}}, ""}).error().text(), HasSubstr("; --back names the file"));
    EXPECT_THAT(machine.steps, IsEmpty());
}

TEST_F(ModuleReload, counts_what_would_be_lost) {
    machine.add_room("web");
    auto survey = survey_module(machine).value();
    EXPECT_EQ(check_conns(survey).error().text(),
              "cannot reload the module: 30 established connections would be lost: with "
              "--lose-conns they are");
    for (auto& netns : survey.namespaces) {
        netns.running.services[0].active = 0;
    }
    EXPECT_TRUE(check_conns(survey));
}

TEST_F(ModuleReload, tells_the_length_of_the_gap) {
    machine.add_room("web");
    const auto report = reload_report("0.0.9", reload().value());
    EXPECT_EQ(report.text, "version 0.1.0 in place of 0.0.9: 2 services with 6 servers as before, "
                           "30 connections lost, the gap was 60ms\n");
    EXPECT_EQ(
        report.document.dump(),
        R"({"result":"done","version_before":"0.0.9","version":"0.1.0","namespaces":[)"
        R"({"netns":null,"services":1,"servers":3},{"netns":"web","services":1,"servers":3}],)"
        R"("conns_lost":30,"gap_ms":60})");
}

TEST(ModuleGuard, drops_what_comes_for_services_and_nothing_else) {
    EXPECT_EQ(guard_rules({test::web_service(), test::dns_service()}), R"(table inet headgate_guard
delete table inet headgate_guard
table inet headgate_guard {
	set v4 {
		type ipv4_addr . inet_proto . inet_service
		flags timeout
		timeout 60s
		elements = { 10.0.0.1 . tcp . 80 }
	}
	set v6 {
		type ipv6_addr . inet_proto . inet_service
		flags timeout
		timeout 60s
		elements = { 2001:db8::1 . udp . 53 }
	}
	chain input {
		type filter hook input priority 97
		ip daddr . meta l4proto . th dport @v4 drop
		ip6 daddr . meta l4proto . th dport @v6 drop
	}
}
)");
}

TEST(ModuleGuard, names_no_element_where_there_is_none) {
    EXPECT_THAT(guard_rules({test::web_service()}), HasSubstr("timeout 60s\n\t}\n\tchain"));
}

TEST(CliModule, takes_parameters_as_insmod_does) {
    test::Cli cli;
    for (const auto* const bad : {"userns_conns", "=1", "--x=1", "a-b=1", "a/b=1"}) {
        cli("module reload -- " + std::string(bad));
        EXPECT_EQ(cli.code, 2) << bad;
        EXPECT_THAT(cli.err, HasSubstr("is no module parameter")) << bad;
    }
}

} // namespace
} // namespace hg::cli
