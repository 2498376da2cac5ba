# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Shards and ipfixtool merge; part of tests/cli/run, whose variables and functions these are.

# Each packet is handled by exactly one shard.
handled=0
for shard in 1 2 3; do
    ends 0 "--shard $shard/3" "$P2I" -q --stats=json --shard "$shard/3" -w "shard$shard.ipfix" \
        "${samples[@]}"
    handled=$((handled + $(python3 -c '
import json, sys
stats = json.load(open(sys.argv[1]))
assert stats["frames"] == sum(stats["fates"].values()), stats
parts = ("parsed_bytes", "ignored_bytes", "retransmitted_bytes")
assert stats["payload_bytes"] == sum(stats[name] for name in parts), stats
assert stats["fates"]["other_share"] > 0 and stats["tcp_sessions"] > 0, stats
print(stats["fates"]["handled"])' "$scratch/err" || echo 100000000)))
done
"$P2I" -q --stats=json -j /dev/null "${samples[@]}" 2>"$scratch/err"
expect '--shard: every packet is handled once' test "$handled" -eq \
    "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["fates"]["handled"])' "$scratch/err")"
ends 2 '--shard 4/3' "$P2I" -q --shard 4/3 -w x.ipfix "$dns"
ends 0 'merge one file' "$IPFIXTOOL" merge whole.ipfix -w merged.ipfix
complete 'merge one file' merged.ipfix
merges() { ends 0 "merge $1" "$IPFIXTOOL" merge -w other.ipfix "${@:2}"; expect "merge $1: the same" cmp merged.ipfix other.ipfix; }
merges 'a merged file' merged.ipfix
merges 'shards' shard1.ipfix shard2.ipfix shard3.ipfix
merges 'shards in another order' shard3.ipfix shard1.ipfix shard2.ipfix
merges 'files by size' size.0*.ipfix
merges 'files by time' at*.ipfix
merges 'a compressed file' whole.ipfix.gz
merges 'with little memory' -m 1M whole.ipfix
"$P2I" -q --no-element-types --file-options all -w other.ipfix "${samples[@]}"
mv other.ipfix bare.ipfix
merges 'without type records, with file options' bare.ipfix
ends 0 'merge keeps duplicates' "$IPFIXTOOL" merge whole.ipfix whole.ipfix -w twice.ipfix
expect 'merge keeps duplicates: all of them' test "$("$IPFIXTOOL" view --json twice.ipfix | wc -l)" \
    -eq $((2 * $(wc -l <whole.jsonl)))
ends 0 'merge --unique' "$IPFIXTOOL" merge --unique whole.ipfix -w once.ipfix
ends 0 'merge --unique of twice' "$IPFIXTOOL" merge --unique -w once2.ipfix whole.ipfix shard1.ipfix
expect 'merge --unique: duplicates are removed' cmp once.ipfix once2.ipfix
expect 'merge --unique: each record' test "$("$IPFIXTOOL" view --json once.ipfix | wc -l)" -eq \
    "$("$IPFIXTOOL" view --json merged.ipfix | sort -u | wc -l)"
"$P2I" -q -f 'tcp port 1' -w empty.ipfix "$dns"
merges 'with an empty file' empty.ipfix whole.ipfix empty.ipfix
ends 0 'merge empty files' "$IPFIXTOOL" merge empty.ipfix -w other.ipfix
expect 'merge empty files: is well-formed' "$IPFIXTOOL" check other.ipfix
ends 2 'merge without -w' "$IPFIXTOOL" merge whole.ipfix
ends 2 'merge without a file' "$IPFIXTOOL" merge -w other.ipfix
ends 2 'merge into its input' "$IPFIXTOOL" merge whole.ipfix -w ./whole.ipfix
ends 4 'merge into a full device' "$IPFIXTOOL" merge whole.ipfix -w /dev/full
reports 'merge into a full device: why' '/dev/full: cannot write: No space'
ends 4 'merge into a folder that is missing' "$IPFIXTOOL" merge whole.ipfix -w no-such/x.ipfix
ends 3 'merge with a file that is missing' "$IPFIXTOOL" merge no-such.ipfix whole.ipfix -w other.ipfix
expect 'merge with a file that is missing: the others' cmp merged.ipfix other.ipfix
head -c 70000 whole.ipfix >cut.ipfix
ends 1 'merge a truncated file' "$IPFIXTOOL" merge cut.ipfix -w other.ipfix
expect 'merge a truncated file: the part before the cut' "$IPFIXTOOL" check other.ipfix
# Templates and times as damage or an attacker can make them.
python3 - <<'END'
import struct
def message(*sets):
    body = b"".join(struct.pack(">HH", number, 4 + len(data)) + data for number, data in sets)
    return struct.pack(">HHLLL", 10, 16 + len(body), 1, 0, 1) + body
def flows(template, fields):
    return (2, struct.pack(">HH", template, 1 + fields) + struct.pack(">HH", 150, 4) +
            struct.pack(">HH", 210, 1) * fields)
with open("redefined.ipfix", "wb") as file:
    for number in range(60000):
        file.write(message(flows(300, number % 3), (300, struct.pack(">L", 9) + bytes(number % 3))))
with open("templates.ipfix", "wb") as file:
    for number in range(20000):
        file.write(message(flows(300 + number % 60000, 1), (300 + number % 60000, bytes(5))))
with open("second.ipfix", "wb") as file:
    file.write(message((2, struct.pack(">6H", 300, 2, 150, 4, 148, 8))))
    for number in range(2 * 60):
        file.write(message((300, b"".join(struct.pack(">LQ", 7, number % 60 * 1000 + i)
                                          for i in range(1000)))))
END
ends 0 'merge templates that are redefined' timeout 300 "$IPFIXTOOL" merge redefined.ipfix -w other.ipfix
"$IPFIXTOOL" check -q other.ipfix >"$scratch/out"
reports 'merge templates that are redefined: three of them' '3 templates, 60000 records, 0 defects' out
rm -f other.ipfix
ends 6 'merge too many templates' timeout 300 "$IPFIXTOOL" merge templates.ipfix -w other.ipfix
reports 'merge too many templates: why' 'templates.ipfix: more than 16384 different templates'
expect 'merge too many templates: nothing is written' bash -c '! ls -A | grep other'
ends 0 'merge --unique of one second' timeout 300 "$IPFIXTOOL" merge -u second.ipfix -w other.ipfix
expect 'merge --unique of one second: each record' test \
    "$("$IPFIXTOOL" view --json other.ipfix | sort -u | wc -l)" -eq 60000 -a \
    "$("$IPFIXTOOL" view --json other.ipfix | wc -l)" -eq 60000
# A template without a time, and one record.
python3 - <<'END'
import struct
sets = struct.pack(">8H", 2, 12, 300, 1, 1, 4, 300, 8) + bytes(4)
open("alien.ipfix", "wb").write(struct.pack(">HHLLL", 10, 16 + len(sets), 1, 0, 1) + sets)
END
rm -f other.ipfix
ends 2 'merge records without a time' "$IPFIXTOOL" merge whole.ipfix alien.ipfix -w other.ipfix
reports 'merge records without a time: which' 'alien.ipfix: records of template 300 .* no time'
expect 'merge records without a time: nothing is written' bash -c '! ls -A | grep other'
