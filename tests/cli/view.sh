# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# ipfixtool view: filters, CSV, tables; part of tests/cli/run, whose variables and functions these are.

"$P2I" -q --records all -w all.ipfix "${samples[@]}"
view() { "$IPFIXTOOL" view "$@"; }

# wrong_view ARGUMENT... WORDS: status 2, one line with the words and the one that points to --help,
# and nothing is shown.
wrong_view()
{
    local words=${*: -1}
    set -- "${@:1:$#-1}"
    ends 2 "view $*" "$IPFIXTOOL" view "$@"
    reports "view $*: why" "^ipfixtool: view: .*$words"
    expect "view $*: nothing is shown" test ! -s "$scratch/out" -a "$(wc -l <"$scratch/err")" -eq 2
}
wrong_view -f HOSTNAMES=x all.ipfix "unknown field 'HOSTNAMES'; did you mean 'HOSTNAME'?"
wrong_view -f nonsense=x all.ipfix "unknown field 'nonsense': neither in the tables"
wrong_view -F time,HOST_NAME all.ipfix "unknown field 'HOST_NAME'; did you mean 'HOSTNAME'?"
wrong_view --csv -F tiem all.ipfix "unknown field 'tiem'; did you mean 'time'?"
wrong_view -f 'port>1024' all.ipfix "unknown operator '>'; did you mean 'port=1024'?"
wrong_view -f 'METHOD!=GET' all.ipfix "unknown operator '!='; did you mean 'METHOD=GET'?"
wrong_view -f host all.ipfix "'host' is not a condition: expected NAME=VALUE"
wrong_view -f =x all.ipfix "'=x' is not a condition: expected NAME=VALUE"
wrong_view -f METHOD=GTE all.ipfix "METHOD has no value 'GTE'; did you mean 'GET'?"
wrong_view -f METHOD=get all.ipfix "METHOD has no value 'get'; did you mean 'GET'?"
wrong_view -f RRTYPE=AAA all.ipfix "RRTYPE has no value 'AAA'; did you mean 'AAAA'?"
wrong_view -f TTL=long all.ipfix "TTL is a number, not 'long'"
wrong_view -f CIPHER_SUITE=AES all.ipfix "CIPHER_SUITE is a number such as 4865 or 0x1301, not 'AES'"
wrong_view -f IP_SOURCE=192.0.2.0/24 all.ipfix 'IP_SOURCE is an address (src, dst and ip take prefixes'
wrong_view -f sourceMacAddress=x all.ipfix 'sourceMacAddress is a MAC address such as'
wrong_view -f TIME_STAMP=today all.ipfix 'TIME_STAMP is a time such as 2026-01-31T23:59:59Z, not'
wrong_view -f record=dnss all.ipfix "unknown kind of record 'dnss'; did you mean 'dns'?"
wrong_view -f src=here all.ipfix "'here' is neither an address nor a prefix"
wrong_view -f port=70000 all.ipfix "'70000' is not a port from 0 to 65535"
wrong_view --cvs all.ipfix "unknown option '--cvs'; did you mean '--csv'?"
wrong_view --f x all.ipfix "option '--f' is ambiguous: --fields, --filter"
wrong_view --json --vertical all.ipfix '--json, --csv and --vertical exclude each other'
ends 2 'view of standard input: unknown field' bash -c '"$0" view -f HOSTNAMES=x - <all.ipfix' "$IPFIXTOOL"
reports 'view of standard input: unknown field: what was meant' "did you mean 'HOSTNAME'?"
# Filters that worked before still work.
for filter in METHOD=GET METHOD==GET METHOD=1 'METHOD=G*' CIPHER_SUITE=0x1301 RRTYPE=AAAA TTL=3600 \
    'SSL_VERSION=TLS 1.3' time=2026-11-23T05:27:33Z record=dns HOST_TYPE=sni IP_SOURCE=192.0.2.10 \
    43823/1003=192.0.2.10 'HOSTNAME=*example' src=192.0.2.0/24 port=53; do
    expect "view -f $filter" bash -c '"$@" | grep -q .' bash "$IPFIXTOOL" view --json -f "$filter" all.ipfix
done
# A field that only the type records of the file name.
python3 - alien.ipfix <<'END'
import struct, sys
def message(*sets):
    body = b"".join(struct.pack(">HH", number, 4 + len(data)) + data for number, data in sets)
    return struct.pack(">HHLLL", 10, 16 + len(body), 1, 0, 1) + body
def element(number, length):
    return struct.pack(">HHL", 0x8000 | number, length, 9)
names = struct.pack(">HHH", 400, 4, 2)
for number, length in ((346, 4), (303, 2), (339, 1), (341, 65535)):
    names += struct.pack(">HH", number, length)
names_record = struct.pack(">LHBB", 9, 7, 3, 7) + b"gadgets"
with open(sys.argv[1], "wb") as file:
    file.write(message((3, names), (400, names_record), (2, struct.pack(">HH", 401, 1) + element(7, 4))))
    file.write(message((401, struct.pack(">L", 42))))
END
expect 'view -f of a field named by the type records' bash -c \
    '"$0" view --json -f gadgets=42 alien.ipfix | grep -q "\"gadgets\":42"' "$IPFIXTOOL"
wrong_view -f gadget=42 alien.ipfix "unknown field 'gadget'; did you mean 'gadgets'?"

