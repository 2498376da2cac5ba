# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# ipfixtool: the forms of values (JSON Lines, CSV, TSV, names, numbers, time zones) and the parts of records as
# columns; part of tests/cli/run, behind view.sh, whose files and functions these are.

# The JSON of a file is that which pcap2ipfix writes. IPFIX has no room for the mark of cut messages in plain
# records, and for lost and cut bytes of flows in extended ones; its records stand in another order.
for extended in '' --extended; do
    cut='s/,"cut":true//'
    [ -z "$extended" ] || cut='s/,"lost_bytes":[0-9]+,"cut_bytes":[0-9]+//'
    # shellcheck disable=SC2086
    "$P2I" -q --no-sync $extended --records all,biflow -w form.ipfix -j form.jsonl "${samples[@]}"
    expect "view --json${extended:+ of extended records}: as pcap2ipfix writes it" \
        cmp <(sed -E "$cut" form.jsonl | sort) <(view --json form.ipfix | sort)
    expect "view --json of JSON Lines${extended:+ of extended records}: the same lines" \
        cmp form.jsonl <(view --json form.jsonl)
done
expect 'view --json of a pipe: a capture that has no name yet has its number' bash -c \
    '"$0" view --json -n 1 - <form.ipfix | grep -qE ",\"capture\":\"[0-9]+\",\"packet\":[0-9]+,"' "$IPFIXTOOL"
expect 'view of JSON Lines: a table' bash -c \
    '"$0" view -r dns -F RRTYPE form.jsonl | grep -qx AAAA' "$IPFIXTOOL"
expect 'view of JSON Lines of standard input, with a filter' cmp <(view --json -f METHOD=POST - <form.jsonl) \
    <(grep '"METHOD":2,' form.jsonl)
echo 'nonsense' >nonsense
ends 1 'view of something else' "$IPFIXTOOL" view nonsense
reports 'view of something else: why' "^ipfixtool: nonsense: .*IPFIX"
printf '{"record":"dns","TTL":5}\n{"record":\n' >damaged.jsonl
ends 1 'view of damaged JSON Lines' "$IPFIXTOOL" view --csv -F record,TTL damaged.jsonl
expect 'view of damaged JSON Lines: what is before' test "$(tail -n 1 "$scratch/out")" = dns,5
reports 'view of damaged JSON Lines: why' 'damaged.jsonl: .*(line 2)'

# Parts of records as columns: the ends do not depend on who sent the record.
parts=time,client,server,port,sport,dport,host,record,capture,packet,session
expect 'parts of records' python3 -c '
import csv, json, subprocess, sys
tool, parts = sys.argv[1:]
rows = list(csv.DictReader(subprocess.run([tool, "view", "--csv", "-F", parts, "form.jsonl"], text=True,
                                          capture_output=True, check=True).stdout.splitlines()))
lines = [json.loads(line) for line in open("form.jsonl")]
assert len(rows) == len(lines)
for row, line in zip(rows, lines):
    kind = line["record"]
    ends = [line.get("IP_SOURCE") or line.get("IP_SOURCE_V6") or line.get("sourceIPv4Address")
            or line.get("sourceIPv6Address"), line.get("IP_DESTINATION") or line.get("IP_DESTINATION_V6")
            or line.get("destinationIPv4Address") or line.get("destinationIPv6Address")]
    ports = [row["sport"], row["dport"]]
    if kind in ("http_reply", "ssl_reply"):
        ends.reverse()
        ports.reverse()
    if kind in ("http_reply", "ssl_reply", "clickstream", "ftp"):
        assert [row["client"], row["server"], row["port"]] == [*ends, ports[1]], (row, line)
    else:
        assert {row["client"], row["server"]} == set(ends) and row["port"] in ports, (row, line)
    assert row["record"] == kind and row["session"] == (line.get("SESSION_ID") or str(line["flowId"])), row
    assert row["capture"] == line["capture"] and row["packet"] == str(line["packet"]), row
    assert row["time"] == line["time"], row
' "$IPFIXTOOL" "$parts"
expect 'parts of records: IPFIX as JSON Lines' cmp <(view --csv -F "$parts" form.ipfix | sort) \
    <(view --csv -F "$parts" form.jsonl | sort)
expect 'parts of records in JSON' bash -c '"$0" view --json -n 1 -r dns -F packet,Port,session,capture "$1" |
    grep -qE "^\{\"record\":\"dns\",\"packet\":4,\"Port\":53,\"session\":\"[0-9]+\",\"capture\":\".*dns-udp.pcap\"\}$"' \
    "$IPFIXTOOL" form.ipfix
wrong_view -F time,ip all.ipfix "'ip' is both addresses: a column is one of src, dst, client and server"
wrong_view -F clent all.ipfix "unknown field 'clent'; did you mean 'client'?"

# Names and numbers.
view --json --names form.ipfix >names.jsonl
expect '--names' python3 -c '
import json
lines = [json.loads(line) for line in open("names.jsonl")]
def values(name):
    return {line[name] for line in lines if name in line}
