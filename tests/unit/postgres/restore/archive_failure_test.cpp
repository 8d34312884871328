// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/archive_failure.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

using testing::HasSubstr;
using testing::Not;

system::ProcessResult printed(std::string err) {
    system::ProcessResult result;
    result.exit_status = 1;
    result.err = std::move(err);
    return result;
}

TEST(ArchiveFailure, NamesTheEntryAndTheCauseWithoutRowData) {
    const auto error = archive_failure(
        "/backups/a.dump",
        printed("pg_restore: while PROCESSING TOC:\n"
                "pg_restore: from TOC entry 3341; 0 16386 TABLE DATA daos postgres\n"
                "pg_restore: error: COPY failed for table \"daos\": ERROR:  invalid input syntax "
                "for type integer: \"secret\"\n"
                "CONTEXT:  COPY daos, line 3, column id: \"secret\"\n"
                "Command was: COPY secret\n"));
    EXPECT_THAT(error.message(), HasSubstr("'/backups/a.dump'"));
    EXPECT_THAT(error.message(), HasSubstr("TABLE DATA daos postgres"));
    EXPECT_THAT(error.message(), HasSubstr("invalid input syntax for type integer"));
    EXPECT_THAT(error.message(), Not(HasSubstr("secret")));
    for (const auto& [key, value] : error.context()) {
        EXPECT_THAT(value, Not(HasSubstr("secret"))) << key;
    }
    EXPECT_EQ(error.code(), ErrorCode::failed);
}

TEST(ArchiveFailure, TellsWhatToDoAboutAFullDiskAndAnUnreadableFile) {
    EXPECT_THAT(archive_failure("a", printed("pg_restore: error: could not execute query: ERROR:  "
                                             "could not extend file \"base/1/2\": No space left on "
                                             "device\n"))
                    .hint(),
                HasSubstr("free disk space"));
    EXPECT_THAT(archive_failure("a", printed("pg_restore: error: could not open input file \"a\": "
                                             "Permission denied\n"))
                    .hint(),
                HasSubstr("os_user"));
}

TEST(ArchiveFailure, TellsAProgramThatWasKilled) {
    system::ProcessResult killed;
    killed.signal = 9;
    EXPECT_THAT(archive_failure("a", killed).message(), HasSubstr("killed by signal 9"));
}

} // namespace
} // namespace drctl::postgres::restore
