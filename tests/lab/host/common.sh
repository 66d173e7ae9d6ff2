# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What dev and the host-side scripts of the lab share. Sourced, never run.

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root_dir=$(cd "$lab_dir/../.." && pwd)
build_dir=$root_dir/build
cache_dir=$build_dir/cache
patience=8 # scenarios state their times for an idle machine, and get this many times as much

say() { printf '%s\n' "==> $*" >&2; }

die() {
    printf '%s\n' "error: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else
        command -v sudo >/dev/null || die "packages are missing; run this as root, or install sudo: $*"
        sudo "$@"
    fi
}

update_package_lists() {
    say "apt-get update"
    as_root apt-get -q update || die "apt-get update failed"
}

# Runs a command so that a signal to this script ends the command as well, in order, and then this script.
guarded() {
    local child status=0
    "$@" &
    child=$!
    # shellcheck disable=SC2064
    trap "kill $child 2>/dev/null; wait $child; exit 130" INT TERM HUP
    wait "$child" || status=$?
    trap - INT TERM HUP
    return "$status"
}

# Runs a long, silent command and prints a dot every few seconds, so that nobody wonders.
with_dots() {
    local ticker status=0
    (
        trap 'exit 0' TERM
        sleep 5
        while printf . >&2; do sleep 5; done
    ) &
    ticker=$!
    "$@" || status=$?
    kill "$ticker" 2>/dev/null
    wait "$ticker" 2>/dev/null || true
    return "$status"
}
