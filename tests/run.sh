#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need, builds, and runs them all.
#
#   tests/run.sh [--preset NAME] [--label REGEX] [--exclude-label REGEX] [--jobs N]
#
#   --preset NAME          a preset of CMakePresets.json; default: release, what is shipped
#   --label REGEX          only tests with a label that matches: unit, cli, integration, crash, ...
#   --exclude-label REGEX  without tests that have such a label
#   --jobs N               tests and compilers at once; default: the number of processors
#
# The last line says how many tests passed, failed and were skipped; above it stands why tests were
# skipped. Exits 0 only if none failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=cmake/packages/install.sh
source cmake/packages/install.sh

preset=release
jobs=$(nproc)
selection=()
while (($# > 0)); do
    case $1 in
    --preset) preset=${2:?"--preset needs a name"} ;;
    --label) selection+=(-L "${2:?"--label needs a pattern"}") ;;
    --exclude-label) selection+=(-LE "${2:?"--exclude-label needs a pattern"}") ;;
    --jobs) jobs=${2:?"--jobs needs a number"} ;;
    -h | --help)
        sed -n '/^# Installs/,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
        exit 0
        ;;
    *)
        echo "tests/run.sh: there is no option '$1'; see tests/run.sh --help" >&2
        exit 2
        ;;
    esac
    shift 2
done

install_packages build demo test
cmake --preset "$preset" -DDRCTL_TESTS=ON
cmake --build --preset "$preset" -j "$jobs"

results=$PWD/build/$preset/test-results.xml
rm -f "$results"
status=0
ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure --no-tests=error \
    --output-junit "$results" "${selection[@]}" || status=$?

python3 -B tests/summary.py "$results"
exit "$status"
