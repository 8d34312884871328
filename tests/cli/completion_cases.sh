# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What is typed, and what it completes to, in alphabetical order; the same in every shell.
cases() {
    cat <<'END'
drctl --col|--color
drctl --color al|always
END
}
