// SPDX-License-Identifier: Apache-2.0
#include "postgres/managers.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace drctl::postgres {
namespace {

class ManagersTest : public testing::Test {
  protected:
    ManagersTest() { files_.proc = directory_.path() / "proc"; }
    void run_program(const std::string& command_line) const {
        fs::create_directories(files_.proc / "42");
        std::ofstream(files_.proc / "42" / "cmdline", std::ios::binary) << command_line;
    }
    [[nodiscard]] std::string name(std::string_view libraries = "") const {
        const auto manager = find_manager(directory_.path(), libraries, files_);
        return manager ? manager->name : "";
    }
    system::TemporaryDirectory directory_;
    SystemFiles files_;
};

TEST_F(ManagersTest, AreNotSeenWhereThereIsNoSign) {
    run_program(std::string("/usr/bin/vi\0patroni.yml", 23));
    EXPECT_EQ(name("pg_stat_statements, auto_explain"), "");
}

TEST_F(ManagersTest, AreKnownByTheirProgramEvenBehindAnInterpreter) {
    run_program(std::string("/usr/bin/python3\0/usr/bin/patroni\0/etc/patroni.yml", 50));
    EXPECT_EQ(name(), "Patroni");
    run_program("/usr/bin/repmgrd");
    EXPECT_EQ(name(), "repmgr");
    run_program("/usr/sbin/pacemakerd");
    EXPECT_EQ(name(), "Pacemaker");
    run_program(std::string("pg_autoctl\0run", 14));
    EXPECT_EQ(name(), "pg_auto_failover");
    run_program("stolon-keeper");
    EXPECT_EQ(name(), "Stolon");
}

TEST_F(ManagersTest, AreKnownByTheirPreloadLibrary) {
    EXPECT_EQ(name("pg_stat_statements, 'repmgr'"), "repmgr");
    EXPECT_EQ(name("$libdir/repmgr.so"), "repmgr");
    EXPECT_EQ(name("not_repmgr"), "");
}

TEST_F(ManagersTest, AreKnownByTheFileTheyLeaveInTheDataDirectory) {
    std::ofstream(directory_.path() / "patroni.dynamic.json") << "{}";
    const auto manager = find_manager(directory_.path(), "", files_);
    ASSERT_TRUE(manager.has_value());
    EXPECT_EQ(manager->name, "Patroni");
    EXPECT_NE(manager->evidence.find("patroni.dynamic.json"), std::string::npos);
    EXPECT_NE(manager->hint, "");
}

} // namespace
} // namespace drctl::postgres
