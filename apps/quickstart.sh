#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds drctl on a Debian 12 that has nothing but apt, and shows what it does: `drctl demo` breaks
# a throwaway PostgreSQL and brings it back. Touches no other database. Run it as root (packages
# are installed), or as anybody where cmake/packages/{build,demo}.txt are installed already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=cmake/packages/install.sh
source cmake/packages/install.sh

install_packages build demo
cmake --preset release -DDRCTL_TESTS=OFF
cmake --build --preset release
exec build/release/bin/drctl demo "$@"
