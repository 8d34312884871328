// SPDX-License-Identifier: Apache-2.0
#include "support/dump_events.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::dump {
namespace {

/// One letter per statement: c(lean), p(re-data), d(ata), P(ost-data).
std::string sections_of(const std::string& dump) {
    std::string letters;
    for (const Statement& statement : test::statements_of(dump)) {
        letters += "cpdP"[static_cast<unsigned>(statement.section)];
    }
    return letters;
}

TEST(Sections, FollowFromTheStatements) {
    EXPECT_EQ(sections_of("SET a = 1; CREATE TABLE t (); ALTER TABLE t OWNER TO x;\n"
                          "SELECT pg_catalog.lo_create('1'); ALTER LARGE OBJECT 1 OWNER TO x;\n"
                          "COPY t FROM stdin;\n\\.\n SELECT pg_catalog.setval('s', 1);\n"
                          "SET b = 2; CREATE INDEX i ON t (a); GRANT SELECT ON TABLE t TO x;"),
              "pppppddPP");
}

TEST(Sections, KeepWhatAccompaniesDataWithIt) {
    EXPECT_EQ(sections_of("ALTER TABLE t DISABLE TRIGGER ALL;\nCOPY t FROM stdin;\n\\.\n"
                          "ALTER TABLE t ENABLE TRIGGER ALL; INSERT INTO t VALUES (1);\n"
                          "BEGIN; SELECT pg_catalog.lo_open('1', 131072); COMMIT;"
                          "ALTER TABLE t ENABLE ROW LEVEL SECURITY;"),
              "pdddddP");
}

TEST(Sections, OfADumpWithoutDataChangeAtTheFirstIndex) {
    EXPECT_EQ(sections_of("CREATE TABLE t (); CREATE VIEW v AS SELECT 1;"
                          "ALTER TABLE ONLY t ADD CONSTRAINT k PRIMARY KEY (a); COMMENT ON TABLE t "
                          "IS 'x';"),
              "ppPP");
}

TEST(Sections, CallDropsCleaningUntilSomethingIsCreated) {
    EXPECT_EQ(
        sections_of("SET a = 1; DROP TABLE t; CREATE OR REPLACE VIEW v AS SELECT NULL::int AS "
                    "a; DROP VIEW v; SET b = 2; CREATE SCHEMA s; DROP TABLE t;"
                    "CREATE OR REPLACE VIEW v AS SELECT 1;"),
        "pccccppp");
}

} // namespace
} // namespace drctl::postgres::dump
