#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Completes real command lines with the committed scripts: in bash as readline would, in fish through
# its own engine; zsh only reads its script. A shell that is not installed is named and left out.
set -uo pipefail
program=$1
completions=$2
failures=0

expect() { # SHELL LINE ACTUAL EXPECTED
    if [[ $3 != "$4" ]]; then
        printf '%s: "%s" completes to "%s", not "%s"\n' "$1" "$2" "$3" "$4"
        failures=$((failures + 1))
    fi
}

# Sets COMP_WORDS as readline does: at blanks, and at every `=`.
in_bash() { # LINE
    local line=$1
    mapfile -t COMP_WORDS < <(sed -E 's/=/ = /g; s/ +/\n/g' <<<"$line")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _drctl
    printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' '
}

# shellcheck source=/dev/null
source "$completions/drctl.bash"
source "$(dirname "$0")/completion_cases.sh"

while IFS='|' read -r line expected; do
    expect bash "$line" "$(in_bash "$line")" "$expected"
done < <(cases)

if command -v fish >/dev/null; then
    export PATH="$(dirname "$program"):$PATH"
    while IFS='|' read -r line expected; do
        actual=$(fish --no-config -c "source $completions/drctl.fish; complete -C '$line'" |
            cut -f1 | sort | paste -sd' ')
        expect fish "$line" "$actual" "$expected"
    done < <(cases)
else
    echo "fish is not installed: its completions were not tried"
fi

if command -v zsh >/dev/null; then
    zsh -n "$completions/_drctl" || failures=$((failures + 1))
else
    echo "zsh is not installed: its completions were not read"
fi
exit $((failures > 0))
