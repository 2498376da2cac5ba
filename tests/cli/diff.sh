# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# ipfixtool diff: forms, differences, statuses; part of tests/cli/run, whose variables and functions these are.

"$P2I" -q --records all -w all.ipfix -j all.jsonl "${samples[@]}"
gzip -k all.jsonl
"$P2I" -q --records all --threads 3 -w threads.ipfix "${samples[@]}"
"$P2I" -q --records all -w distinct.ipfix -c <(echo 'ipv6_elements: distinct') "${samples[@]}"

for pair in 'all.ipfix all.jsonl' 'all.jsonl.gz all.ipfix' 'all.ipfix threads.ipfix' 'all.ipfix distinct.ipfix' \
    'all.jsonl.gz all.jsonl'; do
    # shellcheck disable=SC2086
    ends 0 "diff $pair" "$IPFIXTOOL" diff $pair
    reports "diff $pair: the same" '^the same records' out
done
reports 'diff: JSON and JSON: the same order' '^the same records$' out
shuf --random-source=<(yes) all.jsonl >shuffled.jsonl
ends 0 'diff of another order' "$IPFIXTOOL" diff all.jsonl shuffled.jsonl
reports 'diff of another order: what' '^the same records, in another order$' out
ends 0 'diff of standard input' bash -c '"$1" diff - all.ipfix <all.jsonl' bash "$IPFIXTOOL"
sed 's/"SESSION_ID":"[0-9]*"/"SESSION_ID":"7"/' all.jsonl >sessions.jsonl
ends 0 'diff: sessions grouped otherwise' "$IPFIXTOOL" diff all.jsonl sessions.jsonl
reports 'diff: sessions grouped otherwise: named' '^grouped otherwise: 1 session of B: several in A' out
python3 - <<'END'
import json
with open("all.jsonl", encoding="utf-8") as lines:
    records = [json.loads(line) for line in lines]
with open("reordered.jsonl", "w", encoding="utf-8") as out:
    for record in records:
        print(json.dumps(dict(sorted(record.items(), reverse=True)), ensure_ascii=True), file=out)
END
ends 0 'diff: members in another order, other escapes' "$IPFIXTOOL" diff all.jsonl reordered.jsonl

# One difference of each kind, and what is said about it.
awk '/"record":"dns"/ && !done { sub(/"TTL":[0-9]+/, "\"TTL\":4711"); done = 1 } { print }' all.jsonl >ttl.jsonl
ends 1 'diff: a value' "$IPFIXTOOL" diff all.ipfix ttl.jsonl
reports 'diff: a value: the field' '^ *1  dns TTL, first: [0-9]* -> 4711$' out
reports 'diff: a value: the record' '^~ dns [0-9a-f.:]* [0-9a-f.:]* ' out
reports 'diff: a value: in it' '^    TTL: [0-9]* -> 4711$' out
ends 0 'diff --ignore' "$IPFIXTOOL" diff --ignore ttl all.ipfix ttl.jsonl
ends 0 'diff --ignore by number' "$IPFIXTOOL" diff -i LOGIN,43823/3204 all.ipfix ttl.jsonl
ends 0 'diff -r of another kind' "$IPFIXTOOL" diff -r mail all.ipfix ttl.jsonl
ends 1 'diff -r of the kind' "$IPFIXTOOL" diff -r dns all.ipfix ttl.jsonl
ends 1 'diff --json' "$IPFIXTOOL" diff --json all.ipfix ttl.jsonl
expect 'diff --json: a difference and the summary' python3 - "$scratch/out" <<'END'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
first, last = lines
assert first["record"] == "dns" and first["in"] == "both" and first["different"] == ["TTL"], first
assert first["b"]["TTL"] == 4711 and first["a"]["TTL"] != 4711 and first["a"]["DOMAIN"] == first["b"]["DOMAIN"]
assert last["same"] is False and [r["fields"] for r in last["records"] if r["record"] == "dns"] == [{"TTL": 1}]
END
ends 1 'diff --json -n 0' "$IPFIXTOOL" diff --json -n 0 all.ipfix ttl.jsonl
expect 'diff --json -n 0: the summary alone' sh -c 'test "$(wc -l <"$1")" -eq 1 &&
    grep -q "^{\"same\":false" "$1"' sh "$scratch/out"
grep -v '"record":"raw"' ttl.jsonl >without-raw.jsonl
ends 1 'diff: a kind that one file lacks' "$IPFIXTOOL" diff -n 2 all.ipfix without-raw.jsonl
reports 'diff: a kind that one file lacks: how many, and the signs' \
    '^2 of [0-9]* differences (- only in A, + only in B, ~ in both, ' out
expect 'diff: a kind that one file lacks: comes last' test "$(grep '^[-+~] ' "$scratch/out" | cut -d' ' -f1,2 | tr '\n' ' ')" = \
    '~ dns - raw '
