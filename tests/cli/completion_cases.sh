# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What is typed, and what it completes to, in alphabetical order; the same in every shell.
cases() {
    cat <<'END'
drctl --col|--color
drctl --color al|always
drctl unh|unhold
drctl back|backup
drctl backup |list verify
drctl db-v|db-verify
drctl sta|status
drctl status --tim|--timeout
drctl runs |follow list prune show undo
drctl runs sh|show
drctl history sh|show
drctl --color never runs sh|show
drctl hold --re|--reason
drctl runs list --no-such|
drctl hold shop --reason runs --fo|--for
END
}
