# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Which files are synced to the disk; part of tests/cli/run, whose variables and functions these are.

"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -o count_syncs.so "$root/tests/cli/count_syncs.c"

# synced FILES FOLDERS STATUS NAME COMMAND...: the command ends with STATUS and has synced that many; FOLDERS may
# be a range, because it depends on timing.
synced()
{
    local files=$1 folders=$2 status=$3 name=$4 found
    shift 4
    rm -f synced
    # The runtime of a sanitizer must be loaded first.
    ends "$status" "$name" env SYNCED="$PWD/synced" LD_PRELOAD="$PWD/count_syncs.so" \
        ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0" "$@"
    touch synced
    found="$(grep -c file synced) $(grep -c folder synced)"
    echo "$found" >"$scratch/found"
    if [ "${found% *}" -eq "$files" ] && [ "${found#* }" -ge "${folders%-*}" ] &&
        [ "${found#* }" -le "${folders#*-}" ]; then
        ok "$name: $files files, $folders folders"
    else
        not_ok "$name: $files files, $folders folders" "$scratch/found"
    fi
}

mkdir sync sync/log sync/many
free_url=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print("tcp://127.0.0.1:%d" % s.getsockname()[1])')
synced 1 1 0 'sync: -w' "$P2I" -q -w sync/a.ipfix "$dns"
synced 2 1-2 0 'sync: -w and -j' "$P2I" -q -w sync/a.ipfix -j sync/a.jsonl "$dns"
synced 0 0 0 'sync: --no-sync' "$P2I" -q --no-sync -w sync/a.ipfix -j sync/a.jsonl "$dns"
echo 'sync: false' >sync.yaml
synced 0 0 0 'sync: false' "$P2I" -q -c sync.yaml -w sync/a.ipfix "$dns"
# Standard output is synced too (it is a pipe here); it has no folder.
synced 1 0 0 'sync: -w -' bash -c '"$@" | cat >piped' bash "$P2I" -q -w - "$dns"
synced 3 1-3 0 'sync: the DNS log' "$P2I" -q --dns-log sync/log -w sync/a.ipfix "${samples[@]}"
synced "$("$P2I" -q --no-sync --rotate 1s -w sync/many/a.ipfix "$dns" && find sync/many -type f | wc -l)" \
    1-5 0 'sync: --rotate' "$P2I" -q --rotate 1s -w sync/many/a.ipfix "$dns"
# No collector listens on this port.
synced 1 1 5 'sync: a spool file' "$P2I" -q --retry 1 --spool sync -e tcp://127.0.0.1:1 "$dns"
synced 1 1 0 'sync: ipfixtool merge' "$IPFIXTOOL" merge -w sync/b.ipfix sync/a.ipfix
synced 0 0 0 'sync: ipfixtool merge --no-sync' "$IPFIXTOOL" merge --no-sync -w sync/b.ipfix sync/a.ipfix
synced 1 1 5 'sync: ipfixtool send, spooled' "$IPFIXTOOL" send -q --retry 1 --spool sync sync/a.ipfix \
    tcp://127.0.0.1:1
synced 0 0 5 'sync: ipfixtool send --no-sync, spooled' "$IPFIXTOOL" send -q --no-sync --retry 1 \
    --spool sync sync/a.ipfix tcp://127.0.0.1:1
synced 1 1 0 'sync: ipfixtool listen' "$IPFIXTOOL" listen -q --idle 1 -w sync/c.ipfix "$free_url"
synced 1 1 0 'sync: ipfixtool listen, JSON' "$IPFIXTOOL" listen -q --idle 1 -j sync/c.jsonl \
    "$free_url"
synced 0 0 0 'sync: ipfixtool listen --no-sync' "$IPFIXTOOL" listen -q --no-sync --idle 1 \
    -w sync/c.ipfix "$free_url"
