# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# ipfixtool top: counts against those of Python; part of tests/cli/run, behind forms.sh, whose files these are.

top() { "$IPFIXTOOL" top "$@"; }

# counts NAME FIELDS [OPTION...]: the rows of CSV are those that count.py counts.
cat >count.py <<'END'
import collections
import csv
import io
import json
import subprocess
import sys

tool, file, fields, *options = sys.argv[1:]
fields = fields.split(",")
distinct = [options[i + 1] for i, word in enumerate(options) if word == "--distinct"]
every = next((int(options[i + 1]) for i, word in enumerate(options) if word == "--every"), 0)
by = next((options[i + 1] for i, word in enumerate(options) if word == "--by"), "records")
limit = next((int(options[i + 1]) for i, word in enumerate(options) if word == "-n"), 10)
view = subprocess.run([tool, "view", "--csv", "-F", ",".join(["time", *fields, *distinct, "octetDeltaCount",
                      "reverseOctetDeltaCount", "packetDeltaCount", "reversePacketDeltaCount", "record"]), file],
                      capture_output=True, text=True, check=True).stdout
# A cell of CSV is empty for an empty value and for none: the members of JSON tell which.
lines = [json.loads(line) for line in open("form.jsonl")]
if file.endswith("ipfix"):
    lines = [json.loads(line) for line in
             subprocess.run([tool, "view", "--json", file], capture_output=True, text=True).stdout.splitlines()]
rows = collections.defaultdict(lambda: [0, 0, 0, [set() for _ in distinct]])
flows = False
for row, line in zip(list(csv.reader(io.StringIO(view)))[1:], lines, strict=True):
    time, *values = row
    key, values = values[:len(fields)], values[len(fields):]
    if any(name[0].isupper() and name not in line for name in fields) or \
            any(not name[0].isupper() and cell == "" and name != "host" for name, cell in zip(fields, key)):
        continue
    if "host" in fields and not {"HOSTNAME", "DOMAIN", "FLOW_HOST"} & set(line):
        continue
    if every:
        import datetime
        second = int(datetime.datetime.fromisoformat(time[:19] + "+00:00").timestamp())
        start = datetime.datetime.fromtimestamp(second - second % every, datetime.timezone.utc)
        key.insert(0, start.strftime("%Y-%m-%dT%H:%M:%SZ"))
    count = rows[tuple(key)]
    count[0] += 1
    if "flow" in line["record"]:
        flows = True
        count[1] += int(values[len(distinct)] or 0) + int(values[len(distinct) + 1] or 0)
        count[2] += int(values[len(distinct) + 2] or 0) + int(values[len(distinct) + 3] or 0)
    for one, cell, name in zip(count[3], values, distinct):
        if cell or name in line:
            one.add(cell)
want = [[*key, count[0], *(count[1:3] if flows else []), *map(len, count[3])] for key, count in rows.items()]
place = {"records": -1 - 2 * flows - len(distinct), "bytes": -2 - len(distinct), "packets": -1 - len(distinct)}
place = place[by] if by in place else distinct.index(by) - len(distinct)
got = list(csv.reader(io.StringIO(subprocess.run([tool, "top", "--csv", "-F", ",".join(fields), *options, file],
                                                 capture_output=True, text=True, check=True).stdout)))
head = [*(["time"] if every else []), *fields, "records", *(["bytes", "packets"] if flows else []),
        *("distinct_" + name for name in distinct)]
assert got[0] == head, (got[0], head)
want = [[str(cell) for cell in row] for row in want]
if limit == 0:
    assert sorted(got[1:]) == sorted(want), (sorted(got[1:])[:5], sorted(want)[:5])
order = [(row[0] if every else "", -int(row[place])) for row in got[1:]]
assert order == sorted(order), order[:10]
kept = collections.Counter()
top = []
for bucket, weight in sorted((row[0] if every else "", -int(row[place])) for row in want):
    kept[bucket] += 1
    if limit == 0 or kept[bucket] <= limit:
        top.append((bucket, weight))
