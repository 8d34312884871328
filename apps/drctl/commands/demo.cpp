// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "context.hpp"
#include "demo/registry.hpp"
#include "demo/server.hpp"
#include "drctl/error.hpp"
#include "system/files.hpp"
#include "system/units.hpp"
#include "views/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace drctl::app::commands {
namespace {

using demo::registry_name;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::string_view configuration = R"([state]
dir = "{dir}/state"

[service.postgres]
manager = "command"
start = {start}
stop = {stop}
status = {status}
os_user = "{user}"

[service.dao-registry]
manager = "command"
start = ["touch", "{dir}/dao-registry.running"]
stop = ["rm", "-f", "{dir}/dao-registry.running"]
status = ["test", "-e", "{dir}/dao-registry.running"]

[database.dao_registry]
connection = "host={socket} port=5432 user={user}"
data_dir = "{data}"
bin_dir = "{bin}"
os_user = "{user}"
server = "postgres"
stop = ["dao-registry"]

[database.dao_registry.backups]
dir = "{dir}/backups"
pattern = "full_backup_*.sql.gz"

[[database.dao_registry.verify]]
name = "daos"
sql = "SELECT count(d) FROM daos d"
min = 1

[[database.dao_registry.verify]]
name = "votes"
sql = "SELECT count(v) FROM votes v"
min = 1
)";

std::string toml_array(const system::Argv& argv) {
    return fmt::format("[\"{}\"]", fmt::join(argv, "\", \""));
}

/// One showing: everything below one temporary directory, taken away at the end, also after
/// Ctrl-C.
class Showing {
  public:
    explicit Showing(Context& context)
        : context_(context), scratch_("drctl-demo"),
          server_(prepared(), context.processes, context.stop.token()) {}

    ExitCode run() {
        introduce();
        make_history();
        damage();
        const auto code = recover();
        return code == ExitCode::good ? prove() : code;
    }

  private:
    // The server's account must be able to enter, and only to enter.
    fs::path prepared() {
        fs::permissions(scratch_.path(),
                        fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
        return scratch_.path() / "server";
    }

    void introduce() {
        say(fmt::format("A throwaway PostgreSQL {} in {}; nothing else is touched.\n",
                        server_.version(), scratch_.path().string()));
    }

    void make_history() {
        head("A small DAO registry, with dumps of several ages");
        demo::create_registry(server_);
        dump(hours(50), "");
        demo::use_registry(server_);
        at_backup_ = demo::state_of(server_);
        dump(hours(3), "");
        demo::use_registry(server_);
        demo::truncate_dump(dump(minutes(20), "   <- cut off in the middle, as by a full disk"));
        demo::use_registry(server_);
        write_configuration();
    }

    fs::path dump(std::chrono::minutes age, std::string_view remark) {
        const auto directory = scratch_.path() / "backups";
        if (fs::create_directory(directory)) {
            demo::give_to(directory, server_.account());
        }
        const auto path = demo::dump_registry(server_, directory, context_.clock.wall() - age);
        say(fmt::format("    {}  {} ago{}\n", path.filename().string(),
                        system::format_duration(age), remark));
        return path;
    }

    void damage() {
        head("The disk writes something where it does not belong");
        const auto file = demo::damage_registry(server_);
        say(fmt::format("    in the middle of {}, the table daos\n\n", file));
        show_query("SELECT count(*) FROM daos", "   <- answered by an index: notices nothing");
        show_query("SELECT count(d) FROM daos d", "");
    }

    void show_query(const std::string& sql, std::string_view remark) {
        say(fmt::format("    {}\n      {}{}\n", sql,
                        views::printable(server_.try_query(registry_name, sql)), remark));
    }

    ExitCode recover() {
        head("What you would type");
        std::vector<std::string> argv{
            "drctl", "db-recover",         registry_name, "-c", config_path().string(),
            "--yes", "--accept-data-loss", "4h"};
        if (context_.options.verbose) {
            argv.emplace_back("--verbose");
        }
        say(fmt::format("    $ {}\n\n", fmt::join(argv, " ")));
        return context_.invoke(argv);
    }

    ExitCode prove() {
        head("The proof: every row of the newest clean dump, compared by digest");
        const auto now = demo::state_of(server_);
        std::vector<std::vector<std::string>> rows{{"table", "in the dump", "now", ""}};
        for (std::size_t at = 0; at < now.size(); ++at) {
            const auto& before = at_backup_.at(at);
            rows.push_back({before.table, before.rows, now[at].rows,
                            before == now[at] ? "the same rows" : "DIFFERENT"});
        }
        say(views::table(rows, 4) + "\n");
        if (now != at_backup_) {
            throw Error(ErrorCode::bug, "the rows that came back are not those of the dump");
        }
        say("Next: drctl config init writes a configuration for this host; docs/guide.md goes on "
            "from there.\n");
        return ExitCode::good;
    }

    void write_configuration() {
        system::write_file_atomically(scratch_.path() / "dao-registry.running", "");
        system::write_file_atomically(
            config_path(),
            fmt::format(fmt::runtime(configuration), fmt::arg("dir", scratch_.path().string()),
                        fmt::arg("start", toml_array(server_.control("start"))),
                        fmt::arg("stop", toml_array(server_.control("stop"))),
                        fmt::arg("status", toml_array(server_.control("status"))),
                        fmt::arg("user", server_.account().name),
                        fmt::arg("socket", server_.socket_dir().string()),
                        fmt::arg("data", server_.data_dir().string()),
                        fmt::arg("bin", server_.bin_dir().string())));
    }

    [[nodiscard]] fs::path config_path() const { return scratch_.path() / "drctl.toml"; }

    void head(std::string_view text) {
        const auto& style = context_.console.out_style();
        say(fmt::format("\n{}\n\n", style.paint(views::Tone::strong, text)));
        context_.stop.token().throw_if_requested();
    }

    void say(std::string_view text) { context_.console.result(text); }

    Context& context_;
    system::TemporaryDirectory scratch_;
    demo::Server server_;
    std::vector<demo::TableState> at_backup_;
};

class Demo final : public Command {
  public:
    const Page& page() const override {
        static const Page page{
            .name = "demo",
            .summary = "break a throwaway PostgreSQL and bring it back",
            .text = R"(
Makes a PostgreSQL cluster in a temporary directory, fills a small database, takes dumps of which the
newest is cut off, overwrites bytes of a table's file, and lets `drctl db-recover` bring it back.
Needs the PostgreSQL server's programs, no configuration, and no privileges. Touches no other
database, and takes everything away at the end, also after Ctrl-C.
)",
            .examples = {{"drctl demo", "See it work"}},
            .exits = {ExitCode::good, ExitCode::bug, ExitCode::usage, ExitCode::failed,
                      ExitCode::unreachable, ExitCode::interrupted, ExitCode::terminated},
        };
        return page;
    }

    void define(CLI::App& app, CommonOptions& common) override {
        add_color_option(app, common);
        add_verbose_option(app, common);
    }

    ExitCode run(Context& context) override { return Showing(context).run(); }
};

} // namespace

std::unique_ptr<Command> make_demo() {
    return std::make_unique<Demo>();
}

} // namespace drctl::app::commands
