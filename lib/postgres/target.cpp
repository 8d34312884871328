// SPDX-License-Identifier: Apache-2.0
#include "postgres/target.hpp"

#include "drctl/error.hpp"
#include "system/deleter.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <ifaddrs.h>
#include <libpq-fe.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sstream>

namespace drctl::postgres {
namespace {

using ConninfoOptions = std::unique_ptr<PQconninfoOption, system::Deleter<PQconninfoFree>>;
using AddressList = std::unique_ptr<addrinfo, system::Deleter<freeaddrinfo>>;
using InterfaceList = std::unique_ptr<ifaddrs, system::Deleter<freeifaddrs>>;

constexpr auto default_socket_directory = "/var/run/postgresql";
constexpr auto default_port = "5432";

Keywords set_keywords(const PQconninfoOption* option) {
    Keywords result;
    for (; option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            result.emplace_back(option->keyword, option->val);
        }
    }
    return result;
}

std::string value_of(const Keywords& keywords, std::string_view key) {
    for (const auto& [name, value] : keywords) {
        if (name == key) {
            return value;
        }
    }
    return {};
}

std::vector<std::string> split_list(const std::string& list) {
    std::vector<std::string> result;
    std::istringstream in(list);
    for (std::string part; std::getline(in, part, ',');) {
        result.push_back(part);
    }
    return result;
}

bool is_loopback(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) != 0;
    }
    return false;
}

bool same_address(const sockaddr& one, const sockaddr& other) {
    if (one.sa_family != other.sa_family) {
        return false;
    }
    if (one.sa_family == AF_INET) {
        sockaddr_in a{}, b{};
        std::memcpy(&a, &one, sizeof a);
        std::memcpy(&b, &other, sizeof b);
        return a.sin_addr.s_addr == b.sin_addr.s_addr;
    }
    if (one.sa_family == AF_INET6) {
        sockaddr_in6 a{}, b{};
        std::memcpy(&a, &one, sizeof a);
        std::memcpy(&b, &other, sizeof b);
        return std::memcmp(&a.sin6_addr, &b.sin6_addr, sizeof a.sin6_addr) == 0;
    }
    return false;
}

bool is_own_address(const sockaddr& address) {
    if (is_loopback(address)) {
        return true;
    }
    ifaddrs* raw = nullptr;
    if (::getifaddrs(&raw) != 0) {
        return false;
    }
    const InterfaceList interfaces(raw);
    for (const auto* at = interfaces.get(); at != nullptr; at = at->ifa_next) {
        if (at->ifa_addr != nullptr && same_address(*at->ifa_addr, address)) {
            return true;
        }
    }
    return false;
}

bool leads_here(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &raw) != 0) {
        return false;
    }
    const AddressList addresses(raw);
    for (const auto* at = addresses.get(); at != nullptr; at = at->ai_next) {
        if (!is_own_address(*at->ai_addr)) {
            return false;
        }
    }
    return true;
}

} // namespace

Target Target::with_dbname(std::string name) const {
    Target other = *this;
    other.dbname = std::move(name);
    return other;
}

Target target_of(const config::Database& database, system::Secret password) {
    return {database.connection, database.dbname, std::move(password), database.os_user};
}

Keywords parse_conninfo(const std::string& conninfo) {
    char* raw_message = nullptr;
    const ConninfoOptions options(PQconninfoParse(conninfo.c_str(), &raw_message));
    const std::unique_ptr<char, system::Deleter<PQfreemem>> message(raw_message);
    if (options == nullptr) {
        // libpq quotes the word that it stumbled over, which may be a part of a password.
        const bool quotable = conninfo.find("password") == std::string::npos && message != nullptr;
        std::string cause = quotable ? message.get() : "it is not a libpq connection string";
        cause.erase(cause.find_last_not_of('\n') + 1);
        throw Error(ErrorCode::usage, fmt::format("cannot read the connection: {}", cause),
                    "write it as \"host=/var/run/postgresql port=5432 user=postgres\"");
    }
    return set_keywords(options.get());
}

bool Endpoint::is_socket() const noexcept {
    // '@' starts the name of an abstract socket.
    return host.starts_with('/') || host.starts_with('@');
}

std::string Endpoint::text() const {
    return is_socket() ? fmt::format("{}/.s.PGSQL.{}", host, port)
                       : fmt::format("{}:{}", host, port);
}

std::vector<Endpoint> endpoints_of(const std::string& conninfo) {
    Keywords keywords = parse_conninfo(conninfo);
    if (const ConninfoOptions defaults(PQconndefaults()); defaults != nullptr) {
        for (auto& fallback : set_keywords(defaults.get())) {
            keywords.push_back(std::move(fallback));
        }
    }
    auto hosts = split_list(value_of(keywords, "hostaddr"));
    if (hosts.empty()) {
        hosts = split_list(value_of(keywords, "host"));
    }
    if (hosts.empty()) {
        hosts.emplace_back();
    }
    const auto ports = split_list(value_of(keywords, "port"));
    std::vector<Endpoint> result;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        // One port serves all hosts; else there is one for each.
        std::string port = ports.empty() ? "" : ports[std::min(i, ports.size() - 1)];
        result.push_back({hosts[i].empty() ? default_socket_directory : hosts[i],
                          port.empty() ? default_port : std::move(port)});
    }
    return result;
}

bool is_local(const std::string& conninfo) {
    const auto endpoints = endpoints_of(conninfo);
    return std::all_of(endpoints.begin(), endpoints.end(), [](const Endpoint& endpoint) {
        return endpoint.is_socket() || leads_here(endpoint.host);
    });
}

} // namespace drctl::postgres
