# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Run statistics; part of tests/cli/run, whose variables and functions these are.

ends 0 '--stats=json' "$P2I" -q --stats=json -j /dev/null "$web" "$dns"
expect '--stats=json is JSON' python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$scratch/err"
# Two first fragments that differ in a byte, and the rest of their datagram.
python3 - overlap.pcap <<'EOF'
import struct, sys
head = struct.pack('>HHHH', 40000, 53, 24, 0)
packets = [(0x2000, head), (0x2000, head[:7] + b'x'), (1, bytes(16))]
with open(sys.argv[1], 'wb') as f:
    f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 228))
    for place, data in packets:
        ip = struct.pack('>BBHHHBBH8s', 0x45, 0, 20 + len(data), 1, place, 64, 17, 0, b'\x0a\0\0\1\x0a\0\0\2')
        f.write(struct.pack('<IIII', 1, 0, 20 + len(data), 20 + len(data)) + ip + data)
EOF
"$P2I" -q --stats=json -j /dev/null overlap.pcap 2>"$scratch/err"
expect 'overlapping fragments are counted (JSON)' grep -q '"overlapping_fragments":1,' "$scratch/err"
"$P2I" -q --stats -j /dev/null overlap.pcap 2>"$scratch/err"
expect 'overlapping fragments are counted' grep -Eq '^ *overlapping_fragments +1$|^ *1 +overlapping_fragments$' "$scratch/err"

# --stats-file: the statistics, and how the run ended.
# stats_hold NAME PYTHON: an expression about the statistics, which are `stats`.
stats_hold()
{
    expect "--stats-file: $1" python3 -c '
import json, sys
stats = json.load(open("stats.json"))
assert eval("(" + sys.argv[1] + ")"), stats' "$2"
    expect "--stats-file: $1: no temporary" bash -c '! ls -A | grep "^\.stats"'
    rm -f stats.json
}
head -c 5000 "$web" >bad.pcap
rm -f x.ipfix
ends 3 '--stats-file' "$P2I" -q --stats-file stats.json -j /dev/null "$dns" bad.pcap nowhere.pcap
stats_hold 'captures: good and damaged' 'stats["good_captures"] == 1 and stats["damaged_captures"] == 1 and
    stats["unreadable_captures"] == 1 and stats["exit_status"] == 3'
ends 3 '--stats-file again' "$P2I" -q --stats-file stats.json -j /dev/null "$dns" bad.pcap nowhere.pcap
stats_hold 'each damage' 'sorted((d["path"], d["kind"], d["reason"], d.get("packet"), d.get("offset"))
    for d in stats["damage"]) == [
    ("bad.pcap", "damaged", "truncated: packet 25 needs 254 bytes, the file has 23", 25, 4977),
    ("nowhere.pcap", "unreadable", "cannot open: No such file or directory", None, None)]'
ends 0 '--stats-file of a good run' "$P2I" -q --stats-file stats.json -j /dev/null "$dns"
stats_hold 'version' '"'"$("$P2I" --version | head -n 1)"'" == stats["program"] + " " + stats["version"] and
    stats["exit_status"] == 0 and stats["damage"] == [] and stats["records"]["dns"] > 0'
ends 2 '--stats-file with odd arguments' "$P2I" -q --stats-file stats.json -f $'a "b"\\\n\xff' "$dns"
stats_hold 'the command line' '[stats["arguments"][0].rsplit("/", 1)[-1]] + stats["arguments"][1:6] == ["pcap2ipfix",
    "-q", "--stats-file", "stats.json", "-f", stats["arguments"][5]] and
    stats["arguments"][5].startswith("a \"b\"\\\n") and len(stats["arguments"]) == 7'
ends 4 '--stats-file of a run that fails' "$P2I" -q --stats-file stats.json -w /dev/full "$dns"
stats_hold 'a run that fails' 'stats["exit_status"] == 4 and stats["error"]["path"] == "/dev/full"'
ends 2 '--stats-file of a run that cannot begin' "$P2I" -q --stats-file stats.json -f nonsense= \
    -w x.ipfix "$dns"
stats_hold 'a run that cannot begin' 'stats["exit_status"] == 2 and "filter" in stats["error"]["reason"]'
ends 1 '--stats-file with --strict' "$P2I" -q --strict --stats-file stats.json -w x.ipfix bad.pcap
stats_hold '--strict' 'stats["exit_status"] == 1 and len(stats["damage"]) == 1'
ends 4 '--stats-file: folder that is missing' "$P2I" -q --stats-file no-such/x.json -w x.ipfix "$dns"
expect '--stats-file: folder that is missing: reported before reading' test ! -e x.ipfix
ends 4 '--stats-file: disk full' "$P2I" -q --stats-file /dev/full -w x.ipfix "$dns"
expect '--stats-file: disk full: the records are there' test -s x.ipfix
ends 0 '--stats-file on standard output' "$P2I" -q --stats-file - -w x.ipfix "$dns"
expect '--stats-file on standard output: is JSON' python3 -c '
import json, sys
json.load(open(sys.argv[1]))' "$scratch/out"
rm -f x.ipfix

# The line at the end.
ends 3 'end line' "$P2I" -v -w x.ipfix "$dns" bad.pcap nowhere.pcap
reports 'end line: captures: good and damaged' \
    ' packets in 3 captures (1 good, 1 damaged, 1 unreadable), [0-9]* records in x.ipfix, [0-9.]* s$'
ends 0 'end line of a good run' "$P2I" -v -w x.ipfix "$dns"
reports 'end line of a good run' '^pcap2ipfix: 60 packets in 1 capture, 39 records in x.ipfix, [0-9.]* s$'
rm -f x.ipfix
"$P2I" -v -e udp://127.0.0.1:9 "$dns" 2>"$scratch/err"
reports 'end line of a collector' ' packets in 1 capture, 39 records sent to udp://127.0.0.1:9, [0-9.]* s$'
ends 5 'unreachable collector' "$P2I" --retry 1 -e tcp://127.0.0.1:9 "$dns"
reports 'unreachable collector: how to deliver its records later' \
    '; 39 records kept in 127.0.0.1_9.spool.ipfix; deliver them with: ipfixtool send 127.0.0.1_9.spool.ipfix tcp://127.0.0.1:9$'
