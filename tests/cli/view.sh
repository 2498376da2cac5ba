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
wrong_view -F time,HOST_NAME all.ipfix "unknown field 'HOST_NAME'; did you mean 'HOSTNAME'?"
wrong_view --csv -F tiem all.ipfix "unknown field 'tiem'; did you mean 'time'?"

# wrong_filter FILTER COLUMN WORDS: status 2, the words, the filter with a mark below COLUMN (from 0), and
# nothing is shown.
wrong_filter()
{
    ends 2 "view -f $1" "$IPFIXTOOL" view -f "$1" all.ipfix
    reports "view -f $1: why" "^ipfixtool: view: --filter: .*$3"
    expect "view -f $1: where" test "$(sed -n 3p "$scratch/err")" = "$(printf '  %*s^' "$2" '')"
    expect "view -f $1: nothing is shown" test ! -s "$scratch/out" -a "$(wc -l <"$scratch/err")" -eq 4
}
wrong_filter HOSTNAMES=x 0 "unknown field 'HOSTNAMES'; did you mean 'HOSTNAME'?"
wrong_filter nonsense=x 0 "unknown field 'nonsense': neither in the tables"
wrong_filter 'port = 53 and dns' 14 "unknown field 'dns'; did you mean 'record == dns'?"
wrong_filter 'tcp.port == 53' 0 "unknown field 'tcp.port'; did you mean 'port'?"
wrong_filter 'port~1024' 4 "unknown operator '~'; did you mean 'contains'?"
wrong_filter =x 0 "expected a field, not '='"
wrong_filter 'host ==' 7 'expected a value; an empty one is ""'
wrong_filter METHOD=GTE 7 "METHOD has no value 'GTE'; did you mean 'GET'?"
wrong_filter 'RRTYPE in {A, AAA}' 14 "RRTYPE has no value 'AAA'; did you mean 'AAAA'?"
wrong_filter 'record == dns && TTL > long' 23 "TTL is a number, not 'long'"
wrong_filter CIPHER_SUITE=AES 13 "CIPHER_SUITE is a number such as 4865 or 0x1301, not 'AES'"
wrong_filter IP_SOURCE=192.0.2.0/33 10 'IP_SOURCE is an address or a prefix with a length from 0 to 32, not'
wrong_filter sourceMacAddress=x 17 'sourceMacAddress is a MAC address such as'
wrong_filter TIME_STAMP=today 11 'TIME_STAMP is a time such as 2026-01-31T23:59:59Z, a date or @seconds, not'
wrong_filter record=dnss 7 "unknown kind of record 'dnss'; did you mean 'dns'?"
wrong_filter server=www.example 7 "server is an address or a prefix (host compares names), not 'www.example'"
wrong_filter port=70000 5 "port is a number from 0 to 65535, not '70000'"
wrong_filter 'host contains "é" and src < 1' 26 'src is an address: it has no order'
wrong_filter '(port = 53' 0 'the bracket is not closed'
wrong_view --cvs all.ipfix "unknown option '--cvs'; did you mean '--csv'?"
wrong_view --f x all.ipfix "option '--f' is ambiguous: --fields, --filter"
wrong_view --json --vertical all.ipfix 'only one of --json, --csv, --tsv, --sql and --vertical'
ends 2 'view of standard input: unknown field' bash -c '"$0" view -f HOSTNAMES=x - <all.ipfix' "$IPFIXTOOL"
reports 'view of standard input: unknown field: what was meant' "did you mean 'HOSTNAME'?"
# Filters that worked before still work.
for filter in METHOD=GET METHOD==GET METHOD=1 'METHOD=G*' CIPHER_SUITE=0x1301 RRTYPE=AAAA TTL=3600 \
    'SSL_VERSION=TLS 1.3' time=2026-11-23T05:27:33Z record=dns HOST_TYPE=sni IP_SOURCE=192.0.2.10 \
    43823/1003=192.0.2.10 'HOSTNAME=*example' src=192.0.2.0/24 port=53 METHOD=get 'TO="Anna" <sip:a*' 'TO=<sip:*'; do
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
ends 2 'view -f of a field that the type records lack' "$IPFIXTOOL" view -f gadget=42 alien.ipfix
reports 'view -f of a field that the type records lack' "unknown field 'gadget'; did you mean 'gadgets'?"

