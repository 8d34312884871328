// SPDX-License-Identifier: Apache-2.0
//
// reconnecting_clients CONNINFO COUNT
//
// COUNT clients ask one small question after the other on a session each, and reconnect when it
// breaks, as an application's pool does, until stdin ends. Then prints the longest time, in
// milliseconds, in which any one client had no answer, and how many sessions broke:
// `{"longest_gap_ms": 412, "reconnects": 20, "answers": 123456}`.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <libpq-fe.h>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Finish {
    void operator()(PGconn* conn) const { PQfinish(conn); }
};
using Connection = std::unique_ptr<PGconn, Finish>;

struct Tally {
    Clock::duration longest_gap{};
    long reconnects = 0;
    long answers = 0;
};

bool answers(PGconn* conn) {
    PGresult* result = PQexec(conn, "SELECT count(*) FROM pg_class WHERE oid = 1");
    const bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    return good;
}

void work(const std::string& conninfo, const std::atomic<bool>& stop, Tally& tally) {
    Connection conn(PQconnectdb(conninfo.c_str()));
    auto last = Clock::now();
    while (!stop) {
        if (PQstatus(conn.get()) == CONNECTION_OK && answers(conn.get())) {
            const auto now = Clock::now();
            tally.longest_gap = std::max(tally.longest_gap, now - last);
            last = now;
            ++tally.answers;
            // What an application does with the answer.
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        } else {
            ++tally.reconnects;
            conn.reset(PQconnectdb(conninfo.c_str()));
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: reconnecting_clients CONNINFO COUNT\n");
        return 2;
    }
    std::vector<Tally> tallies(static_cast<std::size_t>(std::atoi(argv[2])));
    std::vector<std::thread> threads;
    std::atomic<bool> stop{false};
    for (auto& tally : tallies) {
        threads.emplace_back([&] { work(argv[1], stop, tally); });
    }
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    stop = true;
    Tally all;
    for (std::size_t i = 0; i < threads.size(); ++i) {
        threads[i].join();
        all.longest_gap = std::max(all.longest_gap, tallies[i].longest_gap);
        all.reconnects += tallies[i].reconnects;
        all.answers += tallies[i].answers;
    }
    const auto gap = std::chrono::duration_cast<std::chrono::milliseconds>(all.longest_gap);
    std::printf("{\"longest_gap_ms\": %lld, \"reconnects\": %ld, \"answers\": %ld}\n",
                static_cast<long long>(gap.count()), all.reconnects, all.answers);
    return 0;
}
