#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds with gcov's counters, runs the unit, command-line and integration tests, and prints the line
# coverage of the folders that decide over data. Fails where one of them is below 90%.
#
#   tests/coverage.sh [--jobs N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=cmake/packages/install.sh
source cmake/packages/install.sh
jobs=$(nproc)
[[ ${1-} == --jobs ]] && jobs=$2

install_packages build demo test coverage
cmake --preset coverage
cmake --build --preset coverage -j "$jobs"
# Counters of an earlier run would be added to.
find build/coverage -name '*.gcda' -delete
ctest --test-dir build/coverage -j "$jobs" --output-on-failure -L 'unit|cli|integration'

# What CMake compiles to know the compiler is no source of ours.
gcovr --root . --object-directory build/coverage build/coverage --filter lib/ \
    --exclude-directories '.*CompilerIdCXX' --exclude-throw-branches \
    --json-summary build/coverage/summary.json
python3 -B tests/coverage.py build/coverage/summary.json
