# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# To be sourced. install_packages LIST... installs what the named lists beside this file contain
# and what is not there yet. Never asks a question.

packages_in() { # LIST...
    local list
    for list in "$@"; do
        grep -v '^#' "$(dirname "${BASH_SOURCE[0]}")/$list.txt"
    done | sort -u
}

missing_packages() { # LIST...
    local package
    while IFS= read -r package; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            echo "$package"
    done < <(packages_in "$@")
}

# Debian's postgresql packages create and start a cluster when they are installed, unless told
# otherwise beforehand. A host that has its own opinion keeps it.
keep_postgresql_from_starting() {
    local settings=/etc/postgresql-common/createcluster.conf
    if [[ ! -e $settings ]]; then
        mkdir -p "$(dirname "$settings")"
        echo 'create_main_cluster = false' >"$settings"
    fi
}

apt() { # ARGUMENTS...: waits for another apt's lock, and tries again when a mirror stumbles
    local try
    for try in 1 2 3; do
        DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
            -o Acquire::Retries=3 "$@" </dev/null && return 0
        echo "apt-get $1 failed (try $try of 3)" >&2
        sleep $((try * 5))
    done
    return 1
}

install_packages() { # LIST...
    local -a missing
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    if ((EUID != 0)); then
        echo "these packages are missing and only root can install them:" >&2
        echo "    sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
        return 1
    fi
    echo "installing ${#missing[@]} packages: ${missing[*]}"
    keep_postgresql_from_starting
    apt update
    # An existing configuration file is kept: the one above would otherwise be asked about.
    apt install --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}"
}
