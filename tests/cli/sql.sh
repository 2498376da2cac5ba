# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# ipfixtool view --sql, and the recipes of samples/collectors/README.md that use SQLite and jq; part of
# tests/cli/run, whose variables and functions these are.

"$P2I" -q --records all,biflow -w sql.ipfix -j sql.jsonl "${samples[@]}"
"$P2I" -q --extended --records all -w sql-extended.ipfix "${samples[@]}"
# A host with quotes, and a file of another exporter's template.
python3 - <<'END'
import struct
def template(number, fields):
    body = struct.pack(">HH", number, len(fields)) + b"".join(struct.pack(">HH", *field) for field in fields)
    return struct.pack(">HH", 2, 4 + len(body)) + body
def data(number, body):
    return struct.pack(">HH", number, 4 + len(body)) + body
text = b"a'b\"c;--\n\0\xff"
sets = template(999, [(82, 65535), (1, 8), (148, 8), (311, 8)]) + data(
    999, bytes([len(text)]) + text + struct.pack(">QQd", 5, 2**63 - 1, float("inf")))
sets += template(998, [(311, 8)]) + data(998, struct.pack(">d", -1.5))
# Numbers of sizes that they cannot have.
sets += template(997, [(1, 12), (311, 2)]) + data(997, b"<a>'\"`$(id)!" + b"\x12\xe4")
open("foreign.ipfix", "wb").write(struct.pack(">HHIII", 10, 16 + len(sets), 1700000000, 0, 1) + sets)
END
for file in sql.ipfix sql.jsonl sql-extended.ipfix foreign.ipfix; do
    ends 0 "view --sql $file" "$IPFIXTOOL" view --sql "$file"
    cp "$scratch/out" "$file.sql"
done
ends 0 'view --sql of two files' "$IPFIXTOOL" view --sql sql.ipfix sql-extended.ipfix
cp "$scratch/out" two.sql
expect 'view --sql: SQLite has the same values' python3 -c '
import json, sqlite3
def load(path):
    database = sqlite3.connect(":memory:")
    database.executescript(open(path).read())
    database.row_factory = sqlite3.Row
    return database
kinds = {}
for line in open("sql.jsonl"):
    row = json.loads(line)
    kinds.setdefault(row.pop("record"), []).append(row)
for path in "sql.ipfix.sql", "sql.jsonl.sql":
    database = load(path)
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master")]
    assert sorted(tables) == sorted(kinds), tables
    for kind, rows in kinds.items():
        found = [dict(row) for row in database.execute(f"SELECT * FROM {kind} ORDER BY rowid")]
        assert len(found) == len(rows), (kind, len(found))
        for have, want in zip(found, rows):
            for name, value in want.items():
                if name in ("cut", "RDATA") or name.endswith(("TIME_STAMP", "Milliseconds")):
                    continue
                assert have[name] == value, (path, kind, name, have[name], value)
    seconds = database.execute("SELECT CAST(strftime(\"%s\", TIME_STAMP) AS INTEGER) FROM dns ORDER BY rowid")
    assert [row[0] for row in seconds] == [row["TIME_STAMP"] for row in kinds["dns"]]
plain = sum(map(len, kinds.values()))
database = load("two.sql")
names = [row[0] for row in database.execute("SELECT name FROM sqlite_master")]
both = sum(database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names)
assert both == 2 * plain - len(kinds["biflow"]), both
assert database.execute("SELECT count(*) FROM dns WHERE observationTimeNanoseconds IS NULL").fetchone()[0] == len(kinds["dns"])
rows = load("foreign.ipfix.sql").execute("SELECT * FROM \"999\"").fetchall()
assert tuple(rows[0])[:3] == ("a\x27b\"c;--\\x0a\\x00\\xff", 5, 2**63 - 1) and rows[0][3] is None, tuple(rows[0])
assert load("foreign.ipfix.sql").execute("SELECT * FROM \"998\"").fetchone()[0] == -1.5
odd = tuple(load("foreign.ipfix.sql").execute("SELECT * FROM \"997\"").fetchone())
assert odd[0] == b"<a>\x27\"`$(id)!".hex(), odd'
ends 0 'view --sql --fields' "$IPFIXTOOL" view --sql -r dns -F time,client,DOMAIN sql.ipfix
expect 'view --sql --fields: its columns' grep -qx '    "client" TEXT,' "$scratch/out"
ends 2 'view --sql --json' "$IPFIXTOOL" view --sql --json sql.ipfix
ends 4 'view --sql, disk full' bash -c 'exec "$@" >/dev/full' bash "$IPFIXTOOL" view --sql sql.ipfix

# The recipes, as they stand there, print what stands there.
# recipe PROGRAM: runs the lines of the recipe of this program, and compares.
recipe()
{
    local name=$1
    command -v "$name" >/dev/null || { skip "recipe: $name" "$name is not installed"; return; }
    awk -v name="$name" '$0 ~ "^\\*\\*" name "\\*\\*" { show = 1; next } /^\*\*|^## / { show = 0 }
        show && /^    / { print substr($0, 5) }' "$root/samples/collectors/README.md" >recipe
    sed -n 's/^\$ //p' recipe >commands
    rm -f trace.*
    cp sql.ipfix trace.ipfix
    grep -v '"record":"biflow"' sql.jsonl >trace.jsonl
    (
        pcap2ipfix() { "$P2I" "$@"; }
        ipfixtool() { "$IPFIXTOOL" "$@"; }
        # shellcheck source=/dev/null
        . ./commands
    ) >printed 2>&1
    grep -v '^\$' recipe >wanted
    if [ -s wanted ] && diff wanted printed >"$scratch/diff"; then ok "recipe: $name"; else
        not_ok "recipe: $name" "$scratch/diff"
    fi
}
recipe jq
recipe sqlite3