assert order == top, (order[:10], top[:10])
assert all(row in want for row in got[1:])
END
counts() { expect "top: $1" python3 count.py "$IPFIXTOOL" form.ipfix "${@:2}"; }
counts 'of a field' DOMAIN -n 0
counts 'the first ten' DOMAIN
counts 'of several fields' RRTYPE,client,port -n 0
counts 'of parts' client,server,port,record -n 0
counts 'of hosts, with bytes' host -n 0
counts 'by bytes' DPI_PROTOCOL,server --by bytes -n 7
counts 'by packets' server --by packets -n 3
counts 'of distinct values' port -n 0 --distinct client --distinct session
counts 'by distinct values' record -n 5 --distinct client --distinct server --by server
counts 'by the hour' record -n 0 --every 3600
counts 'by the minute, the most frequent of each' client -n 2 --every 60 --distinct port
counts 'of names' METHOD -n 0
expect 'top: of JSON Lines' python3 count.py "$IPFIXTOOL" form.jsonl RRTYPE,client -n 0
for units in '1m 60' '2h 7200' '1d 86400' '30s 30'; do
    expect "top --every ${units% *}" cmp <(top --csv -F record --every "${units% *}" form.ipfix) \
        <(top --csv -F record --every "${units#* }" form.ipfix)
done
expect 'top of standard input, several files and compressed ones' cmp <(gzip -c form.ipfix |
    top --csv -F client,record -n 0 form.jsonl -) <(top --csv -F client,record -n 0 form.ipfix form.jsonl)
expect 'top with a filter' cmp <(top --csv -F client -n 0 -f METHOD=GET form.ipfix | tail -n +2 | sort) <(
    view --csv -F client -f METHOD=GET form.ipfix | tail -n +2 | sort | uniq -c | sed -E 's/ *([0-9]+) (.*)/\2,\1/' | sort
)
expect 'top --json' bash -c '"$0" top --json -F METHOD -n 1 --distinct client "$1" |
    grep -qxE "\{\"METHOD\":1,\"records\":[0-9]+,\"distinct_client\":[0-9]+\}"' "$IPFIXTOOL" form.ipfix
expect 'top --json --names' bash -c '"$0" top --json --names -F METHOD,session -n 1 "$1" |
    grep -qE "^\{\"METHOD\":\"GET\",\"session\":\"[0-9]+\",\"records\":[0-9]+\}$"' "$IPFIXTOOL" form.ipfix
expect 'top --numbers' bash -c '"$0" top --csv --numbers -F METHOD "$1" | sed -n 2p | grep -q "^1,"' "$IPFIXTOOL" form.ipfix
expect 'top: a table' bash -c '"$0" top -F record -n 3 "$1" | sed -n 2p | grep -qx "record *records *bytes *packets"' \
    "$IPFIXTOOL" form.ipfix
expect 'top: values are safe' bash -c '"$0" top -F USER_AGENT formulas.ipfix | grep -qF "\\xe2\\x80\\xaegnp.exe"' "$IPFIXTOOL"
top --csv -F USER_AGENT -n 0 formulas.ipfix >agents.csv
expect 'top: formulas are text in CSV' grep -qxF "'+1+1,1" agents.csv
# A name of the tables that no record has is no error; an unknown one is.
ends 0 'top of a field that no record has' "$IPFIXTOOL" top --csv -F MAIL_SENDER formulas.ipfix
reports 'top of a field that no record has: why' "no record has field 'MAIL_SENDER'"

python3 -c '
for i in range(3):
    print("{\"record\":\"dns\",\"LOGIN\":\"%s\",\"DOMAIN\":\"%s\",\"RDATA\":\"00\"}" % ("a" * 9000, chr(98 + i) * 30000))
' >long.jsonl
expect 'top: a table of long values' bash -c '"$0" top --width 60 -F LOGIN,DOMAIN long.jsonl | tail -n 1 | grep -q "^a*… *d*… *1$"' \
    "$IPFIXTOOL"

# Many values: memory is bounded, and the message says what is approximate. The most frequent stay.
python3 - >many.jsonl <<'END'
for i in range(200000):
    print('{"record":"dns","DOMAIN":"%s","LOGIN":"%d","RRTYPE":1}' % ("often" if i % 4 == 0 else "n%d" % i, i))
END
ends 0 'top of many values' "$IPFIXTOOL" top --csv -F DOMAIN --memory 2M -n 1 many.jsonl
expect 'top of many values: the most frequent' grep -qx 'often,50000' "$scratch/out"
reports 'top of many values: what is approximate' '^ipfixtool: top: more values than fit into --memory: [0-9]* rare'
ends 0 'top of many values with memory' "$IPFIXTOOL" top --csv -F DOMAIN -n 0 many.jsonl
expect 'top of many values with memory: all of them' test "$(wc -l <"$scratch/out")" -eq 150002 -a ! -s "$scratch/err"
ends 0 'top of many distinct values' "$IPFIXTOOL" top --csv -F RRTYPE --distinct LOGIN many.jsonl
expect 'top of many distinct values: exact' grep -qx 'A,200000,200000' "$scratch/out"
ends 0 'top of many distinct values in little memory' "$IPFIXTOOL" top --csv -F RRTYPE,record --distinct LOGIN \
    --memory 1M many.jsonl many.jsonl