# The language. count FILTER...: records that match all.
count()
{
    local filter arguments=()
    for filter; do arguments+=(-f "$filter"); done
    view --json "${arguments[@]}" all.ipfix | wc -l
}
expect 'filters: not' test $(($(count 'port = 53') + $(count 'not port = 53'))) -eq "$(count 'record')"
expect 'filters: and, repeated -f' test "$(count 'record = dns and RRTYPE = A')" -eq "$(count 'record = dns' 'RRTYPE = A')"
expect 'filters: or, in' test "$(count 'RRTYPE = A or RRTYPE = AAAA')" -eq "$(count 'RRTYPE in {A, AAAA}')"
expect 'filters: an end is the client or the server' test "$(count 'ip = 192.0.2.10')" -eq \
    $(($(count 'client = 192.0.2.10') + $(count 'server = 192.0.2.10')))
expect 'filters: the server does not depend on the sender' test \
    "$(count 'record in {clickstream, http_reply, ssl_reply} and server = 198.51.100.80')" -eq \
    "$(count 'record in {clickstream, http_reply, ssl_reply} and ip = 198.51.100.80')"
expect 'filters: both directions of a flow' test \
    "$(count 'record = flow and server = 198.51.100.53 and client = 192.0.2.10')" -eq \
    "$(count 'record = flow and ip = 198.51.100.53 and ip = 192.0.2.10')"
expect 'filters: names of the gateway' test "$(count COOCKIE)" -gt 0 -a "$(count COOCKIE)" -eq "$(count 'COOKIE != ""')"
expect 'filters: times' test "$(count 'time < 2026-11-23T05:30')" -gt 0 -a \
    $(($(count 'time < 2026-11-23T05:30') + $(count 'time == 2026-11-23T05:30') + $(count 'time > 2026-11-23T05:30'))) \
    -eq "$(count time)"

# merge and send leave out what does not match.
expect 'merge -f' "$IPFIXTOOL" merge -q -f 'record = dns' -f 'RRTYPE = AAAA' all.ipfix -w merged.ipfix
expect 'merge -f: the records' test "$(view --json merged.ipfix | wc -l)" -eq "$(count 'RRTYPE = AAAA')"
expect 'merge -f: the others are as without it' cmp <(view --json merged.ipfix | sort) \
    <(view --json -f 'RRTYPE = AAAA' all.ipfix | sort)
ends 2 'merge -f: an unknown field' "$IPFIXTOOL" merge -f 'gadget = 1' all.ipfix -w wrong.ipfix
reports 'merge -f: an unknown field' "^ipfixtool: merge: --filter: unknown field 'gadget'"
expect 'merge -f: no file is left' test ! -e wrong.ipfix
mkdir spooled
ends 5 'send -f' "$IPFIXTOOL" send -q --retry 1 --spool spooled -f 'RRTYPE = AAAA' all.ipfix tcp://127.0.0.1:9
expect 'send -f: the records' cmp <(view --json spooled/* | sort) <(view --json merged.ipfix | sort)

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
view --csv-safe -F USER_AGENT,METHOD formulas.ipfix >quoted.csv
expect '--csv-safe: texts in quotes, no formula and no other cell behind any separator' python3 -c '
import re
lines = open("quoted.csv", encoding="utf-8").read().splitlines()[1:]
agents = [re.fullmatch(r"\"((?:[^\"]|\"\")*)\",\"?GET\"?", line).group(1) for line in lines]
assert agents[:8] == ["\x27=cmd|\"\"/C calc\"\"!A0", "\x27+1+1", "\x27-2+3", "\x27@SUM(1)", "\x27-12.5", "\x27+12",
                      "plain", "\x27-"], agents'
ends 2 '--csv-safe with --tsv' "$IPFIXTOOL" view --csv-safe --tsv formulas.ipfix
expect 'top --csv-safe' bash -c '"$0" top --csv-safe -n 0 -F USER_AGENT formulas.ipfix | grep -qF -- "-12.5\"" ' "$IPFIXTOOL"
expect 'join --csv-safe' bash -c '"$0" join --csv-safe -F host,client formulas.ipfix | grep -qE "^\"h\"," ' "$IPFIXTOOL"
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
ends 4 'tables: no folder for the temporary file' env TMPDIR=/nowhere "$IPFIXTOOL" view many.ipfix
reports 'tables: no folder for the temporary file: why' 'cannot use the temporary file of the tables: No such file'
expect 'tables: the first rows come at once' bash -c '"$0" view many.ipfix | head -n 3 | grep -q "^time "' \
    "$IPFIXTOOL"
expect 'tables: one long value does not widen all rows' python3 -c '
import subprocess, sys
text = subprocess.run([sys.argv[1], "view", "-F", "PATH,METHOD", "formulas.ipfix"],
                      capture_output=True, text=True).stdout.splitlines()
assert max(map(len, text)) > 400, "no long path"
assert sorted(map(len, text))[-2] < 60' "$IPFIXTOOL"
for width in 40 60 80 100 132 200; do
    view --width "$width" -r clickstream all.ipfix >narrow.txt
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
