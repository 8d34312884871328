// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/failure.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

using testing::HasSubstr;
using testing::Not;

Error of_server(ErrorCode code = ErrorCode::failed) {
    return Error(code, "cannot CREATE INDEX i: could not create unique index (SQLSTATE 23505)")
        .with("sqlstate", "23505")
        .with("server_says", "ERROR: could not create unique index \"i\"")
        .with("object", "public.t.i");
}

TEST(RestoreFailure, NamesLineKindAndObject) {
    const auto failure = failure_at(of_server(), 17, "CREATE INDEX i");
    EXPECT_EQ(failure.message(), "cannot restore line 17 (CREATE INDEX i): could not create unique "
                                 "index \"i\" at public.t.i (SQLSTATE 23505)");
    EXPECT_EQ(failure.context_value("line"), "17");
    EXPECT_EQ(failure.context_value("sqlstate"), "23505");
    EXPECT_THAT(failure.hint(), Not(testing::IsEmpty()));
}

TEST(RestoreFailure, IsAFailureWhateverTheServerFound) {
    for (const auto code : {ErrorCode::refused, ErrorCode::unreachable, ErrorCode::damaged,
                            ErrorCode::timed_out, ErrorCode::failed}) {
        EXPECT_EQ(failure_at(of_server(code), 1, "x").code(), ErrorCode::failed);
    }
    EXPECT_EQ(failure_at(of_server(ErrorCode::bug), 1, "x").code(), ErrorCode::bug);
}

TEST(RestoreFailure, LeavesAnInterruptionWhatItIs) {
    const auto failure = failure_at(Error(ErrorCode::interrupted, "interrupted"), 1, "x");
    EXPECT_EQ(failure.code(), ErrorCode::interrupted);
    EXPECT_EQ(failure.message(), "interrupted");
}

TEST(RestoreFailure, KeepsTheHintOfTheServerError) {
    const auto failure =
        failure_at(Error(ErrorCode::failed, "cannot COPY t: no space", "free disk space"), 1, "x");
    EXPECT_EQ(failure.hint(), "free disk space");
}

TEST(RestoreFailure, TellsALostConnection) {
    const auto error = Error(ErrorCode::unreachable, "cannot COPY t: …")
                           .with("connection", "lost")
                           .with("server_says", "server closed the connection unexpectedly");
    EXPECT_EQ(
        failure_at(error, 3, "COPY t").message(),
        "cannot restore line 3 (COPY t): the connection to the server was lost: server closed "
        "the connection unexpectedly");
}

TEST(RestoreFailure, PrintsNamesOfOtherEncodings) {
    EXPECT_EQ(describe("CREATE TABLE", "public.\"Gr\xf6\xdf\x65\""),
              "CREATE TABLE public.\"Gr??e\"");
    EXPECT_EQ(describe("CREATE TABLE", "public.\"Größe 表\""), "CREATE TABLE public.\"Größe 表\"");
    EXPECT_EQ(describe("COMMIT", ""), "COMMIT");
}

} // namespace
} // namespace drctl::postgres::restore
