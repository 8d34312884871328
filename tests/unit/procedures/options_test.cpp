// SPDX-License-Identifier: Apache-2.0
#include "procedures/db_recover/options.hpp"

#include "drctl/error.hpp"
#include "system/units.hpp"

#include <gtest/gtest.h>

namespace drctl::procedures {
namespace {

TEST(DbRecoverOptions, AreJournaledOnlyAsFarAsGiven) {
    EXPECT_TRUE(to_flat({}).empty());
}

TEST(DbRecoverOptions, ComeBackFromTheJournal) {
    DbRecoverOptions options;
    options.backup = "/b/x.sql";
    options.before = system::parse_rfc3339("2026-11-23T02:00:00Z");
    options.into = DbRecoverOptions::Into::database;
    options.beside = true;
    options.from_run = "run";
    options.jobs = 3;
    options.verify = DbRecoverOptions::Depth::full;
    options.restore_anyway = true;
    options.keep_services_stopped = true;
    const auto flat = to_flat(options);
    EXPECT_EQ(flat.size(), 9U);
    EXPECT_EQ(to_flat(options_from_flat(flat)), flat);
}

TEST(DbRecoverOptions, OfANewerVersionAreRefused) {
    EXPECT_THROW(options_from_flat({{"telepathy", "yes"}}), Error);
    EXPECT_THROW(options_from_flat({{"jobs", "many"}}), Error);
}

} // namespace
} // namespace drctl::procedures
