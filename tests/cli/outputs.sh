# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Names of outputs, and what is never overwritten; part of tests/cli/run, whose variables and functions these are.

# Names of outputs.
ends 0 'default name' "$P2I" "$web"
expect 'default name comes from the capture' test -s http-keepalive.ipfix
cp http-keepalive.ipfix kept
ends 4 'default name that exists' "$P2I" "$web"
expect 'default name that exists: the file is unchanged' cmp kept http-keepalive.ipfix
ends 0 '-w replaces' "$P2I" -q -w kept "$dns"
ends 0 '-w - is standard output' "$P2I" -q -w - "$dns"
expect '-w - writes the same' cmp kept "$scratch/out"
ends 4 'folder that is missing' "$P2I" -w no-such-folder/x.ipfix "$web"
ends 4 'disk full' "$P2I" -w /dev/full "$web"
ends 4 'disk full, JSON' "$P2I" -j /dev/full "$web"
# The disk is full, or the reader goes away, long before the end.
expect 'a capture of many requests is made' python3 "$root/tests/cli/silent_pipe.py" requests.pcap
for number in 1 2; do
    ends 4 "disk full in the middle, $number threads" \
        "$P2I" --threads "$number" --no-sync -j /dev/full requests.pcap
    reports "disk full in the middle, $number threads: why" '/dev/full: cannot write: No space'
    "$P2I" -q --threads "$number" -j - requests.pcap 2>err | head -1 >/dev/null
    expect "reader goes away, $number threads: ends by the signal, without a word" \
        test "${PIPESTATUS[0]}" -eq 141 -a ! -s err
done
# Records must not wait for the next input.
for number in 1 2 3; do
    expect "a silent pipe, $number threads: its records are written" \
        python3 "$root/tests/cli/silent_pipe.py" "$P2I" "$number"
done
# 1,024 bytes.
ends 4 'output that cannot grow' bash -c 'trap "" XFSZ; ulimit -f 1; exec "$@"' bash \
    "$P2I" -q -w small.ipfix "$web"
expect 'output that cannot grow leaves no file' test ! -e small.ipfix
expect 'no temporary file is left' bash -c '! ls -A | grep -E "small|tmp"'

# An output never overwrites a capture or another output.
cp "$web" own.pcap
ln -s own.pcap link.pcap
ln own.pcap hard.pcap
for path in own.pcap ./own.pcap link.pcap hard.pcap; do
    ends 2 "-w on the capture as $path" "$P2I" -q -w "$path" "$dns" own.pcap
    ends 2 "-j on the capture as $path" "$P2I" -q -j "$path" own.pcap
done
reports 'the capture is named' 'hard.pcap.*own.pcap'
expect 'the capture is unchanged' cmp own.pcap "$web"
ends 2 '-w and -j on one new file' "$P2I" -q -w both -j both "$web"
expect 'one new file is not made' test ! -e both
echo old >both
ln -s both both.link
ends 2 '-w and -j on one file' "$P2I" -q -w both -j both.link "$web"
expect 'one file is unchanged' grep -q old both
ends 0 '-w and -j on /dev/null' "$P2I" -q -w /dev/null -j /dev/null "$web"
expect 'IPFIX has the records of JSON' test "$("$IPFIXTOOL" view --json kept | wc -l)" -eq \
    "$(lines "$dns")"
# One new file under two names.
for paths in 'x ./x' './x .//x' "x $PWD/x" 'x ../work/x'; do
    read -r first second <<<"$paths"
    ends 2 "-w $first -j $second" "$P2I" -q -w "$first" -j "$second" "$web"
    reports "-w $first -j $second: message" '-w and -j cannot share the file'
done
expect 'one file under two names is not made' test ! -e x
ends 2 '--stats-file on the capture' "$P2I" -q -w x --stats-file ./own.pcap own.pcap
expect '--stats-file on the capture: it is unchanged' cmp own.pcap "$web"

