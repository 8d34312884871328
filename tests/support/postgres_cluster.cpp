// SPDX-License-Identifier: Apache-2.0
#include "support/postgres_cluster.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <netinet/in.h>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace drctl::test {
namespace {

using system::Argv;
using system::ProcessOptions;
using system::ProcessResult;

const system::SystemProcessRunner& runner() {
    static const system::SystemProcessRunner instance;
    return instance;
}

ProcessResult run_as(const system::User& user, const Argv& argv, const ProcessOptions& given = {}) {
    ProcessOptions options = given;
    options.timeout = std::chrono::minutes(5);
    options.directory = "/";
    options.keep_output = std::size_t{64} << 20;
    if (system::running_as_root() && user.uid != 0) {
        options.user = user;
    }
    return runner().run(argv, options, {});
}

[[noreturn]] void fail(const Argv& argv, const ProcessResult& result) {
    std::string command;
    for (const auto& word : argv) {
        command += word + " ";
    }
    throw std::runtime_error(command + result.how_it_ended() + "\n" + result.out + result.err);
}

void must_run_as(const system::User& user, const Argv& argv) {
    const auto result = run_as(user, argv);
    if (!result.succeeded()) {
        fail(argv, result);
    }
}

system::User server_account() {
    if (!system::running_as_root()) {
        return system::current_user();
    }
    const auto user = system::find_user("postgres");
    if (!user) {
        throw std::runtime_error("no account postgres on this machine");
    }
    return *user;
}

void chown_tree(const fs::path& path, const system::User& user) {
    if (!system::running_as_root()) {
        return;
    }
    must_run_as(system::current_user(),
                {"chown", "-R", std::to_string(user.uid) + ":" + std::to_string(user.gid), path});
}

/// One initdb per set of arguments and build tree; later clusters are copies of it.
fs::path template_cluster(const system::User& user, const std::vector<std::string>& arguments) {
    std::string key;
    for (const auto& argument : arguments) {
        key += argument + " ";
    }
    const fs::path cache = DRCTL_TEST_CACHE;
    const fs::path finished = cache / ("cluster-" + std::to_string(std::hash<std::string>{}(key)));
    fs::create_directories(cache);
    const system::UniqueFd lock(
        ::open((cache / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock || ::flock(lock.get(), LOCK_EX) != 0) {
        throw std::runtime_error("cannot lock the cache of clusters");
    }
    if (fs::exists(finished)) {
        return finished;
    }
    // The server's account need not be able to enter the build tree, so it is made elsewhere.
    const system::TemporaryDirectory scratch("drctl-initdb");
    chown_tree(scratch.path(), user);
    Argv initdb{PostgresCluster::bin_dir() / "initdb",
                "-D",
                scratch.path() / "data",
                "-N",
                "-U",
                "postgres",
                "-A",
                "trust"};
    initdb.insert(initdb.end(), arguments.begin(), arguments.end());
    must_run_as(user, initdb);
    const auto half = finished.string() + ".half";
    fs::remove_all(half);
    fs::copy(scratch.path() / "data", half, fs::copy_options::recursive);
    fs::rename(half, finished);
    return finished;
}

/// A TCP port that nobody uses now; also numbers the socket.
std::string free_port() {
    const system::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        throw std::runtime_error("no free port");
    }
    return std::to_string(ntohs(address.sin_port));
}

std::string slurp(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// The processes whose parent is `parent`.
std::vector<int> children_of(int parent) {
    std::istringstream list(
        slurp("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children"));
    std::vector<int> result;
    for (int pid = 0; list >> pid;) {
        result.push_back(pid);
    }
    return result;
}

/// Waits for the end of a server, which is ours since pg_ctl left it behind. A process nobody has
/// waited for keeps its id, and the next server would take it for a living one.
void reap(int pid) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace

const fs::path& PostgresCluster::bin_dir() {
    static const fs::path directory = [] {
        for (int major = 20; major >= 12; --major) {
            fs::path candidate = "/usr/lib/postgresql/" + std::to_string(major) + "/bin";
            if (fs::exists(candidate / "initdb")) {
                return candidate;
            }
        }
        const auto program = system::find_program("initdb");
        return program ? program->parent_path() : fs::path();
    }();
    return directory;
}

PostgresCluster::PostgresCluster(Options options)
    : options_(std::move(options)), user_(server_account()), directory_("drctl-pg"),
      port_(options_.tcp ? free_port() : "5432") {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1); // see reap()
    auto arguments = options_.initdb;
    if (arguments.empty()) {
        arguments = {"-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"};
    }
    fs::copy(template_cluster(user_, arguments), data_dir(), fs::copy_options::recursive);
    fs::permissions(data_dir(), fs::perms::owner_all);
    std::string configuration =
        "listen_addresses = '" + std::string(options_.tcp ? "127.0.0.1" : "") +
        "'\nport = " + port_ + "\nunix_socket_directories = '" + socket_dir().string() +
        "'\nfsync = off\nfull_page_writes = off\nlog_min_messages = info\n"
        "max_connections = 50\nshared_buffers = 64MB\n"
        "dynamic_shared_memory_type = mmap\n";
    for (const auto& [name, value] : options_.settings) {
        configuration += name + " = " + value + "\n";
    }
    append_configuration(configuration);
    give(root());
    if (options_.start) {
        start();
    }
}

PostgresCluster::~PostgresCluster() {
    try {
        stop("immediate");
    } catch (const std::exception&) {
        kill_all();
    }
}

std::string PostgresCluster::connection() const {
    return "host=" + socket_dir().string() + " port=" + port_ + " user=postgres";
}

config::Database PostgresCluster::database(const std::string& dbname) const {
    config::Database database;
    database.name = dbname;
    database.dbname = dbname;
    database.connection = connection();
    database.data_dir = data_dir();
    database.config_file = data_dir() / "postgresql.conf";
    database.bin_dir = bin_dir();
    database.os_user = os_user();
    return database;
}

bool PostgresCluster::try_start() {
    return run("pg_ctl", {"-D", data_dir(), "-l", log_file(), "-w", "-t", "60", "start"})
        .succeeded();
}

void PostgresCluster::start() {
    if (!try_start()) {
        throw std::runtime_error("the server does not start:\n" + log());
    }
}

void PostgresCluster::stop(const std::string& mode) {
    if (running()) {
        const int postmaster = postmaster_pid();
        must_run("pg_ctl", {"-D", data_dir(), "-m", mode, "-w", "stop"});
        reap(postmaster);
    }
}

void PostgresCluster::kill_all() {
    const int postmaster = postmaster_pid();
    if (!running()) {
        return;
    }
    // Stopped first: it must not react to the death of its children.
    ::kill(postmaster, SIGSTOP);
    const auto children = children_of(postmaster);
    ::kill(postmaster, SIGKILL);
    for (const int child : children) {
        ::kill(child, SIGKILL);
    }
    reap(postmaster);
    // Shared memory does not survive a power failure either. The seventh line: key and id.
    std::istringstream lines(slurp(data_dir() / "postmaster.pid"));
    std::string line;
    for (int i = 0; i < 7; ++i) {
        std::getline(lines, line);
    }
    long key = 0;
    int id = -1;
    if (std::istringstream(line) >> key >> id) {
        ::shmctl(id, IPC_RMID, nullptr);
    }
}

bool PostgresCluster::running() const {
    const int pid = postmaster_pid();
    if (pid <= 0) {
        return false;
    }
    // A zombie answers to signal 0; its state tells.
    const auto stat = slurp("/proc/" + std::to_string(pid) + "/stat");
    const auto after_name = stat.rfind(')');
    return after_name != std::string::npos && stat[after_name + 2] != 'Z';
}

int PostgresCluster::postmaster_pid() const {
    const auto content = slurp(data_dir() / "postmaster.pid");
    return content.empty() ? 0 : std::stoi(content);
}

std::string PostgresCluster::log() const {
    return slurp(log_file());
}

void PostgresCluster::append_configuration(const std::string& lines) const {
    std::ofstream out(data_dir() / "postgresql.conf", std::ios::app);
    out << lines;
}

std::string PostgresCluster::psql(const std::string& dbname, const std::string& sql) const {
    auto out = must_run("psql", {"-XAtq", "-v", "ON_ERROR_STOP=1", "-d", dbname}, sql);
    if (!out.empty() && out.back() == '\n') {
        out.pop_back();
    }
    return out;
}

void PostgresCluster::psql_file(const std::string& dbname, const fs::path& file) const {
    must_run("psql", {"-Xq", "-v", "ON_ERROR_STOP=1", "-d", dbname}, system::read_file(file));
}

void PostgresCluster::create_database(const std::string& name,
                                      const std::vector<std::string>& options) const {
    auto arguments = options;
    arguments.push_back(name);
    must_run("createdb", arguments);
}

void PostgresCluster::dump(const std::string& dbname, const fs::path& file,
                           const std::vector<std::string>& arguments) const {
    auto all = arguments;
    all.insert(all.end(), {"-f", file, dbname});
    must_run("pg_dump", all);
}

ProcessResult PostgresCluster::run(const std::string& program,
                                   const std::vector<std::string>& arguments,
                                   const std::string& input) const {
    Argv argv{bin_dir() / program};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    ProcessOptions options;
    options.environment = {{"PGHOST", socket_dir()},
                           {"PGPORT", port_},
                           {"PGUSER", "postgres"},
                           {"PGCLIENTENCODING", "UTF8"}};
    options.input = input;
    return run_as(user_, argv, options);
}

std::string PostgresCluster::must_run(const std::string& program,
                                      const std::vector<std::string>& arguments,
                                      const std::string& input) const {
    auto result = run(program, arguments, input);
    if (!result.succeeded()) {
        Argv argv{program};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        fail(argv, result);
    }
    return result.out;
}

void PostgresCluster::give(const fs::path& path) const {
    chown_tree(path, user_);
}

} // namespace drctl::test
