# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# --explain: why sessions gave no record; part of tests/cli/run, whose variables and functions these are.

# A session for each reason.
PYTHONPATH=$root/tests python3 - reasons.pcap <<'EOF2'
import sys
from wire import ACK, FIN, PSH, RST, SYN, address, tcp, udp, write_pcap

client, server = address("192.0.2.1"), address("198.51.100.1")
packets = []


def there(port, *rest, to=9999):
    packets.append(tcp(client, server, (port, to), *rest))


def back(port, *rest, to=9999):
    packets.append(tcp(server, client, (to, port), *rest))


def open_session(port, to=9999):
    there(port, 99, 0, SYN, to=to)
    back(port, 499, 100, SYN | ACK, to=to)


open_session(40001)  # no payload
back(40001, 500, 100, RST | ACK)
for port in range(40010, 40014):  # not recognised
    open_session(port)
    there(port, 100, 500, PSH | ACK, b"\x7fMINE\x00" + bytes([port & 255]) + b"!")
    back(port, 500, 108, PSH | ACK, b"\x80YOURS")
for port in range(3):  # likewise; each begins with other bytes
    packets.append(udp(client, server, (40020 + port, 7777), bytes([port + 1]) * 12))
open_session(40030, to=22)  # encrypted
back(40030, 500, 100, PSH | ACK, b"SSH-2.0-OpenSSH_9.2\r\n", to=22)
there(40030, 100, 521, PSH | ACK, b"SSH-2.0-OpenSSH_9.2\r\n", to=22)
there(40040, 100, 500, PSH | ACK, b"jabberwocky")  # joined in the middle
back(40040, 500, 111, PSH | ACK, b"jabberwocky")
open_session(40050)  # bytes lost at its beginning
there(40050, 200, 500, PSH | ACK, b"jabberwocky")
back(40050, 500, 211, PSH | ACK, b"jabberwocky")
there(40060, 99, 0, SYN)  # one direction only
there(40060, 100, 0, PSH, b"jabberwocky")
query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x00\x00\x01\x00\x01"
packets.append(udp(client, server, (40070, 53), query))  # likewise
answer = query[:2] + b"\x81\x80\x00\x01\x00\x01" + query[8:] + b"\xc0\x0c\x00\x01\x00\x01" + bytes(4)
packets.append(udp(server, client, (53, 40071), answer + b"\xff\xff\x01"))  # broken
packets.append(udp(client, server, (40080, 123), b"\x23" + bytes(47)))  # known by name
packets.append(udp(client, server, (40090, 3478), bytes.fromhex("000100002112a442") + bytes(range(12))))  # raw
packets.append(udp(server, client, (53, 40099), answer + b"\x00\x04\x0a\x00\x00\x01"))  # gives a record
write_pcap(sys.argv[1], [(1000 * i, packet) for i, packet in enumerate(packets)])
EOF2

# explains NAME PYTHON [OPTION...]: an expression about the explanation of reasons.pcap: `all`, and `why` by reason.
explains()
{
    "$P2I" -q --explain=json "${@:3}" reasons.pcap >explained.json
    expect "--explain: $1" python3 -c '
import json, sys
all = json.load(open("explained.json"))
why = {reason["reason"]: reason for reason in all["reasons"]}
assert eval("(" + sys.argv[1] + ")"), all' "$2"
}
explains 'each reason' '{name: reason["sessions"] for name, reason in why.items()} == {
    "no payload": 1, "not recognised": 7, "encrypted": 1, "joined in the middle": 1, "bytes lost or cut": 1,
    "one direction only": 2, "message not understood": 1, "nothing to record": 1, "records not selected": 1}'
explains 'nothing is left out' 'all["sessions"] == 17 == all["with_records"]["sessions"] +
    sum(reason["sessions"] for reason in all["reasons"]) and
    all["packets"] == all["fates"]["handled"] == all["with_records"]["packets"] +
    sum(reason["packets"] for reason in all["reasons"])'
explains 'the most frequent reason is first' 'all["reasons"][0]["reason"] == "not recognised" and
    all["reasons"][1]["reason"] == "one direction only"'