ends 1 'diff --json: a kind that one file lacks' "$IPFIXTOOL" diff --json -n 3 all.ipfix without-raw.jsonl
expect 'diff --json -n 3: three and the summary' test "$(wc -l <"$scratch/out")" -eq 4
sed 1d all.jsonl >less.jsonl
ends 1 'diff: a record less' "$IPFIXTOOL" diff all.jsonl less.jsonl
reports 'diff: a record less: only in A' '^- [a-z_]* TIME_STAMP=' out
ends 1 'diff: a record more' "$IPFIXTOOL" diff less.jsonl all.jsonl
reports 'diff: a record more: only in B' '^+ [a-z_]* TIME_STAMP=' out
ends 1 'diff -n 0' "$IPFIXTOOL" diff -n 0 less.jsonl all.jsonl
expect 'diff -n 0: no record' test "$(grep -c '^[-+~] ' "$scratch/out")" -eq 0
sed 's/"cut":true/"cut":true,"more":1/' all.jsonl >more.jsonl
ends 1 'diff: a member that some records lack' "$IPFIXTOOL" diff all.jsonl more.jsonl
awk '{ while (match($0, /"TIME_STAMP":[0-9]+/)) { printf "%s\"TIME_STAMP\":%d", substr($0, 1, RSTART - 1),
    substr($0, RSTART + 13, RLENGTH - 13) + 2; $0 = substr($0, RSTART + RLENGTH) } print }' all.jsonl >later.jsonl
ends 1 'diff of clocks that differ' "$IPFIXTOOL" diff all.jsonl later.jsonl
ends 0 'diff --tolerance' "$IPFIXTOOL" diff --tolerance 2 all.jsonl later.jsonl
reports 'diff --tolerance: the same order' '^the same records$' out
tac later.jsonl >backwards.jsonl
ends 0 'diff --tolerance: another order' "$IPFIXTOOL" diff --tolerance 2 all.jsonl backwards.jsonl
reports 'diff --tolerance: another order: what' '^the same records, in another order$' out
ends 1 'diff --tolerance: too small' "$IPFIXTOOL" diff --tolerance 1 all.jsonl later.jsonl

# The example of ipfixtool(1).
"$P2I" -q -w old.ipfix "$dns" "$root/samples/captures/ftp-passive.pcap"
"$P2I" -q --redact -w new.ipfix "$dns" "$root/samples/captures/ftp-passive.pcap"
ends 1 'diff of settings' "$IPFIXTOOL" diff -n 1 -r ftp old.ipfix new.ipfix
expect 'diff of settings: as the manual has it' diff <(sed -n '/^ different  field/,$p' "$scratch/out") \
    <(sed -n '/^ different  field/,/^\.Ed/{/^\.Ed/!p}' "$root/man/ipfixtool.1.in")

# What cannot be compared.
ends 2 'diff: one file' "$IPFIXTOOL" diff all.jsonl
reports 'diff: one file: message' 'diff: 1 file given: expected A and B'
ends 2 'diff: standard input twice' "$IPFIXTOOL" diff - -
ends 2 'diff: an unknown field' "$IPFIXTOOL" diff -i HOST_NAME all.ipfix all.jsonl
reports 'diff: an unknown field: which' "unknown field 'HOST_NAME'; did you mean 'HOSTNAME'?"
ends 2 'diff: an unknown kind' "$IPFIXTOOL" diff -r dnss all.ipfix all.jsonl
ends 2 'diff: no tolerance' "$IPFIXTOOL" diff -t soon all.ipfix all.jsonl
ends 3 'diff: a file that is missing' "$IPFIXTOOL" diff all.ipfix nowhere
reports 'diff: a file that is missing: which' 'nowhere: cannot open: No such file'
ends 1 'diff: a text' "$IPFIXTOOL" diff all.ipfix "$root/README.md"
head -c 20000 all.ipfix >cut.ipfix
ends 1 'diff: a file that is cut' "$IPFIXTOOL" diff cut.ipfix all.ipfix
reports 'diff: a file that is cut: where' 'cut.ipfix: .*byte'
{ head -n 3 all.jsonl; echo '{"record":'; } >broken.jsonl
ends 1 'diff: a line that is broken' "$IPFIXTOOL" diff broken.jsonl all.jsonl
reports 'diff: a line that is broken: which' 'broken.jsonl: .*line 4'
# Values are shown as other verbs show them.
record() { printf '{"record":"dns","DOMAIN":"%s","RRTYPE":1,"SESSION_ID":"1","TIME_STAMP":1}\n' "$1"; }
record 'a\u0001\"b\\xff/' >one.jsonl
record 'é\n\u0085' >two.jsonl
ends 1 'diff: values with control characters' "$IPFIXTOOL" diff one.jsonl two.jsonl
shown() { "$IPFIXTOOL" view --vertical "$1" | sed -n 's/^ *DOMAIN *//p'; }
expect 'diff: values are those of view' grep -qxF "    DOMAIN: $(shown one.jsonl) -> $(shown two.jsonl)" \
    "$scratch/out"
reports 'diff: values with control characters: escaped once' 'DOMAIN: a.x01"b.xff/ -> é.x0a.xc2.x85$' out
rm -f ./*.jsonl ./*.jsonl.gz threads.ipfix distinct.ipfix cut.ipfix