# CSV: decoded values, LF, no formulas for spreadsheets.
view --csv -r clickstream all.ipfix >clicks.csv
expect 'CSV ends lines with LF' python3 -c 'assert b"\r" not in open("clicks.csv", "rb").read()'
expect 'CSV has decoded values' python3 -c '
import csv
rows = list(csv.DictReader(open("clicks.csv", newline="")))
assert {row["METHOD"] for row in rows} >= {"GET", "POST", "-"}, rows[0]
assert {row["HOST_TYPE"] for row in rows} >= {"http", "sni", "certificate"}'
expect 'CSV has decoded values: DNS' bash -c \
    '"$0" view --csv -r dns -F RRTYPE,RDATA all.ipfix | grep -qx "AAAA,2001:db8:2::80"' "$IPFIXTOOL"
python3 - formulas.pcap <<'END'
import struct, sys
def packet(data, seq):
    tcp = struct.pack(">HHLLBBHHH", 40000, 80, seq, 1, 0x50, 0x18, 65535, 0, 0) + data
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, b"\x0a\0\0\1",
                       b"\xc0\0\2\1") + tcp
agents = [b'=cmd|"/C calc"!A0', b"+1+1", b"-2+3", b"@SUM(1)", b"-12.5", b"+12", b"plain", b"-",
          b'=HYPERLINK("http://x","y")', "\u202egnp.exe".encode(), b"\xe2\x80\xa8x"]
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 228))
    seq = 1
    for agent in agents:
        path = b"/" + b"long" * 100 * (agent == agents[-1])
        data = b"GET " + path + b" HTTP/1.1\r\nHost: h\r\nUser-Agent: " + agent + b"\r\n\r\n"
        ip = packet(data, seq)
        seq += len(data)
        file.write(struct.pack("<IIII", 1, 0, len(ip), len(ip)) + ip)
END
"$P2I" -q -w formulas.ipfix formulas.pcap
view --csv -F USER_AGENT formulas.ipfix >formulas.csv
expect 'CSV: formulas are text, numbers stay numbers' python3 -c '
import csv
cells = [row[0] for row in csv.reader(open("formulas.csv", newline=""))][1:]
assert cells[:9] == ["\x27=cmd|\"/C calc\"!A0", "\x27+1+1", "\x27-2+3", "\x27@SUM(1)", "-12.5", "+12",
                     "plain", "\x27-", "\x27=HYPERLINK(\"http://x\",\"y\")"], cells'
expect 'CSV: bidirectional control characters are escaped' grep -qF '\xe2\x80\xaegnp.exe' formulas.csv
expect 'JSON: the same' bash -c '"$0" view --json formulas.ipfix | grep -qF "\\u202egnp.exe"' "$IPFIXTOOL"
expect 'JSON: separators of lines, too' bash -c '"$0" view --json formulas.ipfix | grep -qF "\\u2028x"' "$IPFIXTOOL"

# Tables: one for each kind, whatever the number of rows.
for _ in {1..80}; do cat all.ipfix; done >many.ipfix
view many.ipfix >many.txt 2>/dev/null
view --json all.ipfix >all.json
expect 'tables: each kind once, with all its rows' python3 -c '
import json
want = {}
for line in open("all.json"):
    kind = json.loads(line)["record"]
    want[kind] = want.get(kind, 0) + 80
rows = {}
for line in open("many.txt", encoding="utf-8"):
    line = line.rstrip("\n")
    name = line.split(":")[0]
    if name in want and "  " not in line:
        assert name not in rows, name
        rows[name] = -1
        current = name
    elif line and not line.startswith("("):
        rows[current] += 1
assert rows == want, (rows, want)'
expect 'tables: the first rows come at once' bash -c '"$0" view many.ipfix | head -n 3 | grep -q "^time "' \
    "$IPFIXTOOL"
expect 'tables: one long value does not widen all rows' python3 -c '
import subprocess, sys
text = subprocess.run([sys.argv[1], "view", "-F", "PATH,METHOD", "formulas.ipfix"],
                      capture_output=True, text=True).stdout.splitlines()
assert max(map(len, text)) > 400, "no long path"
assert sorted(map(len, text))[-2] < 60' "$IPFIXTOOL"
for width in 40 60 80 100 132 200; do
    view -w "$width" -r clickstream all.ipfix >narrow.txt
    expect "tables: $width columns: time and addresses are whole" python3 -c '
import subprocess, sys
rows = open("narrow.txt", encoding="utf-8").read().splitlines()[2:]
want = [line for line in subprocess.run([sys.argv[1], "view", "--csv", "-F", "time,src,dst", "-r",
        "clickstream", "all.ipfix"], capture_output=True, text=True).stdout.splitlines()[1:]]
assert [",".join(row.replace("> ", "").split()[:3]) for row in rows] == want, rows[0]' "$IPFIXTOOL"
done
expect 'tables: a line fits where it can' test "$(wc -L <narrow.txt)" -le 200

# --vertical: one field a line.
view --vertical -r dns -n 2 all.ipfix >vertical.txt
expect '--vertical' python3 -c '
blocks = open("vertical.txt").read().split("\n\n")
assert len(blocks) == 2 and blocks[1].startswith("record 2: dns\n"), blocks
lines = blocks[0].splitlines()
assert lines[0] == "record 1: dns" and any(l.split() == ["RRTYPE", "A"] for l in lines), lines
assert len({l.index(l.split(None, 1)[1], 4) for l in lines[1:] if len(l.split(None, 1)) > 1}) == 1'
expect '--vertical with fields' test "$(view --vertical -F time,RRTYPE -r dns -n 1 all.ipfix | wc -l)" -eq 3
expect '--vertical is safe' bash -c \
    '"$0" view --vertical -F USER_AGENT formulas.ipfix | grep -qF "\\xe2\\x80\\xaegnp.exe"' "$IPFIXTOOL"