explains 'protocols' 'why["encrypted"]["protocols"] == {"ssh": 1} and
    why["nothing to record"]["protocols"] == {"ntp": 1} and why["one direction only"]["protocols"] == {"dns": 1} and
    why["records not selected"]["protocols"] == {"stun": 1}'
explains 'first bytes' 'why["not recognised"]["patterns"] == [
    {"sessions": 4, "transport": "tcp", "port": 9999, "client": "7f4d494e4500..21", "server": "80594f555253"},
    {"sessions": 3, "transport": "udp", "port": 7777, "client": "........................", "server": ""}]'
explains 'an example' 'why["joined in the middle"]["examples"] == [{
    "capture": "reasons.pcap", "packet": 27, "session": why["joined in the middle"]["examples"][0]["session"],
    "transport": "tcp", "client": "192.0.2.1", "client_port": 40040, "server": "198.51.100.1", "server_port": 9999,
    "packets": 2, "bytes": 102}]'
explains 'where bytes were lost' 'why["bytes lost or cut"]["examples"][0]["packet"] == 29 and
    why["bytes lost or cut"]["examples"][0]["at_packet"] == 31'
explains 'where a message is broken' 'why["message not understood"]["examples"][0]["at_packet"] == 36'
explains 'at most three examples' 'len(why["not recognised"]["examples"]) == 3'
explains 'of selected records' '"records not selected" in why and all["with_records"]["sessions"] == 0 and
    why["records not selected"]["protocols"] == {"dns": 1, "stun": 1}' --records clickstream
explains 'raw records' '"records not selected" not in why and all["with_records"]["sessions"] == 2' --records raw,dns
explains 'flow records explain nothing' 'all["with_records"]["sessions"] == 2' --records all,biflow
cp explained.json one.json
for threads in 2 3 8; do
    "$P2I" -q --explain=json --threads $threads --records all reasons.pcap >more.json
    expect "--explain: $threads threads" cmp one.json more.json
done
"$P2I" -q --explain=json -f 'udp port 53' reasons.pcap >explained.json
expect '--explain: only what the filter leaves' grep -q '"sessions":3,' explained.json

"$P2I" -q --explain reasons.pcap >explained.txt
cat >table.py <<'EOF2'
import re, sys
text = open(sys.argv[1]).read()
rows = {line[:32].strip(): line[32:].split() for line in text.split("\n\n")[0].splitlines()[1:]}
assert rows["all"][0] == "17" and rows["gave records"][0] == "1" and rows["not recognised"][0] == "7", rows
assert list(rows)[2] == "not recognised", rows
assert re.search(r"^handled +39  gave bytes or flags to a session$", text, re.M), text
assert re.search(r"^encrypted: 1 session: encrypted, so that nothing in it can be read$", text, re.M), text
assert re.search(r"^ +4  tcp 9999   > 7f 4d 49 4e 45 00 \.\. 21 +\|\.MINE\.\.!\|\n"
                 r" {25}< 80 59 4f 55 52 53 +\|\.YOURS\|$", text, re.M), text
assert re.search(r"^ +3  udp 7777   the first bytes differ$", text, re.M), text
assert re.search(r"^  packet 29: tcp 192\.0\.2\.1:40050 > 198\.51\.100\.1:9999, 4 packets, "
                 r"\d+ bytes, seen at packet 31, session \d+$", text, re.M), text
EOF2
expect '--explain: the table' python3 table.py explained.txt
ends 0 '--explain=text' "$P2I" -q --explain=text reasons.pcap
expect '--explain=text is the table' cmp "$scratch/out" explained.txt

# The example of the manual is true.
expect '--explain: the example of the manual' python3 -c '
import re, subprocess, sys
page = open(sys.argv[1] + "/man/pcap2ipfix.1.in").read()
shown = re.search(r"^\$ pcap2ipfix --explain services.pcap\n(.*?)^\\&\.\.\.$", page, re.M | re.S)[1].splitlines()
lines = subprocess.run([sys.argv[2], "-q", "--explain", sys.argv[1] + "/samples/captures/services.pcap"],
                       capture_output=True, text=True, check=True).stdout.splitlines()
