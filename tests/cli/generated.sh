#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Regenerates everything that is made from the definition of the commands and compares it with what
# is committed. To accept a difference: `PROGRAM generate all .` at the root of the repository.
set -euo pipefail
program=$1
source=$2

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$program" generate all "$scratch"

status=0
while IFS= read -r file; do
    diff -u "$source/$file" "$scratch/$file" || status=1
done < <(cd "$scratch" && find . -type f | sort)

# A page of a command that no longer exists.
for folder in completions docs/commands docs/man; do
    while IFS= read -r file; do
        if [[ ! -e $scratch/$folder/$file ]]; then
            echo "$folder/$file is generated from nothing: delete it"
            status=1
        fi
    done < <(cd "$source/$folder" && find . -type f | sort)
done
if ((status != 0)); then
    echo "to accept: $program generate all $source"
fi
exit $status
