# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154,SC2016
# Hashes, times and outputs of captures; part of tests/cli/run, whose variables and functions these are.

# Hashes: of the file as it is stored, for any number of threads, also of a damaged one.
if "$P2I" --version | grep openssl >hash.yaml; then
    echo 'hash_captures: true' >hash.yaml
    gzip -c "$dns" >h.pcap.gz
    head -c 5000 "$web" >hbad.pcap
    cp "$dns" copy.pcap
    for threads in 1 2; do
        ends 3 "hashes, $threads threads" "$P2I" -c hash.yaml --threads $threads --stats-file stats.json \
            -j /dev/null "$web" h.pcap.gz hbad.pcap "$dns" copy.pcap nowhere.pcap
        reports "hashes, $threads threads: a copy" \
            "^pcap2ipfix: warning: copy.pcap: has the same bytes as '.*': its packets count twice\$"
        expect "hashes, $threads threads: one copy" test "$(grep -c 'the same bytes' "$scratch/err")" -eq 1
        expect "hashes, $threads threads: of the stored bytes" python3 -c '
import hashlib, json
captures = json.load(open("stats.json"))["captures"]
assert len(captures) == 6
for capture in captures[:5]:
    stored = open(capture["path"], "rb").read()
    assert capture["sha256"] == hashlib.sha256(stored).hexdigest(), capture
    assert capture["hashed_bytes"] == len(stored), capture
assert "sha256" not in captures[5]'
    done
    ends 0 'hash of standard input' bash -c '"$1" -q -c hash.yaml --stats -j /dev/null - <"$2"' - "$P2I" "$dns"
    reports 'hash of standard input' "^  sha256 $(sha256sum <"$dns" | cut -c1-64)\$"
    ends 0 'hashes with --extended' "$P2I" -q --extended --stats -j /dev/null "$dns"
    reports 'hashes with --extended' "^  sha256 $(sha256sum <"$dns" | cut -c1-64)\$"
    ends 0 'no hash unasked' "$P2I" --stats=json -j /dev/null "$dns" copy.pcap
    expect 'no hash unasked' bash -c '! grep -e sha256 -e "same bytes" "$1"' - "$scratch/err"
    rm -f hash.yaml h.pcap.gz hbad.pcap copy.pcap stats.json
else
    skip 'hashes of captures' 'built without OpenSSL'
fi

# --from, --to, --time-offset. A capture with a DNS answer each second, from 2024-01-01T00:00:00Z.
python3 - seconds.pcap <<'EOF'
import struct, sys
begin, count = 1704067200, 10
with open(sys.argv[1], 'wb') as f:
    f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 228))
    for i in range(count):
        name = b'\x05host%d\x07example\x00' % i
        dns = struct.pack('>HHHHHH', i, 0x8180, 1, 1, 0, 0) + name + struct.pack('>HH', 1, 1)
        dns += b'\xc0\x0c' + struct.pack('>HHIH', 1, 1, 60, 4) + bytes((192, 0, 2, i))
        udp = struct.pack('>HHHH', 53, 40000 + i, 8 + len(dns), 0) + dns
        ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), i, 0, 64, 17, 0, b'\x0a\0\0\1', b'\x0a\0\0\2')
        f.write(struct.pack('<IIII', begin + i, 250000, 20 + len(udp), 20 + len(udp)) + ip + udp)
EOF
# seconds WANTED OPTION... CAPTURE...: the numbers of the hosts, and the times as seconds since midnight.
seconds()
{
    local wanted=$1
    shift
    "$P2I" -q --stats-file stats.json -j seconds.jsonl "$@" 2>"$scratch/err"
    expect "times: ${*}" python3 -c '
import json, sys
records = [json.loads(line) for line in open("seconds.jsonl")]
found = " ".join("%s@%d" % (r["DOMAIN"][4], r["TIME_STAMP"] - 1704067200) for r in records)
assert found == sys.argv[1], found
stats = json.load(open("stats.json"))
assert sum(stats["fates"].values()) == stats["frames"] == 10 * len(stats["captures"])
assert stats["fates"].get("outside_time", 0) == stats["frames"] - len(records)' "$wanted"
}
seconds '3@3 4@4' --from 2024-01-01T00:00:03Z --to 2024-01-01T00:00:05 seconds.pcap
seconds '3@3' --from @1704067203.25 --to 2024-01-01T01:00:04.25+01:00 seconds.pcap
seconds '8@8 9@9' --from 2024-01-01T00:00:08Z seconds.pcap
seconds '0@0' --to 2024-01-01T00:00:01Z --threads 2 seconds.pcap
seconds '' --from 2024-01-02 seconds.pcap
seconds '' --to 2024-01-01 seconds.pcap
seconds '6@1 7@2' --time-offset -5 --from 2024-01-01T00:00:01 --to 2024-01-01T00:00:03 seconds.pcap
seconds '9@10' --time-offset seconds.pcap:+0.75 --time-offset 7 --from 2024-01-01T00:00:10 seconds.pcap
cp seconds.pcap later.pcap
seconds '0@0 1@1 2@2 0@2 3@3 1@3' --time-offset ./later.pcap:2.5 --to 2024-01-01T00:00:04 ./later.pcap seconds.pcap
expect 'times: the earliest and latest time have the offset' python3 -c '
import json
captures = json.load(open("stats.json"))["captures"]
assert captures[0]["first_ns"] - captures[1]["first_ns"] == 2500000000
assert captures[0]["last_ns"] - captures[1]["last_ns"] == 2500000000'
ends 2 '--from that is no time' "$P2I" --from yesterday -j - seconds.pcap
reports '--from that is no time' "^pcap2ipfix: --from: 'yesterday' is no time like 2026-01-31T12:00:00Z, "
ends 2 '--to before --from' "$P2I" --from 2024-01-02 --to 2024-01-01 -w wrong.ipfix seconds.pcap
reports '--to before --from' "the time 'to' is not behind 'from'"
ends 2 '--to the beginning of time' "$P2I" --to @0 -w wrong.ipfix seconds.pcap
ends 2 '--time-offset of no number' "$P2I" --time-offset a.pcap:1h -w wrong.ipfix seconds.pcap
reports '--time-offset of no number' "'a.pcap:1h' is not \[CAPTURE:\]SECONDS"
ends 2 '--time-offset of no capture' "$P2I" --time-offset secnds.pcap:1 -w wrong.ipfix seconds.pcap
reports '--time-offset of no capture' "for 'secnds.pcap', no capture; did you mean 'seconds.pcap'?"
ends 2 '--time-offset of no capture in a folder' "$P2I" --time-offset dns_udp.pcap:1 -w wrong.ipfix seconds.pcap "$dns"
reports '--time-offset of no capture in a folder' "no capture; did you mean 'dns-udp.pcap'?"
expect 'wrong times: nothing is written' test ! -e wrong.ipfix
rm -f seconds.jsonl stats.json later.pcap seconds.pcap

