# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the cases share. P2I and IPFIXTOOL name the programs; by default those that samples/run has built, or, where
# the folder build/ is not, those that are installed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # the cases use it
samples=$root/samples/captures
if [ -d "$root/build" ]; then built=$root/build; else built=/usr/bin; fi
P2I=${P2I:-$built/pcap2ipfix}
IPFIXTOOL=${IPFIXTOOL:-$built/ipfixtool}
export LC_ALL=C.UTF-8 TZ=UTC
work=$(mktemp -d)
# What still runs in the background ends first, so that it writes no more.
# shellcheck disable=SC2046 # a word for each process
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work" || exit 2

pcap2ipfix() { "$P2I" "$@"; }
ipfixtool() { "$IPFIXTOOL" "$@"; }

# say TEXT...: a paragraph of the story.
say()
{
    echo
    printf '%s\n' "$*" | fold -s -w 100 | sed 's/^/# /; s/ *$//'
}

# Expressions of sed -E for what differs from version to version, or from run to run; a case may add some.
masks=(-e 's/"version": "[^"]*"/"version": "(of pcap2ipfix)"/' -e 's/"time": "[^"]*"/"time": "(of the run)"/')

# step COMMAND: prints the command line and runs it. A status other than 0 is printed too.
step()
{
    local status
    echo "\$ $1"
    eval "$1" 2>&1 | sed -E "${masks[@]}"
    status=${PIPESTATUS[0]}
    [ "$status" -eq 0 ] || echo "(status $status)"
}

# needs PROGRAM...: ends the case with status 77 if one is missing.
needs()
{
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || { echo "needs $program" >&2; exit 77; }
    done
}

# free_port: prints a TCP port of 127.0.0.1 on which nothing listens.
free_port()
{
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# until_true COMMAND...: waits until it succeeds, at most a minute.
until_true()
{
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "waited in vain: $*" >&2
    exit 1
}
