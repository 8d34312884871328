// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/table_of_contents.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

TEST(TableOfContents, TakesEventTriggersApart) {
    const auto contents = divide_contents("; Archive created at 2026-11-23 02:00:04 UTC\n"
                                          ";\n"
                                          "\n"
                                          "215; 1259 16386 TABLE public daos postgres\n"
                                          "3290; 3466 16390 EVENT TRIGGER - audit postgres\n"
                                          "3400; 0 0 COMMENT - EVENT TRIGGER audit postgres\n"
                                          "3401; 0 0 COMMENT public TABLE daos postgres\n"
                                          "3350; 0 16386 TABLE DATA public EVENT TRIGGER x\n");
    EXPECT_EQ(contents.main, "215; 1259 16386 TABLE public daos postgres\n"
                             "3401; 0 0 COMMENT public TABLE daos postgres\n"
                             "3350; 0 16386 TABLE DATA public EVENT TRIGGER x\n");
    EXPECT_EQ(contents.event_triggers, "3290; 3466 16390 EVENT TRIGGER - audit postgres\n"
                                       "3400; 0 0 COMMENT - EVENT TRIGGER audit postgres\n");
}

} // namespace
} // namespace drctl::postgres::restore
