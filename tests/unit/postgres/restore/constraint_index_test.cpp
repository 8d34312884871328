// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/constraint_index.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

dump::EarlyStatement constraint(const std::string& rest, const std::string& name = "votes_pkey") {
    dump::EarlyStatement early;
    early.table = "public.votes";
    early.object = name;
    early.text = "ALTER TABLE ONLY public.votes\n    ADD CONSTRAINT " + name + " " + rest;
    return early;
}

TEST(ConstraintIndex, IsBuiltFirstAndTakenOver) {
    const auto key = index_first(constraint("PRIMARY KEY (id, dao);"));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->create, "CREATE UNIQUE INDEX votes_pkey ON public.votes USING btree (id, dao);");
    EXPECT_EQ(key->attach, "ALTER TABLE ONLY public.votes\n    ADD CONSTRAINT votes_pkey PRIMARY "
                           "KEY USING INDEX votes_pkey;");
    const auto unique = index_first(constraint("UNIQUE (id);", "\"Once only\""));
    ASSERT_TRUE(unique);
    EXPECT_EQ(unique->create,
              "CREATE UNIQUE INDEX \"Once only\" ON public.votes USING btree (id);");
}

TEST(ConstraintIndex, IsLeftToItsConstraintWhereThereIsMoreToIt) {
    for (const auto* const rest :
         {"PRIMARY KEY (id) INCLUDE (dao);", "UNIQUE (id) DEFERRABLE;",
          "UNIQUE NULLS NOT DISTINCT (id);", "PRIMARY KEY (id) WITH (fillfactor='70');",
          "UNIQUE (id, during WITHOUT OVERLAPS);", "EXCLUDE USING gist (during WITH &&);",
          "UNIQUE (\"a)b\");", "PRIMARY KEY USING INDEX votes_pkey;", "UNIQUE ();"}) {
        EXPECT_FALSE(index_first(constraint(rest))) << rest;
    }
}

} // namespace
} // namespace drctl::postgres::restore
