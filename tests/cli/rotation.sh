# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Rotated files, and the options records that describe a file; part of tests/cli/run, whose variables and functions these are.

# Times of the samples: 2026-01-01 12:00, 2026-11-23 05:27 to 05:49, 08:18 to 08:41.
"$P2I" -q -j whole.jsonl "${samples[@]}"
"$P2I" -q -w whole.ipfix "${samples[@]}"
# complete NAME FILE...: each file is well-formed, and together they have all records.
complete()
{
    local name=$1
    shift
    expect "$name: each is complete" "$IPFIXTOOL" check "$@"
    expect "$name: all records" test "$("$IPFIXTOOL" view --json "$@" | wc -l)" -eq \
        "$(wc -l <whole.jsonl)"
}
ends 0 '--rotate SIZE' "$P2I" -q --rotate 64K -w size.ipfix "${samples[@]}"
complete '--rotate SIZE' size.0*.ipfix
expect '--rotate SIZE: the files are numbered' test -e size.000001.ipfix -a -e size.000002.ipfix \
    -a ! -e size.ipfix
expect '--rotate SIZE: about that size' test "$(stat -c %s size.000001.ipfix)" -ge 65536 -a \
    "$(stat -c %s size.000001.ipfix)" -lt 70000
ends 0 '--rotate TIME' "$P2I" -q --rotate 1h -w 'at%Y%m%d-%H.ipfix' -j 'at%F-%H.jsonl.gz' "${samples[@]}"
expect '--rotate TIME: names' test "$(echo at*)" = "at2026-01-01-12.jsonl.gz\
 at20260101-12.ipfix at2026-11-23-05.jsonl.gz at2026-11-23-08.jsonl.gz at20261123-05.ipfix\
 at20261123-08.ipfix" -o "$(echo at*.ipfix)" = \
    'at20260101-12.ipfix at20261123-05.ipfix at20261123-08.ipfix'
complete '--rotate TIME' at*.ipfix
zcat at*.jsonl.gz >joined.jsonl
expect '--rotate TIME: JSON, compressed' cmp joined.jsonl whole.jsonl
ends 0 '--rotate twice' "$P2I" -q --rotate 64K --rotate 1h -w 'both%Y.ipfix' "${samples[@]}"
complete '--rotate twice' both*.ipfix
expect '--rotate twice: no file of the run is replaced' test -e both2026.ipfix -a \
    -e both2026.000002.ipfix
ends 0 '-w in gz' "$P2I" -q -w whole.ipfix.gz "${samples[@]}"
expect '-w in gz: is compressed' bash -c 'gzip -dc whole.ipfix.gz | cmp - whole.ipfix'
ends 0 '--rotate without a strftime letter, without records' "$P2I" -q --rotate 1h -f 'tcp port 1' -w none.ipfix "$dns"
expect '--rotate without a record: one file' "$IPFIXTOOL" check none.000001.ipfix
ends 2 '--rotate: unknown strftime letter' "$P2I" -q --rotate 1h -w '%B' "$dns"
ends 2 '--rotate: neither size nor time' "$P2I" -q --rotate 5x -w x.ipfix "$dns"
ends 2 '--rotate: standard output' "$P2I" -q --rotate 1h -w - "$dns"
ends 4 '--rotate: folder that is missing, without letters' "$P2I" -q --rotate 1h -w no-such/x "$dns"
reports '--rotate: the file is named' 'no-such/x: x.000001: .*No such file'
expect '--rotate: no folder is made for it' test ! -e no-such
# Names are of the beginning of the period, and their folders are made.
ends 0 '--rotate: folders' "$P2I" -q --rotate 15m -j 'made/%F/%H/%M%S.jsonl.gz' "${samples[@]}"
expect '--rotate: folders and names of the periods' test "$(cd made && find . -type f | sort | tr '\n' ' ')" = \
    './2026-01-01/12/0000.jsonl.gz ./2026-11-23/05/1500.jsonl.gz ./2026-11-23/05/4500.jsonl.gz ./2026-11-23/08/1500.jsonl.gz ./2026-11-23/08/3000.jsonl.gz '
find made -type f | sort | xargs zcat >joined.jsonl
expect '--rotate: folders have all records' cmp joined.jsonl whole.jsonl
for threads in 1 3; do
    "$P2I" -q --threads "$threads" --rotate 15m -j "of-$threads/%F/%H%M.jsonl" "${samples[@]}"
done
expect '--rotate: folders are the same for any number of threads' diff -r of-1 of-3
ends 0 '--rotate: a folder that is there' "$P2I" -q --rotate 15m -j "of-1/%F/%H%M.jsonl" "${samples[@]}"
expect '--rotate: a folder that is there: replaced' diff -r of-1 of-3
: >in-the-way
ends 4 '--rotate: a file in the way of a folder' "$P2I" -q --rotate 1h -w 'in-the-way/%H/%M' "$dns"
reports '--rotate: a file in the way is named' 'in-the-way/05/00: cannot make its folder: Not a directory'
ends 0 '--rotate: letters without it' "$P2I" -w 'letters%H.ipfix' "$dns"
reports '--rotate: letters without it: warning' "warning: letters%H.ipfix: without --rotate"
expect '--rotate: letters without it stay' "$IPFIXTOOL" check 'letters%H.ipfix'
ends 0 '--rotate: letters without it, -q' "$P2I" -q -w 'letters%H.ipfix' "$dns"
expect '--rotate: letters without it, -q: silent' test ! -s "$scratch/err"
cp "$dns" own.000001.pcap
ends 4 '--rotate over a capture' "$P2I" -q --rotate 1h -w own.pcap own.000001.pcap
expect '--rotate over a capture: it is unchanged' cmp own.000001.pcap "$dns"

# Options records that describe the file (--file-options).
ends 0 '--file-options' "$P2I" -q --file-options all -w described.ipfix "$web" "$dns"
expect '--file-options: ipfixtool check confirms them' "$IPFIXTOOL" check described.ipfix
"$IPFIXTOOL" view --json -r options described.ipfix >described.jsonl
expect '--file-options: captures' python3 -c '
import json, os, sys
rows = [json.loads(line) for line in open("described.jsonl")]
captures = [row for row in rows if "interfaceName" in row]
assert [row["interfaceName"] for row in captures] == sys.argv[1:], captures
for row in captures:
    assert row["octetTotalCount"] == os.path.getsize(row["interfaceName"]), row
    assert row["applicationName"] == "pcap2ipfix" and row["applicationDescription"][0].isdigit()
    assert 0 < row["minFlowStartMilliseconds"] < row["maxFlowEndMilliseconds"], row
window = [row for row in rows if "minFlowStartSeconds" in row]
assert len(window) == 1 and any("messageMD5Checksum" in row for row in rows)
assert any(row.get("exportProtocolVersion") == 10 for row in rows)' "$web" "$dns"
ends 2 '--file-options: unknown' "$P2I" -q --file-options windows -w x.ipfix "$dns"
python3 - <<'END'
data = bytearray(open("described.ipfix", "rb").read())
data[data.index(b"shop.example")] ^= 1
open("spoilt.ipfix", "wb").write(data)
END
ends 1 '--file-options: damage is detected' "$IPFIXTOOL" check spoilt.ipfix
reports '--file-options: what is wrong' 'message checksum is wrong' out
