// SPDX-License-Identifier: Apache-2.0
#include "postgres/restore/tuning.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <sched.h>
#include <unistd.h>

namespace drctl::postgres::restore {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
constexpr std::uint64_t least_sort_memory = 16 * mebibyte;
constexpr std::uint64_t most_sort_memory = 64 * mebibyte;

} // namespace

Tuning tuning_for(unsigned jobs, unsigned cores, system::ByteSize memory,
                  system::ByteSize machine) {
    Tuning tuning;
    tuning.jobs = std::max(1U, jobs != 0 ? jobs : cores);
    const auto all = memory.bytes != 0 ? memory.bytes : machine.bytes / 4;
    tuning.sort_memory.bytes = std::clamp(all / tuning.jobs, least_sort_memory, most_sort_memory);
    return tuning;
}

unsigned cores_of_this_machine() {
    // Not the cores that there are, but those that this process may use.
    cpu_set_t usable;
    CPU_ZERO(&usable);
    if (::sched_getaffinity(0, sizeof usable, &usable) != 0) {
        return 1;
    }
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&usable)));
}

system::ByteSize memory_of_this_machine() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page = ::sysconf(_SC_PAGESIZE);
    return {static_cast<std::uint64_t>(std::max(0L, pages)) *
            static_cast<std::uint64_t>(std::max(0L, page))};
}

std::vector<std::pair<std::string, std::string>> parameters_of(const Tuning& tuning) {
    const auto sort_memory = fmt::format("{}kB", tuning.sort_memory.bytes / 1024);
    return {
        // A restore that is cut short is thrown away; its last act commits durably.
        {"synchronous_commit", "off"},
        {"maintenance_work_mem", sort_memory},
        // Compiling the queries that check foreign keys takes longer than it saves.
        {"jit", "off"},
        // A session waits for rows with its table's transaction open.
        {"idle_in_transaction_session_timeout", "0"},
        {"lock_timeout", "0"},
    };
}

} // namespace drctl::postgres::restore
