#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs into a prefix of its own and uses what lies there as a stranger would: the program, and
# the library by find_package() and by pkg-config.
set -euo pipefail
cmake=$1
build=$2
compiler=$3
sanitize=$4
here=$(cd "$(dirname "$0")" && pwd)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix
# A packager's DESTDIR in the environment would move it elsewhere.
DESTDIR='' "$cmake" --install "$build" --prefix "$prefix" >"$scratch/log" || {
    cat "$scratch/log"
    exit 1
}
flags=(${sanitize:+"-fsanitize=$sanitize"})

fail() {
    echo "$*"
    exit 1
}

echo "program"
version=$("$prefix/bin/drctl" --version)
[[ $version == drctl\ * ]] || fail "the installed program prints '$version'"

echo "find_package"
"$cmake" -S "$here/consumer" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="${flags[*]}" >"$scratch/log" &&
    "$cmake" --build "$scratch/build" >>"$scratch/log" || {
    cat "$scratch/log"
    exit 1
}
[[ $("$scratch/build/consumer") == "$version" ]] || fail "the consumer of the CMake package differs"

echo "pkg-config"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name drctl.pc)")
export PKG_CONFIG_PATH
read -ra cflags < <(pkg-config --cflags drctl)
read -ra libs < <(pkg-config --libs drctl)
"$compiler" -std=c++20 "${flags[@]}" "${cflags[@]}" "$here/consumer/main.cpp" \
    -o "$scratch/by_pkg_config" "${libs[@]}"
LD_LIBRARY_PATH=$(pkg-config --variable=libdir drctl) "$scratch/by_pkg_config" >/dev/null

echo "headers"
for header in "$prefix"/include/drctl/*.hpp; do
    # Each stands alone, and needs nothing but the standard library.
    "$compiler" -std=c++20 -fsyntax-only "${cflags[@]}" -x c++ "$header"
    foreign=$(sed -n 's/^#include [<"]\([^>"]*\)[>"].*/\1/p' "$header" | grep '/' | grep -v '^drctl/' || true)
    [[ -z $foreign ]] || fail "$(basename "$header") includes $foreign"
done

echo "files"
for file in share/man/man1/drctl.1 share/bash-completion/completions/drctl \
    share/zsh/site-functions/_drctl share/fish/vendor_completions.d/drctl.fish; do
    [[ -s $prefix/$file ]] || fail "$file is not installed"
done
