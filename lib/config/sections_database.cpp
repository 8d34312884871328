// SPDX-License-Identifier: Apache-2.0
#include "config/binding.hpp"

namespace drctl::config {
namespace {

using enum KeyType;
using Shape = SectionInfo::Shape;

/// The keys that say where the database is and how it is reached.
Binding<Database>& add_place(Binding<Database>& binding) {
    return binding
        .key(&Database::connection,
             {.name = "connection",
              .type = conninfo,
              .description =
                  "How to reach the server: libpq keywords, without `dbname` and `password`. It "
                  "must be a superuser's connection; on the server's own host the socket "
                  "directory and peer authentication need no password.",
              .example = "\"host=/var/run/postgresql port=5432 user=postgres\"",
              .required = true})
        .key(&Database::password,
             {.name = "password",
              .type = secret,
              .description = "Where the password comes from, if the server wants one.",
              .example = "{ file = \"/etc/drctl/shop.password\" }"})
        .key(&Database::dbname, {.name = "dbname",
                                 .type = text,
                                 .description = "The database's name on the server.",
                                 .example = "\"shop\"",
                                 .otherwise = "the section's NAME"})
        .key(&Database::os_user,
             {.name = "os_user",
              .type = text,
              .description = "The account that owns the server's files. Connections are opened "
                             "and PostgreSQL's programs run as this account.",
              .example = "\"postgres\""})
        .key(&Database::data_dir,
             {.name = "data_dir",
              .type = path,
              .description = "The server's data directory. Needed to find out why a server does "
                             "not start; drctl proves that it belongs to this server.",
              .example = "\"/var/lib/postgresql/15/main\"",
              .otherwise = "asked of the running server; a server that is down cannot be judged"})
        .key(&Database::config_file,
             {.name = "config_file",
              .type = path,
              .description = "`postgresql.conf`, where it lies outside `data_dir`, as on Debian.",
              .example = "\"/etc/postgresql/15/main/postgresql.conf\"",
              .otherwise = "`postgresql.conf` in `data_dir`"})
        .key(&Database::bin_dir,
             {.name = "bin_dir",
              .type = path,
              .description = "Where `pg_restore`, `pg_ctl` and `initdb` of the server's version "
                             "lie.",
              .example = "\"/usr/lib/postgresql/15/bin\"",
              .otherwise = "`/usr/lib/postgresql/<major version>/bin`, else the search path"})
        .key(&Database::server, {.name = "server",
                                 .type = text,
                                 .description = "The [service.*] that is the PostgreSQL server.",
                                 .example = "\"postgres\"",
                                 .refers_to = "service",
                                 .otherwise = "drctl cannot start a server that is down"});
}

/// The keys that say what a recovery does and how far it may go.
Binding<Database>& add_policy(Binding<Database>& binding) {
    return binding
        .key(&Database::stop,
             {.name = "stop",
              .type = names,
              .description = "The [service.*] that write to the database: stopped in this order "
                             "for a restore, started in reverse.",
              .example = "[\"shop\", \"nginx\"]",
              .refers_to = "service"})
        .key(&Database::stop_at,
             {.name = "stop_at",
              .type = choice,
              .description =
                  "When they are stopped: before the `restore`, or only for the `swap`. With "
                  "`swap` they go on while the copy is made, and what they write meanwhile is "
                  "lost.",
              .example = "\"restore\""})
        .key(&Database::max_data_loss,
             {.name = "max_data_loss",
              .type = loss_limit,
              .description = "How much an unattended restore may lose. Only a duration covers a "
                             "dump: what it loses is known by its age, not in bytes.",
              .example = "\"26h\"",
              .otherwise = "drctl asks at a terminal and refuses unattended"})
        .key(&Database::unattended,
             {.name = "unattended",
              .type = choice,
              .description = "What may be done without a person: `start` the server, or also "
                             "`restore` within `max_data_loss`.",
              .example = "\"start\""})
        .key(&Database::restore_again_after,
             {.name = "restore_again_after",
              .type = duration,
              .description = "A second unattended restore within this time is refused: a loop of "
                             "restores is a loss of its own.",
              .example = "\"24h\""})
        .key(&Database::before_swap,
             {.name = "before_swap",
              .type = commands,
              .description = "Commands run just before the swap, for example PAUSE of a "
                             "connection pooler.",
              .example = "[[\"psql\", \"-h\", \"/var/run/pgbouncer\", \"pgbouncer\", \"-c\", "
                         "\"PAUSE shop\"]]"})
        .key(&Database::after_swap,
             {.name = "after_swap",
              .type = commands,
              .description = "Commands run just after the swap.",
              .example = "[[\"psql\", \"-h\", \"/var/run/pgbouncer\", \"pgbouncer\", \"-c\", "
                         "\"RESUME shop\"]]"})
        .key(&Database::jobs, {.name = "jobs",
                               .type = integer,
                               .description = "Connections that restore in parallel; 0: one for "
                                              "each core.",
                               .example = "4",
                               .most = 1024})
        .key(&Database::health,
             {.name = "health",
              .type = names,
              .description = "The [health.*] that must pass at the end of a recovery.",
              .example = "[\"api\"]",
              .refers_to = "health"})
        .key(&Database::start_deadline,
             {.name = "start_deadline",
              .type = duration,
              .description = "How long the server may take to accept connections, crash recovery "
                             "included.",
              .example = "\"10m\"",
              .least = 1});
}

} // namespace

const Binding<Database>& database_binding() {
    static const auto binding = [] {
        Binding<Database> made({.shape = Shape::named,
                                .kind = "database",
                                .description = "A PostgreSQL database that drctl recovers and "
                                               "verifies: the NAME of `drctl db-recover NAME`."});
        return add_policy(add_place(made));
    }();
    return binding;
}

const Binding<DatabaseBackups>& backups_binding() {
    static const auto binding =
        Binding<DatabaseBackups>(
            {.shape = Shape::nested,
             .kind = "database",
             .part = "backups",
             .description = "Where its dumps lie. Without this section drctl can start and repair "
                            "the database, but not restore it."})
            .key(&DatabaseBackups::dir, {.name = "dir",
                                         .type = path,
                                         .description = "The directory of the dumps.",
                                         .example = "\"/backups/postgres\"",
                                         .required = true})
            .key(&DatabaseBackups::pattern,
                 {.name = "pattern",
                  .type = pattern,
                  .description = "The names of its dumps, as a shell pattern. Plain (`.sql`, "
                                 "also compressed), custom, tar and directory formats of pg_dump.",
                  .example = "\"full_backup_*.sql.gz\""})
            .key(&DatabaseBackups::timezone,
                 {.name = "timezone",
                  .type = timezone,
                  .description = "The time zone of times in file names that name none.",
                  .example = "\"Europe/Berlin\""})
            .key(&DatabaseBackups::globals,
                 {.name = "globals",
                  .type = pattern,
                  .description = "The names of dumps of roles (`pg_dumpall --globals-only`). Only "
                                 "for restores of a whole cluster, which this version does not do: "
                                 "nothing reads them yet.",
                  .example = "\"globals_*.sql*\""});
    return binding;
}

const Binding<Verify>& verify_binding() {
    static const auto binding =
        Binding<Verify>({.shape = Shape::repeated,
                         .kind = "database",
                         .part = "verify",
                         .description =
                             "A query that tells good rows from bad. It must run without error "
                             "and return a row; a bound judges that row's first column. Prefer "
                             "`count(column)`: an index alone may answer `count(*)` over "
                             "destroyed rows."})
            .key(&Verify::name, {.name = "name",
                                 .type = text,
                                 .description = "What reports call it.",
                                 .example = "\"orders\"",
                                 .required = true})
            .key(&Verify::sql, {.name = "sql",
                                .type = text,
                                .description = "The query.",
                                .example = "\"SELECT count(o) FROM orders o\"",
                                .required = true})
            .key(&Verify::min, {.name = "min",
                                .type = integer,
                                .description = "At least this number.",
                                .example = "1",
                                .least = INT64_MIN})
            .key(&Verify::max, {.name = "max",
                                .type = integer,
                                .description = "At most this number.",
                                .example = "1000000",
                                .least = INT64_MIN})
            .key(&Verify::equals, {.name = "equals",
                                   .type = scalar,
                                   .description = "Exactly this, compared as text.",
                                   .example = "\"ready\""})
            .key(&Verify::role, {.name = "role",
                                 .type = text,
                                 .description = "Also run as this role (SET ROLE): finds missing "
                                                "privileges before the application does.",
                                 .example = "\"shop_app\""});
    return binding;
}

} // namespace drctl::config
