#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares every C++ source with what clang-format makes of it: format.sh ROOT
# To mend: clang-format -i FILE. Exits 77, which is "skipped", where it cannot tell.
set -euo pipefail
cd "$1"

# Other versions format a few constructs differently.
wanted=14
if ! version=$(clang-format --version 2>/dev/null); then
    echo "SKIPPED: clang-format is not installed (apt-get install clang-format)"
    exit 77
fi
if [[ $version != *"version $wanted."* ]]; then
    echo "SKIPPED: clang-format $wanted is wanted, this is: $version"
    exit 77
fi

find apps lib tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 | sort -z |
    xargs -0 clang-format --dry-run --Werror
