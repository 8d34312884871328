// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/monitor.hpp"

#include "drctl/error.hpp"

#include <csignal>
#include <gtest/gtest.h>

namespace drctl::postgres::restore {
namespace {

std::exception_ptr failure(const std::string& message) {
    return std::make_exception_ptr(Error(ErrorCode::failed, message));
}

std::string message_of_wait(Monitor& monitor) {
    try {
        auto guard = monitor.enter();
        monitor.wait(guard, [] { return false; });
    } catch (const Error& error) {
        return error.message();
    }
    return "none";
}

TEST(Monitor, EndsWaitsWithTheFirstFailure) {
    Monitor monitor{{}};
    monitor.fail(failure("first"));
    monitor.fail(failure("second"));
    EXPECT_EQ(message_of_wait(monitor), "first");
    EXPECT_TRUE(monitor.token().stop_requested());
}

TEST(Monitor, TakesAStopFromOutsideForAFailure) {
    system::StopSource outside;
    Monitor monitor(outside.token());
    outside.request(SIGINT);
    try {
        auto guard = monitor.enter();
        monitor.wait(guard, [] { return false; });
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::interrupted);
    }
}

TEST(Monitor, WaitsNoLongerThanAsked) {
    Monitor monitor{{}};
    auto guard = monitor.enter();
    EXPECT_FALSE(monitor.wait_for(guard, std::chrono::milliseconds(1), [] { return false; }));
    EXPECT_TRUE(monitor.wait_for(guard, std::chrono::milliseconds(1), [] { return true; }));
}

} // namespace
} // namespace drctl::postgres::restore
