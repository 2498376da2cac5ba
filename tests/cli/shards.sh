# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Shares, and what makes them one again; part of tests/cli/run, whose variables and functions these are.

# Shares, and what makes them one again.
handled=0
for share in 1 2 3; do
    ends 0 "--shard $share/3" "$P2I" -q --stats=json --shard "$share/3" -w "share$share.ipfix" \
        "${samples[@]}"
    handled=$((handled + $(python3 -c '
import json, sys
books = json.load(open(sys.argv[1]))
assert books["frames"] == sum(books["fates"].values()), books
parts = ("parsed_bytes", "ignored_bytes", "retransmitted_bytes")
assert books["payload_bytes"] == sum(books[name] for name in parts), books
assert books["fates"]["other_share"] > 0 and books["tcp_sessions"] > 0, books
print(books["fates"]["handled"])' "$scratch/err" || echo 100000000)))
done
"$P2I" -q --stats=json -j /dev/null "${samples[@]}" 2>"$scratch/err"
expect '--shard: every packet is handled once' test "$handled" -eq \
    "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["fates"]["handled"])' "$scratch/err")"
ends 2 '--shard 4/3' "$P2I" -q --shard 4/3 -w x.ipfix "$dns"
ends 0 'merge one file' "$IPFIXTOOL" merge whole.ipfix -w merged.ipfix
complete 'merge one file' merged.ipfix
merges() { ends 0 "merge $1" "$IPFIXTOOL" merge -w other.ipfix "${@:2}"; expect "merge $1: the same" cmp merged.ipfix other.ipfix; }
merges 'what was merged' merged.ipfix
merges 'shares' share1.ipfix share2.ipfix share3.ipfix
merges 'shares in another order' share3.ipfix share1.ipfix share2.ipfix
merges 'files by size' size.0*.ipfix
merges 'files by time' at*.ipfix
merges 'a packed file' whole.ipfix.gz
merges 'with little memory' -m 1M whole.ipfix
"$P2I" -q --no-element-types --file-options all -w other.ipfix "${samples[@]}"
mv other.ipfix bare.ipfix
merges 'without type records, with file options' bare.ipfix
ends 0 'merge keeps what is there twice' "$IPFIXTOOL" merge whole.ipfix whole.ipfix -w twice.ipfix
expect 'merge keeps what is there twice: all' test "$("$IPFIXTOOL" view --json twice.ipfix | wc -l)" \
    -eq $((2 * $(wc -l <whole.jsonl)))
ends 0 'merge --unique' "$IPFIXTOOL" merge --unique whole.ipfix -w once.ipfix
ends 0 'merge --unique of twice' "$IPFIXTOOL" merge --unique -w once2.ipfix whole.ipfix share1.ipfix
expect 'merge --unique: once' cmp once.ipfix once2.ipfix
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
says 'merge into a full device: why' '/dev/full: cannot be written: No space'
ends 4 'merge into a folder that is missing' "$IPFIXTOOL" merge whole.ipfix -w no-such/x.ipfix
ends 3 'merge with a file that is missing' "$IPFIXTOOL" merge no-such.ipfix whole.ipfix -w other.ipfix
expect 'merge with a file that is missing: the others' cmp merged.ipfix other.ipfix
head -c 70000 whole.ipfix >cut.ipfix
ends 1 'merge a cut file' "$IPFIXTOOL" merge cut.ipfix -w other.ipfix
expect 'merge a cut file: what came before' "$IPFIXTOOL" check other.ipfix
# What damage, or somebody who means it, can make of templates and times.
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
says 'merge templates that are redefined: three of them' '3 templates, 60000 records, 0 defects' out
rm -f other.ipfix
ends 6 'merge too many templates' timeout 300 "$IPFIXTOOL" merge templates.ipfix -w other.ipfix
says 'merge too many templates: why' 'templates.ipfix: more than 16384 different templates'
expect 'merge too many templates: nothing is written' bash -c '! ls -A | grep other'
ends 0 'merge --unique of one second' timeout 300 "$IPFIXTOOL" merge -u second.ipfix -w other.ipfix
expect 'merge --unique of one second: each record' test \
    "$("$IPFIXTOOL" view --json other.ipfix | sort -u | wc -l)" -eq 60000 -a \
    "$("$IPFIXTOOL" view --json other.ipfix | wc -l)" -eq 60000
# A template of bytes alone, and a record.
python3 - <<'END'
import struct
sets = struct.pack(">8H", 2, 12, 300, 1, 1, 4, 300, 8) + bytes(4)
open("alien.ipfix", "wb").write(struct.pack(">HHLLL", 10, 16 + len(sets), 1, 0, 1) + sets)
END
rm -f other.ipfix
ends 2 'merge what has no time' "$IPFIXTOOL" merge whole.ipfix alien.ipfix -w other.ipfix
says 'merge what has no time: which' 'alien.ipfix: records of template 300 .* no time'
expect 'merge what has no time: nothing is written' bash -c '! ls -A | grep other'