# --each: what one run gives for each capture, in files beside them or in folders.
mkdir each each/sub each/out
cp "$web" each/web.pcap
gzip -c "$dns" >each/sub/dns.pcap.gz
head -c 5000 "$web" >each/cut.pcap
echo 'no capture' >each/notes
ends 1 '--each' "$P2I" -q --each -R --threads 2 --stats-file stats.json each
expect '--each: outputs' test "$(cd each && find . -name '*.ipfix' | sort | tr '\n' ' ')" = \
    './cut.ipfix ./sub/dns.ipfix ./web.ipfix '
"$P2I" -q -w one.ipfix each/sub/dns.pcap.gz
expect '--each: as in a run of its own' cmp one.ipfix each/sub/dns.ipfix
expect '--each: sums' python3 -c '
import json
stats = json.load(open("stats.json"))
assert stats["good_captures"] == 2 and stats["damaged_captures"] == 1 and stats["skipped_files"] == 1
assert stats["frames"] == sum(stats["fates"].values()) == sum(c["frames"] for c in stats["captures"])
assert stats["exit_status"] == 1 and len(stats["damage"]) == 1
assert stats["payload_bytes"] == stats["parsed_bytes"] + stats["ignored_bytes"] + stats["retransmitted_bytes"]'
ends 4 '--each replaces nothing' "$P2I" -q --each each/web.pcap each/cut.pcap
reports '--each replaces nothing' '^pcap2ipfix: each/cut.ipfix: already exists$'
ends 3 '--each into folders' "$P2I" -q --each -w each/out -j each/out each/nowhere.pcap each/web.pcap each/sub/dns.pcap.gz
expect '--each into folders: outputs' test "$(cd each/out && echo *)" = 'dns.ipfix dns.jsonl web.ipfix web.jsonl'
expect '--each into folders: lines' cmp <("$P2I" -q -j - "$web") each/out/web.jsonl
rm -rf each/out/* each/*.ipfix
ends 0 '--each, JSON alone' "$P2I" -q --each -j each/out/ each/web.pcap
expect '--each, JSON alone: outputs' test "$(cd each/out && echo *)" = web.jsonl
rm -f each/out/*
ends 1 '--each --strict' "$P2I" -q --each --strict -w each/out each/cut.pcap each/web.pcap
expect '--each --strict: stops' rmdir each/out
cp "$dns" each/sub/web.pcapng
mkdir each/out
ends 2 '--each: two captures, one output' "$P2I" -q --each -w each/out each/web.pcap each/sub/web.pcapng
reports '--each: two captures, one output' \
    "'each/out/web.ipfix' would be the output of 'each/\(sub/\)\?web.pcap\(ng\)\?' and of 'each/\(sub/\)\?web.pcap\(ng\)\?'"
ends 2 '--each: a capture given twice' "$P2I" -q --each each/web.pcap each/web.pcap
ends 2 '--each: no folder' "$P2I" -q --each -w each/out.ipfix each/web.pcap
reports '--each: no folder' "name a folder that exists, unlike 'each/out.ipfix'"
ends 2 '--each: standard input' "$P2I" -q --each -
ends 2 '--each: collectors' "$P2I" -q --each -e tcp://127.0.0.1:9 each/web.pcap
ends 2 '--each: rotation' "$P2I" -q --each --rotate 1h each/web.pcap
ends 2 '--each: an output is the statistics' "$P2I" -q --each --stats-file each/web.ipfix each/web.pcap
expect '--each: nothing is written after mistakes' rmdir each/out
expect '--each: nothing is written beside captures after mistakes' \
    bash -c '! find each -name "*.ipfix" | grep -v sub/dns'
mkdir each/none
cp each/notes each/none
ends 3 '--each: no capture at all' "$P2I" -q --each -R each/none
reports '--each: no capture at all' 'no capture found below the directories'
rm -rf each one.ipfix stats.json
