// SPDX-License-Identifier: Apache-2.0
#include "postgres/dump/header.hpp"

#include <charconv>

namespace drctl::postgres::dump {
namespace {

std::string_view without_line_end(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
        line.remove_suffix(1);
    }
    return line;
}

void take_first(std::string& field, std::string_view line, std::string_view prefix) {
    if (field.empty() && line.substr(0, prefix.size()) == prefix) {
        field = line.substr(prefix.size());
    }
}

} // namespace

void read_comment(std::string_view line, Header& header) {
    line = without_line_end(line);
    header.database_dump = header.database_dump || line == "-- PostgreSQL database dump";
    header.cluster_dump = header.cluster_dump || line == "-- PostgreSQL database cluster dump";
    take_first(header.server_version, line, "-- Dumped from database version ");
    take_first(header.pg_dump_version, line, "-- Dumped by pg_dump version ");
    take_first(header.started, line, "-- Started on ");
}

bool says_complete(std::string_view line) {
    line = without_line_end(line);
    return line == "-- PostgreSQL database dump complete" ||
           line == "-- PostgreSQL database cluster dump complete";
}

int major_version(std::string_view version) noexcept {
    int major = 0;
    std::from_chars(version.data(), version.data() + version.size(), major);
    return major;
}

} // namespace drctl::postgres::dump