expect 'top of many distinct values in little memory: nearly' python3 -c '
import sys
row = open(sys.argv[1]).read().splitlines()[1].split(",")
assert row[:3] == ["A", "dns", "400000"] and abs(int(row[3]) - 200000) < 12000, row' "$scratch/out"
reports 'top of many distinct values in little memory: said' 'numbers above 384 are approximate'

# Values that are longer than a key, and times that are no Unix seconds of 32 bits.
echo "{\"record\":\"clickstream\"$(printf ',"%s":"%065000d"' HOSTNAME 0 PATH 0 REFER 0 COOKIE 0)}" >long.jsonl
ends 0 'top of long values' "$IPFIXTOOL" top --csv -F HOSTNAME,PATH,REFER,COOKIE long.jsonl
expect 'top of long values: the key is no longer' test "$(wc -c <"$scratch/out")" -lt 61600
for time in 0 4294967295999 4294967296000 4611686018427387904; do
    echo "{\"record\":\"flow\",\"octetDeltaCount\":1,\"packetDeltaCount\":1,\"flowStartMilliseconds\":$time}"
done >odd-times.jsonl
ends 0 'top of odd times' "$IPFIXTOOL" top --csv -F record --every 1s odd-times.jsonl
expect 'top of odd times: in the first and the last bucket' diff <(sed 1d "$scratch/out") \
    <(printf '%s\n' 1970-01-01T00:00:00Z,flow,1,1,1 2106-02-07T06:28:15Z,flow,3,3,3)

# wrong_top ARGUMENT... WORDS: status 2, why, and nothing is shown.
wrong_top()
{
    local words=${*: -1}
    set -- "${@:1:$#-1}"
    ends 2 "top $*" "$IPFIXTOOL" top "$@"
    reports "top $*: why" "^ipfixtool: top: .*$words"
    expect "top $*: nothing is shown" test ! -s "$scratch/out"
}
wrong_top form.ipfix 'no field given: add -F FIELD'
wrong_top -F host 'no file given'
wrong_top -F hsot form.ipfix "unknown field 'hsot'; did you mean 'host'?"
wrong_top -F host --distinct clent form.ipfix "unknown field 'clent'; did you mean 'client'?"
wrong_top -F host --by client form.ipfix "'client' is not records, bytes, packets or a field of --distinct"
wrong_top -F host --every 1w form.ipfix "'1w' is no time such as 30s, 15m, 1h, 1d"
wrong_top -F host --every 0 form.ipfix "'0' is no time"
wrong_top -F host --every 99999999999999999999 form.ipfix 'is no time'
wrong_top -F host -n x form.ipfix 'limit needs a number'
wrong_top -F host --memory 1K form.ipfix "'1K' is not a size of at least 1M"
wrong_top -F , form.ipfix 'fields needs names'
wrong_top -F host -f 'port = x' form.ipfix '--filter: port is a number'
wrong_top -F "$(seq -s, 1 40)" form.ipfix 'more than 32 fields'
wrong_top -F host --json --csv form.ipfix 'only one of --json, --csv, --tsv'
ends 3 'top of a file that is not there' "$IPFIXTOOL" top -F host nowhere.ipfix
: >empty
ends 0 'top of an empty file' "$IPFIXTOOL" top --csv -F host empty
ends 1 'top of something else' "$IPFIXTOOL" top -F host nonsense
head -c 100000 form.ipfix >cut.ipfix
ends 1 'top of a damaged file' "$IPFIXTOOL" top --csv -F record cut.ipfix
expect 'top of a damaged file: what was read' test "$(wc -l <"$scratch/out")" -gt 1
ends 0 'an option of ipfixtool that is given twice' "$IPFIXTOOL" view -n 5 --limit 1 -F TIME_STAMP "$scratch/work/all.ipfix"
reports 'an option of ipfixtool that is given twice: a warning' '^ipfixtool: view: --limit is given twice; the last one counts$'
expect 'an option of ipfixtool that is given twice: the last one counts' test "$(grep -c . "$scratch/out")" -le 4
ends 0 'an option that may be given twice' "$IPFIXTOOL" view -F TIME_STAMP -F RRTYPE -f RRTYPE -f DOMAIN "$scratch/work/all.ipfix"
expect 'an option that may be given twice: no warning' test ! -s "$scratch/err"
