# SPDX-License-Identifier: Apache-2.0
"""What the architecture allows. Every exception says why it is one."""

# system <- engine <- (the middle) <- procedures <- apps: a folder includes those left of it.
LAYERS = [
    {"system"},
    {"engine"},
    {"config", "service", "health", "postgres", "backup"},
    {"procedures"},
    {"apps"},
]

# Within the middle: includer -> included.
MIDDLE = {
    ("service", "config"): "a service is made from its configuration",
    ("health", "config"): "a probe is made from its configuration",
    ("health", "postgres"): "a probe may be a connection to a database",
    ("postgres", "config"): "where a server is, is configured",
    ("backup", "config"): "where dumps are, is configured",
    ("backup", "postgres"): "a dump is judged by its reader",
}

# Headers of other projects -> files that may include them, as patterns of fnmatch. A `*` matches
# '/' too. None may be included by the installed headers in lib/include.
THIRD_PARTY = {
    "fmt/": ["lib/*.cpp", "apps/*.cpp"],
    "nlohmann/json.hpp": [
        "lib/*.cpp",
        "apps/*.cpp",
        # The journal's records are JSON objects, and the codec of the engine is its only user.
        "lib/engine/journal.hpp",
        "lib/engine/journal_codec.hpp",
    ],
    "nlohmann/json_fwd.hpp": ["lib/*", "apps/*"],
    "CLI/": ["apps/*.cpp"],
    "toml++/": ["lib/config/toml_text.cpp"],
    "libpq-fe.h": ["lib/postgres/*"],
    "curl/": ["lib/system/*curl*"],
    "openssl/": ["lib/system/digest.cpp"],
    "archive": ["lib/system/archive_source.cpp"],
    # CRC-32C of pg_control is the server's own checksum, not one of a stream.
    "isa-l/": ["lib/system/gzip_source.cpp", "lib/postgres/control_file.cpp"],
}

# Files longer than MOST_LINES -> the most they may have, and why they are not cut.
MOST_LINES = 400
LONGER = {
    "tests/unit/system/byte_source_test.cpp": (420, "one table of formats and damages"),
}
