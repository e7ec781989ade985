// headgate import, as from a shell.
#include "fake_host.h"
#include "temp_dir.h"

namespace hg::test {
namespace {

class CliImport : public TempDir {};

TEST_F(CliImport, prints_the_file_and_nothing_else_when_all_is_carried_over) {
    Cli cli;
    cli.host.loaded = false; // it needs no module
    const auto path = file("rules", "-A -t 10.0.0.1:80 -s rr\n");
    EXPECT_EQ(cli("import ipvsadm " + path), "services:\n"
                                             "  - listen: tcp://10.0.0.1:80\n"
                                             "    scheduler: rr\n"
                                             "    servers: []\n");
    EXPECT_EQ(cli.code, 0);
}

TEST_F(CliImport, names_what_it_left_out_by_file_and_line) {
    Cli cli;
    const auto path = file("keepalived.conf", "\nvrrp_instance a {\n}\n");
    cli("import keepalived " + path);
    EXPECT_EQ(cli.out, "services: []\n");
    EXPECT_EQ(cli.err, path + ":2: \"vrrp_instance\" is not carried over: moving a VIP between "
                              "directors is not headgate's, leave it to keepalived\n");
    EXPECT_EQ(cli.code, 3);
}

TEST_F(CliImport, reads_the_standard_input) {
    Cli cli;
    cli.host.standard_input = "-A -t www:80\n";
    cli("-j import ipvsadm -");
    EXPECT_EQ(cli.out, R"({
  "schema": 1,
  "config": "services: []\n",
  "left_out": [
    {
      "file": "-",
      "line": 1,
      "text": "service \"tcp://www:80\" is left out with its servers: \"www\": numeric address needed: a name may change under live conns; ipvsadm -Sn writes numbers for names"
    }
  ]
}
)");
    EXPECT_EQ(cli.err, "");
    EXPECT_EQ(cli.code, 3);
}

TEST_F(CliImport, says_why_a_file_cannot_be_read) {
    Cli cli;
    EXPECT_EQ(cli("import ipvsadm /nowhere"),
              "headgate: cannot read /nowhere: cannot be opened: No such file or directory\n");
    EXPECT_EQ(cli.code, 1);
}

} // namespace
} // namespace hg::test
