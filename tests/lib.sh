# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What the groups of tests share. A group is a script tests/<group>/run that prints one line for
# each test, "ok - name", "not ok - name" or "ok - name # SKIP why", details of a failure below it,
# and ends with a status other than 0 if one failed. P2I and IPFIXTOOL name the programs.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
P2I=${P2I:-$root/build/pcap2ipfix}
IPFIXTOOL=${IPFIXTOOL:-$root/build/ipfixtool}
# Captures of other projects, if they are beside the checkout.
shared=${SHARED:-$root/../shared}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
export LC_ALL=C.UTF-8

ok() { echo "ok - $1"; }
skip() { echo "ok - $1 # SKIP $2"; }
# not_ok NAME [FILE]: the file holds the details.
not_ok()
{
    failed=1
    echo "not ok - $1"
    if [ -n "${2-}" ]; then head -n 60 "$2" | sed 's/^/  | /'; fi
}

# expect NAME COMMAND...: a test that the command succeeds.
expect()
{
    local name=$1
    shift
    if "$@" >"$scratch/expect.log" 2>&1 </dev/null; then
        ok "$name"
    else
        echo "status $?: $*" >>"$scratch/expect.log"
        not_ok "$name" "$scratch/expect.log"
    fi
}

# convert OUTPUT-OPTION... CAPTURE...: converts; succeeds for a damaged capture too.
convert()
{
    local status=0
    "$P2I" -q "$@" || status=$?
    [ "$status" -le 1 ]
}

# ends STATUS NAME COMMAND...: a test that the command ends with STATUS; its output is in out and err.
ends()
{
    local want=$1 name=$2 status=0
    shift 2
    timeout 600 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
    if [ "$status" -eq "$want" ] && ! grep -q 'Sanitizer\|runtime error' "$scratch/err"; then
        ok "$name"
    else
        { echo "status $status instead of $want: $*"; cat "$scratch/err"; } >"$scratch/why"
        not_ok "$name" "$scratch/why"
    fi
}
reports() { expect "$1" grep -q -- "$2" "$scratch/${3:-err}"; }

# has LIBRARY: the program was built with it, as --version says (openssl, expat).
has() { "$P2I" --version | grep -qE "^ +$1 +[0-9]"; }
# library_for CAPTURE: prints the optional library without which it has fewer records, if there is one.
library_for()
{
    case ${1##*/} in
        quic.pcap) echo openssl ;;
        xmpp.pcap | ndpi-jabber.*) echo expat ;;
    esac
}

# need_programs PATH...: ends the group if a program is missing.
need_programs()
{
    local program
    for program in "$@"; do
        [ -x "$program" ] || { not_ok "$program is built"; exit 1; }
    done
}

finish() { exit "$failed"; }
