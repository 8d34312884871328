// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace drctl::postgres::dump {

/// What the comments at the head of a dump say.
struct Header {
    bool database_dump = false;  ///< `-- PostgreSQL database dump`
    bool cluster_dump = false;   ///< `-- PostgreSQL database cluster dump`, of pg_dumpall
    std::string server_version;  ///< `15.14 (Debian 15.14-0+deb12u1)`; empty: not said
    std::string pg_dump_version; ///< of the program that wrote it
    std::string started;         ///< of a --verbose dump: `2026-11-23 02:00:04 UTC`
};

/// Takes over what a comment line between statements says. The first of each kind counts.
void read_comment(std::string_view line, Header& header);

/// `-- PostgreSQL database dump complete`, or the same of a cluster dump.
bool says_complete(std::string_view line);

/// 15 for `15.14 (Debian …)`, 9 for `9.6.24`; 0 for what is no version.
int major_version(std::string_view version) noexcept;

} // namespace drctl::postgres::dump