for want in shown:
    while not lines[0].startswith(want) or (want == "" and lines[0] != ""):
        lines.pop(0)' "$root" "$P2I"

# Where it goes, and with what it cannot go.
mkdir explained
(cd explained && "$P2I" -q --explain ../reasons.pcap >/dev/null)
expect '--explain writes no file' rmdir explained
for option in '-w x.ipfix' '-j -' '-e tcp://127.0.0.1:1' '--rotate 1M' '--dns-log .' '--pace 1' --each; do
    # shellcheck disable=SC2086
    ends 2 "--explain $option" "$P2I" --explain $option reasons.pcap
    reports "--explain $option: why" 'explain writes no records: --[a-z-]* cannot go with it'
done
ends 2 '--explain=xml' "$P2I" --explain=xml reasons.pcap
ends 2 '--explain --stats-file -' "$P2I" --explain --stats-file - reasons.pcap
ends 0 '--explain --stats-file FILE' "$P2I" -q --explain --stats-file stats.json --stats reasons.pcap
expect '--explain: the statistics too' grep -q '"records":{' stats.json
printf 'export: [tcp://127.0.0.1:1]\najb_save_dns: 1\najb_dns_path: no-such-folder\n' >outputs.yaml
ends 0 '--explain: outputs of a configuration file do not count' "$P2I" -q -c outputs.yaml --explain reasons.pcap
ends 4 '--explain: disk full' bash -c '"$0" -q --explain reasons.pcap >/dev/full' "$P2I"
ends 3 '--explain: no capture' "$P2I" -q --explain nowhere.pcap
expect '--explain: no capture: nothing printed' test ! -s "$scratch/out"
head -c 1000 reasons.pcap >cut.pcap
ends 1 '--explain: damaged capture' "$P2I" -q --explain cut.pcap
expect '--explain: damaged capture: what was read' grep -q '^all  *5 ' "$scratch/out"
ends 1 '--explain --strict' "$P2I" -q --explain --strict cut.pcap
expect '--explain --strict: nothing printed' test ! -s "$scratch/out"
cp reasons.pcap $'a\e[1mb.pcap'
"$P2I" -q --explain $'a\e[1mb.pcap' "$dns" >escaped.txt
expect '--explain: names are escaped' bash -c 'grep -qF "a\x1b[1mb.pcap" escaped.txt && ! grep -q "$(printf "\033")" escaped.txt'
rm -f $'a\e[1mb.pcap'

# More sessions than patterns are kept: memory is bounded, and the rest is counted.
PYTHONPATH=$root/tests python3 - many.pcap <<'EOF2'
import sys
from wire import address, udp, write_pcap
client, server = address("192.0.2.1"), address("198.51.100.1")
write_pcap(sys.argv[1], [(i, udp(address("10.0.0.0", i // 60000), server, (1024 + i % 60000, 7000 + i % 50),
                          (i * 0x9e3779b1 & 0xffffffff).to_bytes(4, "big") + b"abcd")) for i in range(70000)])
EOF2
"$P2I" -q --explain=json many.pcap >explained.json
expect '--explain: more patterns than are kept' python3 -c '
import json
reason = json.load(open("explained.json"))["reasons"][0]
kept = sum(pattern["sessions"] for pattern in reason["patterns"])
assert reason["sessions"] == 70000 and len(reason["patterns"]) == 20, reason
assert reason["sessions_not_grouped"] >= 70000 - 65536, reason
assert kept + reason["sessions_of_other_patterns"] + reason["sessions_not_grouped"] == 70000, reason
assert reason["patterns"][0]["client"] == "........61626364", reason'
if [ -d "$shared/captures" ]; then
    "$P2I" -q --explain=json -R "$shared/captures" >explained.json 2>"$scratch/err"
    expect '--explain: captures of other projects' python3 -c '
import json
all = json.load(open("explained.json"))
assert all["sessions"] == all["with_records"]["sessions"] + sum(r["sessions"] for r in all["reasons"]) > 0
assert all["packets"] == all["fates"]["handled"] and all["frames"] == sum(all["fates"].values())'
else
    skip '--explain: captures of other projects' 'they are not there'
fi
