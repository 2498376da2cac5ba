# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# DNS records and their text log; part of tests/cli/run, whose variables and functions these are.

dns6=$root/samples/captures/dns-udp-ipv6.pcapng
# Makes the log columns that JSON has in the same form from JSON.
cat >columns.py <<'END'
import json
import sys
for line in sys.stdin:
    row = json.loads(line)
    six = "IP_SOURCE_V6" in row
    names = ("TIME_STAMP", "SESSION_ID", "LOGIN", "IP_SOURCE_V6" if six else "IP_SOURCE",
             "IP_DESTINATION_V6" if six else "IP_DESTINATION", "PORT_SOURCE", "PORT_DESTINATION",
             "TRANSPORT", "DOMAIN", "RRTYPE", "RRCLASS", "TTL")
    print(*(row[name] for name in names), len(row["RDATA"]) // 2, sep="\t")
END
mkdir log
ends 0 '--dns-log' "$P2I" -q --dns-log log -j dns.jsonl "${samples[@]}"
grep '"record":"dns"' dns.jsonl | python3 columns.py >columns
expect '--dns-log: the columns are those of JSON' bash -c 'cat log/*.log | cut -f 1-13 | cmp - columns'
expect '--dns-log: names of the files' test "$(cd log && echo ./*)" = \
    './dns_20261123T052733Z.log ./dns_20261123T054929Z.log'
expect '--dns-log: data in presentation form' grep -q \
    $'\tshop.example\t28\t1\t3600\t16\t2001:db8:2::80$' log/dns_20261123T052733Z.log
ends 4 '--dns-log replaces no file' "$P2I" -q --dns-log log -j /dev/null "${samples[@]}"
reports '--dns-log replaces no file: which' '^pcap2ipfix: log: dns_20261123T052733Z.log: already exists$'
cat log/*.log >whole.log

# With configuration keys: files of 1,000 bytes, which together equal the log in one file.
mkdir keys
printf '%s\n' 'ajb_save_dns: 1' 'ajb_dns_path: keys' 'ajb_dns_fsize: 1000' >log.yaml
ends 0 'ajb_save_dns' "$P2I" -q -c log.yaml -j /dev/null --records dns "${samples[@]}"
expect 'ajb_dns_fsize: files' test "$(find keys -name '*.log' | wc -l)" -gt 20
expect 'ajb_dns_fsize: each ends with the line that reaches it' python3 -c '
import glob
for path in glob.glob("keys/*.log"):
    text = open(path, "rb").read()
    assert text.endswith(b"\n") and len(text[:text[:-1].rfind(b"\n") + 1]) < 1000, path'
expect 'ajb_dns_fsize: nothing is lost' bash -c 'sort keys/*.log | cmp - <(sort whole.log)'
rm -r keys
mkdir keys
printf '%s\n' 'ajb_save_dns: 1' 'ajb_dns_path: keys' 'ajb_dns_fsize: 0' 'ajb_dns_ftimeout: 2' \
    'ajb_save_dns_format: rdata:ts:host' >log.yaml
ends 0 'ajb_dns_ftimeout' "$P2I" -q -c log.yaml -j /dev/null --records dns "${samples[@]}"
expect 'ajb_dns_ftimeout: files of 2 s' python3 -c '
import glob
times = [[int(line.split("\t")[1]) for line in open(path)] for path in sorted(glob.glob("keys/*.log"))]
assert len(times) > 3
for one, two in zip(times, times[1:]):
    assert max(one) - one[0] < 2 <= two[0] - one[0], (one, two)'
expect 'ajb_save_dns_format' bash -c 'cat keys/*.log |
    cmp - <(awk -F "\t" -v OFS="\t" "{print \$14, \$1, \$9}" whole.log)'
ends 0 '--dns-log overrides ajb_dns_path' "$P2I" -q -c log.yaml --dns-log . -j /dev/null --records dns "$dns"
expect '--dns-log overrides ajb_dns_path: the file' test -s dns_20261123T052733Z.log
rm -f dns_*.log
rm -r keys
mkdir keys
ends 0 '--dns-log without a record' "$P2I" -q --dns-log keys -j /dev/null "$web"
expect '--dns-log without a record: no file' test -z "$(ls -A keys)"
wrong 'ajb_save_dns_format' 'threads: 1\najb_save_dns_format: ts:nothing\n' 2 'nothing'
ends 2 '--dns-log without dns' "$P2I" -q --records sip --dns-log keys -j /dev/null "$dns"
reports '--dns-log without dns: why' 'needs dns in --records'

# Directories that cannot be written to.
refused_log()
{
    ends 4 "$1" "$P2I" -q --dns-log "$2" -w x.ipfix -j x.jsonl "$dns"
    expect "$1: one line" test "$(wc -l <"$scratch/err")" -eq 1
    reports "$1: where and why" "^pcap2ipfix: $2: .*$3"
    expect "$1: nothing is written" test ! -e x.ipfix -a ! -e x.jsonl
}
refused_log '--dns-log: no folder' nowhere 'No such file or directory'
refused_log '--dns-log: a file' "$dns" 'Not a directory'
ends 4 '--dns-log: disk full' bash -c 'trap "" XFSZ; ulimit -f 1; exec "$@"' bash \
    "$P2I" -q --dns-log keys -j /dev/null "${samples[@]}"
expect '--dns-log: disk full: one line' test "$(wc -l <"$scratch/err")" -eq 1
reports '--dns-log: disk full: where and why' \
    '^pcap2ipfix: keys: dns_20261123T052733Z.log: cannot write: File too large$'
expect '--dns-log: disk full: nothing is left' test -z "$(ls -A keys)"

# Queries.
sets() { "$P2I" -q -j - --records dns "$@" | sort; }
sets "$dns" "$dns6" >answers
sets --dns-export queries "$dns" "$dns6" >queries
sets --dns-export both "$dns" "$dns6" >both.sorted
expect '--dns-export answers is the default' bash -c 'cmp answers <("$0" -q -j - --records dns \
    --dns-export answers "$@" | sort)' "$P2I" "$dns" "$dns6"
expect '--dns-export both' bash -c 'sort answers queries | cmp - both.sorted'
expect '--dns-export queries: one record a query, without data' python3 -c '
import json
rows = [json.loads(line) for line in open("queries")]
assert rows and all(row["PORT_DESTINATION"] == 53 for row in rows)
assert all(row["TTL"] == 0 and row["RDATA"] == "" and row["DOMAIN"] for row in rows)'
printf 'dns_export: queries\n' >queries.yaml
expect 'dns_export' bash -c 'cmp queries <("$0" -q -j - -c queries.yaml --records dns "$@" | sort)' \
    "$P2I" "$dns" "$dns6"
ends 2 '--dns-export: unknown' "$P2I" -q --dns-export all "$dns"
empty() { "$P2I" -q -j - --records dns "$@" | grep -c '"RDATA":""'; }
echo 'dns_empty_responses: false' >full.yaml
expect 'dns_empty_responses: a response without an answer' test "$(empty "$dns")" -gt 0
expect 'dns_empty_responses: none' test "$(empty -c full.yaml "$dns")" -eq 0

# Keys that change the form of records: other readers understand it, and the records are the same.
# Messages may end elsewhere, so that records of another domain come first.
view_all()
{
    "$IPFIXTOOL" view --json "$1" | sed 's/IP_\(SOURCE\|DESTINATION\)_V6/IP_\1/g' | sort
}
"$P2I" -q --records all,biflow -w usual.ipfix "${samples[@]}"
view_all usual.ipfix >usual.jsonl
form()
{
    echo "$2" >form.yaml
    ends 0 "$1" "$P2I" -q --records all,biflow -c form.yaml -w form.ipfix "${samples[@]}"
    expect "$1: is well-formed" "$IPFIXTOOL" check form.ipfix
    view_all form.ipfix >form.jsonl
    expect "$1: the records are the same" cmp form.jsonl usual.jsonl
    if [ -d "$shared/tools" ]; then
        expect "$1: an independent decoder has as many" bash -c 'python3 "$0" --types "$1" \
            form.ipfix | grep -c "\"set\": \"data\"" | grep -qx "$(wc -l <usual.jsonl)"' \
            "$shared/tools/ipfix2json.py" "$shared/spec/elements.tsv"
    else
        skip "$1: an independent decoder" 'no ../shared/tools'
    fi
}
form 'varlen' 'varlen: long'
expect 'varlen: long is longer' test "$(stat -c %s form.ipfix)" -gt $(($(stat -c %s usual.ipfix) + 5000))
form 'ipv6_elements' 'ipv6_elements: distinct'
expect 'ipv6_elements: everywhere' test "$("$IPFIXTOOL" view --json form.ipfix |
    grep -c '"IP_SOURCE":"[0-9a-f]*:')" -eq 0
form 'observation_domains' 'observation_domains: {clickstream: 10, flow: 0, meta: 4294967295, dns: 10}'
form 'all forms' '{varlen: long, ipv6_elements: distinct, observation_domains: {dns: 9}}'
