// SPDX-License-Identifier: Apache-2.0
#include "postgres/connect_failure.hpp"

#include <gtest/gtest.h>

namespace drctl::postgres {
namespace {

using Kind = ConnectFailure::Kind;

struct Case {
    const char* message; ///< as libpq 15 wrote it
    Kind kind;
    const char* sqlstate;
    const char* words;
};

class ExplainConnectFailure : public testing::TestWithParam<Case> {};

TEST_P(ExplainConnectFailure, FindsKindAndWords) {
    const auto& expected = GetParam();
    const auto failure = explain_connect_failure(expected.message);
    EXPECT_EQ(failure.kind, expected.kind) << failure.kind_name();
    EXPECT_EQ(failure.sqlstate, expected.sqlstate);
    EXPECT_EQ(failure.words, expected.words);
}

INSTANTIATE_TEST_SUITE_P(
    Messages, ExplainConnectFailure,
    testing::Values(
        Case{"connection to server on socket \"/run/.s.PGSQL.5432\" failed: FATAL:  57P03: the "
             "database system is starting up\nLOCATION:  ProcessStartupPacket, postmaster.c:2378\n",
             Kind::sql, "57P03", "FATAL: the database system is starting up"},
        Case{
            "connection to server on socket \"/run/.s.PGSQL.5432\" failed: FATAL:  3D000: database "
            "\"no: such\" does not exist\nDETAIL:  It seems to have just been dropped.\n",
            Kind::sql, "3D000", "FATAL: database \"no: such\" does not exist"},
        Case{"connection to server at \"h\" (10.0.0.1), port 5432 failed: ФАТАЛЬНО:  28P01: "
             "falsch\n",
             Kind::sql, "28P01", "ФАТАЛЬНО: falsch"},
        Case{"connection to server at \"h\", port 1 failed: FATAL:  P0001: hunter22\n", Kind::sql,
             "P0001", "FATAL: raise_exception"},
        Case{"connection to server on socket \"/x/.s.PGSQL.1\" failed: No such file or "
             "directory\n\tIs "
             "the server running locally and accepting connections on that socket?\n",
             Kind::refused, "",
             "connection to server on socket \"/x/.s.PGSQL.1\" failed: No such file or directory"},
        Case{
            "connection to server at \"localhost\" (::1), port 1 failed: Network is "
            "unreachable\n\tIs "
            "the server running on that host and accepting TCP/IP connections?\nconnection to "
            "server "
            "at \"localhost\" (127.0.0.1), port 1 failed: Connection refused\n",
            Kind::refused, "",
            "connection to server at \"localhost\" (127.0.0.1), port 1 failed: Connection refused"},
        Case{"connection to server on socket \"/root/.s.PGSQL.1\" failed: Permission denied\n",
             Kind::forbidden, "",
             "connection to server on socket \"/root/.s.PGSQL.1\" failed: Permission denied"},
        Case{"could not translate host name \"db.invalid\" to address: Name or service not known\n",
             Kind::unresolved, "",
             "could not translate host name \"db.invalid\" to address: Name or service not known"},
        Case{"connection to server at \"10.9.9.9\", port 5432 failed: No route to host\n",
             Kind::unreachable, "",
             "connection to server at \"10.9.9.9\", port 5432 failed: No route to host"},
        Case{"connection to server at \"h\", port 5432 failed: fe_sendauth: no password supplied\n",
             Kind::authentication, "",
             "connection to server at \"h\", port 5432 failed: fe_sendauth: no password supplied"},
        Case{"connection to server at \"h\", port 5432 failed: server closed the connection "
             "unexpectedly\n\tThis probably means the server terminated abnormally\n",
             Kind::closed, "",
             "connection to server at \"h\", port 5432 failed: server closed the connection "
             "unexpectedly"},
        Case{"something new\n", Kind::other, "", "something new"}, Case{"", Kind::other, "", ""}));

TEST(ConnectError, CarriesKindAndSqlstateInItsContext) {
    const auto error = connect_error({Kind::sql, "28P01", "FATAL: no"}, "database 'd' at h:1");
    EXPECT_EQ(error.code(), ErrorCode::refused);
    EXPECT_EQ(error.message(), "cannot connect to database 'd' at h:1: FATAL: no");
    EXPECT_EQ(error.context_value("sqlstate"), "28P01");
    EXPECT_EQ(connect_failure_kind(error), Kind::sql);
    EXPECT_NE(error.hint(), "");
}

TEST(ConnectError, OfOtherErrorsHasNoKind) {
    EXPECT_EQ(connect_failure_kind(Error(ErrorCode::failed, "x")), std::nullopt);
}

} // namespace
} // namespace drctl::postgres