assert values("METHOD") >= {"GET", "POST", "-"} and values("RRTYPE") >= {"A", "AAAA", "HTTPS"}
assert "2001:db8:2::80" in values("RDATA") and "TLS 1.3" in values("SSL_VERSION"), values("SSL_VERSION")
assert values("CIPHER_SUITE") >= {"0x1301"} or values("CIPHER_SUITE") >= {"0x1302"}, values("CIPHER_SUITE")
assert values("DPI_PROTOCOL") >= {"http", "icmp"}, values("DPI_PROTOCOL")
assert all(isinstance(ttl, int) for ttl in values("TTL"))'
view --json form.ipfix >numbers.jsonl
expect '--names: all else is as without it' python3 -c '
import json
differ = set()
for one, other in zip(open("names.jsonl"), open("numbers.jsonl"), strict=True):
    one, other = json.loads(one), json.loads(other)
    assert list(one) == list(other)
    differ |= {(name, isinstance(other[name], int)) for name in one if one[name] != other[name]}
numbers = {name for name, is_number in differ if is_number}
assert {name for name, is_number in differ if not is_number} == {"RDATA"}, differ
assert numbers == {"METHOD", "HOST_TYPE", "SSL_VERSION", "CIPHER_SUITE", "MODE", "IM_PROTOCOL", "EVENT", "ATTACHMENT",
                   "MAIL_PROTOCOL", "VDPI_PROTO", "META_PROTO", "TRANSPORT", "RRCLASS", "RRTYPE", "DNSRCode",
                   "DPI_PROTOCOL", "protocolIdentifier", "tcpControlBits", "flowEndReason"}, numbers'
view --json names.jsonl >read.jsonl
expect '--names: names are read, but for resource record data' python3 -c '
import json
for one, other in zip(open("read.jsonl"), open("numbers.jsonl"), strict=True):
    one, other = json.loads(one), json.loads(other)
    assert one.pop("RDATA", None) is not None or "RDATA" not in other
    other.pop("RDATA", None)
    assert list(one.items()) == list(other.items()), (one, other)'
expect '--numbers' cmp <(view --csv --numbers -r clickstream -F METHOD,HOST_TYPE,client form.jsonl) <(
    echo METHOD,HOST_TYPE,client
    grep '"record":"clickstream"' form.jsonl |
        sed -E 's/.*"IP[0-9]?_SOURCE":"([^"]*)".*"HOST_TYPE":([0-9]+),"METHOD":([0-9]+),.*/\3,\2,\1/'
)
expect '--numbers: data stay as they are' bash -c \
    '"$0" view --csv --numbers -r dns -F RRTYPE,RDATA all.ipfix | grep -qx "28,2001:db8:2::80"' "$IPFIXTOOL"
wrong_view --names --numbers all.ipfix '--names and --numbers exclude each other'

# TSV: the cells of CSV, without quotes.
expect '--tsv' python3 -c '
import csv, subprocess, sys
def run(form):
    return subprocess.run([sys.argv[1], "view", form, "form.ipfix"], capture_output=True, check=True).stdout
rows = list(csv.reader(run("--csv").decode().splitlines()))
assert [line.split("\t") for line in run("--tsv").decode().split("\n")[:-1]] == rows
assert any("," in cell or "\"" in cell for row in rows for cell in row) and b"\r" not in run("--tsv")' "$IPFIXTOOL"
wrong_view --tsv --csv all.ipfix 'only one of --json, --csv, --tsv, --sql and --vertical'
ends 2 '--tsv of standard input' "$IPFIXTOOL" view --tsv -
reports '--tsv of standard input: why' '--tsv of standard input needs --record or --fields'

# Time zones: the same time, with another offset.
zone() { view --csv -n 1 -r dns -F time,observationTimeNanoseconds form.ipfix --tz "$@" | tail -n 1; }
at=27:33.719748000
expect '--tz utc' test "$(zone utc)" = "2026-11-23T05:${at}Z,2026-11-23T05:${at}Z"
expect '--tz of a zone' test "$(zone Europe/Berlin)" = "2026-11-23T06:$at+01:00,2026-11-23T06:$at+01:00"
expect '--tz of an offset' test "$(zone -06:30)" = "2026-11-22T22:57:33.719748000-06:30,2026-11-22T22:57:33.719748000-06:30"
for offset in +2 +02 +0200 +02:00; do
    expect "--tz $offset" test "$(zone "$offset")" = "2026-11-23T07:$at+02:00,2026-11-23T07:$at+02:00"
done
expect '--tz local' test "$(TZ=America/New_York zone local)" = "2026-11-23T00:$at-05:00,2026-11-23T00:$at-05:00"
expect '--tz: whole seconds' test "$(view --csv -n 1 -r dns -F TIME_STAMP all.ipfix --tz +01:00 | tail -n 1)" = \
    2026-11-23T06:27:33+01:00
wrong_view --json --tz local all.ipfix '--tz is for tables, CSV and TSV: times of JSON are in UTC'
for name in Europe/Nowhere ../../../etc/passwd /etc/localtime +25:00 +2:60 +1:2:3 '' + 'Europe/Berlin '; do
    wrong_view --tz "$name" all.ipfix "unknown time zone '$name': expected utc, local, a name such as"
done
