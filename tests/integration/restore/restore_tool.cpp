// SPDX-License-Identifier: Apache-2.0
// Restores a dump by the library, for tests that are written in Python:
//   restore_tool plain|archive CONNINFO DBNAME FILE JOBS
#include "postgres/restore/restore.hpp"
#include "system/byte_source.hpp"
#include "system/program_source.hpp"

#include <cstdlib>
#include <fmt/core.h>
#include <string>

namespace {

using namespace drctl;

postgres::restore::RestoreResult restore(const std::string& format,
                                         const postgres::Target& database, const char* file,
                                         const postgres::restore::RestoreOptions& options) {
    const system::StopSource never;
    if (format == "archive") {
        system::ProgramSource text({(options.bin_dir / "pg_restore").string(), "-f", "-", file},
                                   never.token());
        const auto outline = postgres::dump::outline_of(text);
        return restore_archive(database, file, outline, options, {}, never.token());
    }
    system::FileSource source(file, {}, never.token());
    const auto outline = postgres::dump::outline_of(source);
    return restore_plain(database, file, outline, options, {}, never.token());
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 6) {
        return 2;
    }
    postgres::Target database;
    database.conninfo = argv[2];
    database.dbname = argv[3];
    postgres::restore::RestoreOptions options;
    options.jobs = static_cast<unsigned>(std::atoi(argv[5]));
    options.bin_dir = std::getenv("PG_BIN_DIR");
    try {
        const auto result = restore(argv[1], database, argv[4], options);
        fmt::print("{} rows, {} tolerated, {} subscriptions\n", result.rows,
                   result.tolerated.size(), result.subscriptions.size());
    } catch (const Error& error) {
        fmt::print(stderr, "{}\n", error.message());
        return 1;
    }
    return 0;
}
