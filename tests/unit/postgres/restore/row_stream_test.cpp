// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/row_stream.hpp"

#include "drctl/error.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <thread>

namespace drctl::postgres::restore {
namespace {

dump::CopyRows rows(std::size_t size, char fill = 'x') {
    dump::CopyRows result;
    result.buffer = dump::Buffer(size);
    std::memset(result.buffer.data(), fill, size);
    result.size = size;
    result.rows = 1;
    return result;
}

TEST(RowStream, HandsRowsOverInOrder) {
    Monitor monitor{{}};
    Backlog backlog(monitor, 100);
    RowStream stream(monitor, backlog);
    stream.push(rows(10, 'a'));
    stream.push(rows(10, 'b'));
    stream.end();
    EXPECT_EQ(stream.pop()->data().front(), 'a');
    EXPECT_EQ(stream.pop()->data().front(), 'b');
    EXPECT_FALSE(stream.pop().has_value());
}

TEST(RowStream, KeepsTheReaderFromRunningAhead) {
    Monitor monitor{{}};
    Backlog backlog(monitor, 100);
    RowStream stream(monitor, backlog);
    std::atomic<std::size_t> most{0};
    std::atomic<std::size_t> inside{0};
    std::thread session([&] {
        while (auto taken = stream.pop()) {
            inside -= taken->size;
            backlog.leave(std::move(*taken));
        }
    });
    for (int i = 0; i < 200; ++i) {
        stream.push(rows(30));
        inside += 30;
        most = std::max(most.load(), inside.load());
    }
    stream.end();
    session.join();
    // One that was just popped has not left yet, and one was just pushed.
    EXPECT_LE(most, 100U + 30U);
}

TEST(Backlog, LetsInAloneWhatIsLargerThanItsLimit) {
    Monitor monitor{{}};
    Backlog backlog(monitor, 100);
    backlog.enter(1000); // does not wait for ever
    backlog.leave(std::size_t{1000});
    backlog.enter(100);
}

TEST(Backlog, GivesBuffersBack) {
    Monitor monitor{{}};
    Backlog backlog(monitor, 100);
    backlog.enter(10);
    backlog.leave(rows(10));
    const auto spare = backlog.spare();
    ASSERT_EQ(spare.size(), 1U);
    EXPECT_EQ(spare.front().capacity(), 10U);
    EXPECT_TRUE(backlog.spare().empty());
}

TEST(Backlog, StopsWaitingWhenTheRestoreHasFailed) {
    Monitor monitor{{}};
    Backlog backlog(monitor, 100);
    backlog.enter(80);
    std::thread other(
        [&] { monitor.fail(std::make_exception_ptr(Error(ErrorCode::failed, "somewhere else"))); });
    EXPECT_THROW(backlog.enter(80), Error);
    other.join();
}

} // namespace
} // namespace drctl::postgres::restore