# Compressed outputs.
"$P2I" -q -j plain.jsonl -w plain.ipfix "$dns"
ends 0 '-j in gz' "$P2I" -q -j compressed.jsonl.gz "$dns"
expect '-j in gz: is compressed' bash -c 'gzip -dc compressed.jsonl.gz | cmp - plain.jsonl'
if "$P2I" -q -j compressed.jsonl.zst "$dns" 2>/dev/null && type zstd >/dev/null 2>&1; then
    expect '-j in zst: is compressed' bash -c 'zstd -dqc compressed.jsonl.zst | cmp - plain.jsonl'
    ends 0 '-w in zst' "$P2I" -q -w compressed.ipfix.zst "$dns"
    expect '-w in zst: is compressed' bash -c 'zstd -dqc compressed.ipfix.zst | cmp - plain.ipfix'
    ends 0 '-w in zst: ipfixtool reads it' "$IPFIXTOOL" check compressed.ipfix.zst
    head -c 500 compressed.ipfix.zst >short.ipfix.zst
    ends 1 '-w in zst: a truncated one is reported' "$IPFIXTOOL" check short.ipfix.zst
    reports '-w in zst: a truncated one: why' 'zstd stream ends early' out
    expect '-w in zst: from a pipe' bash -c '"$0" view --json - <compressed.ipfix.zst | grep -c dns' \
        "$IPFIXTOOL"
    ends 0 '--rotate in zst' "$P2I" -q --rotate 64K -w many.ipfix.zst "${samples[@]}"
    expect '--rotate in zst: names' test -e many.000001.ipfix.zst -a -e many.000002.ipfix.zst
else
    skip '-j in zst' 'zstd is not there'
fi
for ending in xz bz2 lz4; do
    for option in -w -j; do
        ends 2 "$option in $ending" "$P2I" -q "$option" "out.$ending" "$web"
        reports "$option in $ending: message" \
            "^pcap2ipfix: out.$ending: outputs are not compressed with .*; a name ending in .gz"
    done
    ends 2 "--rotate in $ending" "$P2I" -q --rotate 1h -w "%H.$ending" "$web"
done
expect 'other compressions: no file is made' bash -c '! ls -A | grep out'

# A terminal gets no binary data.
on_terminal=(python3 -c '
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))')
ends 2 'IPFIX to a terminal' "${on_terminal[@]}" "$P2I" -q -w - "$dns"
reports 'IPFIX to a terminal: message' 'IPFIX is binary and is not written to a terminal' out
ends 2 'IPFIX to a terminal by its name' "${on_terminal[@]}" "$P2I" -q -w /dev/tty "$dns"
ends 0 'JSON to a terminal' "${on_terminal[@]}" "$P2I" -q -j - "$dns"

# A repeated option: the last one counts.
ends 0 'an option twice' "$P2I" --records mail --records dns -j twice.jsonl "$dns"
reports 'an option twice: warning' '^pcap2ipfix: warning: --records is given twice; the last one counts$'
expect 'an option twice: the last counts' cmp twice.jsonl plain.jsonl
ends 0 'options that repeat' "$P2I" -f udp -f 'port 53' -r "$dns" -r "$web" -j twice.jsonl
expect 'options that repeat: no warning' test ! -s "$scratch/err"
ends 0 'a warning is no error' "$P2I" -q --records mail --records dns -j twice.jsonl "$dns"
expect 'a warning is no error: -q' test ! -s "$scratch/err"

# File names with terminal escape sequences.
evil=$'\x1b[31m\u202egnp.\u2066\u200f\u2028\u009b\xff\n.pcap'
shown='\\x1b\[31m\\xe2\\x80\\xaegnp.\\xe2\\x81\\xa6\\xe2\\x80\\x8f\\xe2\\x80\\xa8\\xc2\\x9b\\xff\\x0a.pcap'
ends 3 'names in messages' "$P2I" -w x.ipfix "$evil"
reports 'names in messages are escaped' "^pcap2ipfix: $shown: cannot open: No such file or directory$"
head -c 5000 "$web" >"$evil"
ends 1 'names of captures' "$P2I" -v --stats-file evil.json -w "$evil.ipfix" "$evil"
expect 'names of captures are escaped everywhere' test "$(grep -c "$shown" "$scratch/err")" -eq 2
expect 'names of captures: nothing else' bash -c '! grep -qP "[^\n -~]" "$0"' "$scratch/err"
expect 'names of captures in JSON' python3 -c '
import json
text = open("evil.json", encoding="utf-8").read()
assert json.loads(text)["captures"][0]["path"].startswith("\x1b[31m\u202egnp."), text
assert not [c for c in text[:-1] if c < " " or "\x7f" <= c < "\xa0" or c in "\u202e\u2066\u2028"]'
rm -f -- "$evil" "$evil.ipfix"
