# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Which captures and packets are read, and what happens to those that cannot be; part of tests/cli/run, whose variables and functions these are.

echo 'this is a text and no capture at all' >text.pcap
# The other captures are converted when one fails.
ends 3 'missing capture among others' "$P2I" -q -j both.jsonl "$web" no-such-file.pcap "$dns"
"$P2I" -q -j good.jsonl "$web" "$dns"
expect 'others are converted' cmp both.jsonl good.jsonl
head -c 5000 "$web" >cut.pcap
ends 1 'cut capture' "$P2I" -w cut.ipfix cut.pcap
reports 'cut capture is named with its packet' \
    '^pcap2ipfix: cut.pcap: truncated: packet 25 needs 254 bytes, the file has 23 (at byte 4977)$'
expect 'cut capture gives records' test -s cut.ipfix
head -c 3000 "$root/samples/captures/dns-udp-nano.pcap.gz" >cut.pcap.gz
ends 1 'gzip cut' "$P2I" -j cut.jsonl cut.pcap.gz
expect 'gzip cut gives records' test -s cut.jsonl
rm -f cut.ipfix

# --strict: complete files stay, incomplete ones are removed, pipes keep the bytes they got.
# strict NAME ARGUMENT...: stops at cut.pcap and reports it.
strict()
{
    local name=$1
    shift
    ends 1 "--strict $name" "$P2I" --strict "$@" --order args "$web" cut.pcap "$dns"
    reports "--strict $name: at what" '^pcap2ipfix: cut.pcap: truncated: packet 25 needs'
}
strict 'stops' -w strict.ipfix -j strict.jsonl
reports '--strict reports where it stopped' 'stopped at the damaged capture (--strict); strict.ipfix was not written$'
expect '--strict leaves no file' bash -c '! ls -A | grep strict'
strict 'with threads' --threads 3 -w strict.ipfix -j strict.jsonl
expect '--strict with threads leaves no file' bash -c '! ls -A | grep strict'
strict 'to a pipe' -j -
cp "$scratch/out" strict.out
"$P2I" -q -j - --order args "$web" cut.pcap >"$scratch/before" 2>/dev/null
expect '--strict to a pipe gives what was before' cmp strict.out "$scratch/before"
strict 'with rotation' --rotate 64K -j strict.jsonl "${samples[@]}"
expect '--strict with rotation keeps complete files' test -s strict.000001.jsonl
expect '--strict with rotation leaves no temporary' bash -c '! ls -A | grep "^\.strict"'
ends 3 '--strict and a capture that is missing' "$P2I" --strict -w strict.ipfix "$web" nowhere.pcap
expect '--strict and a capture that is missing: no file' test ! -e strict.ipfix
rm -f strict.*

# Without a capture that can be opened there is no output file.
ends 3 'no capture can be opened' "$P2I" -w none.ipfix -j none.jsonl nowhere.pcap text.pcap
reports 'no capture can be opened: why' '^pcap2ipfix: nowhere.pcap: cannot open: No such file or directory$'
reports 'no capture can be opened: what was expected' \
    '^pcap2ipfix: text.pcap: not a capture: expected pcap.*, found text$'
reports 'no capture can be opened: message' 'no capture could be opened; none.ipfix was not written$'
expect 'no capture can be opened: no file' bash -c '! ls -A | grep none'
ends 3 'no capture can be opened: rotation' "$P2I" -q --rotate 1h -w none.ipfix nowhere.pcap
expect 'no capture can be opened: no file of many' bash -c '! ls -A | grep none'
echo old >old.ipfix
ends 3 'no capture can be opened, the output exists' "$P2I" -q -w old.ipfix nowhere.pcap
expect 'no capture can be opened: the file is unchanged' grep -qx old old.ipfix
ends 3 'a folder without -R' "$P2I" -w none.ipfix "$scratch"
reports 'a folder without -R: -R' 'is a directory; -R reads the captures below it'
if [ "$(id -u)" -ne 0 ]; then
    cp "$web" secret.pcap
    chmod 0 secret.pcap
    ends 3 'a capture that may not be read' "$P2I" -w none.ipfix secret.pcap
    reports 'a capture that may not be read: why' 'secret.pcap: cannot open: Permission denied'
else
    skip 'a capture that may not be read' 'root may read everything'
fi

# Selection of records, packets and captures.
expect 'only DNS' test "$(lines --records dns "$web" "$dns")" -eq "$(lines "$dns")"
expect 'BPF filter' test "$(lines -f 'udp port 53' "$web" "$dns")" -eq "$(lines "$dns")"
expect 'filter that matches nothing' test "$(lines -f 'tcp port 1' "$web" "$dns")" -eq 0
printf '%s\n' "$web" "$dns" >list
expect '--list' test "$(lines --list list)" -eq "$(lines "$web" "$dns")"
printf '%s\0' "$web" "$dns" >list
expect '--list -0' test "$(lines -0 --list list)" -eq "$(lines "$web" "$dns")"
mkdir -p tree/below
cp "$web" tree
cp "$dns" tree/below
printf '%s\n' 'what is no capture' >tree/note.txt
: >tree/below/empty
gzip -c "$web" >tree/below/http.gz
ln -s / tree/up
ln -s "$root/samples/captures/sip-udp.pcap" tree/sip.pcap
rm tree/below/http.gz
expect '-R' test "$(lines -R tree)" -eq "$(lines "$web" "$dns")"
ends 0 '-R: files that are no captures are skipped' "$P2I" -v -w tree.ipfix -R tree
reports '-R -v: the skipped files are named' '^pcap2ipfix: tree/note.txt: skipped: not a capture$'
reports '-R: the end line counts them' ' packets in 2 captures and 2 other files, '
reports '-R: number of links not followed' 'tree: 2 symbolic links not followed'
ends 3 '-R: a named file that is no capture is an error' "$P2I" -q -w tree.ipfix -R tree tree/note.txt
ends 0 '-R --strict: files that are no captures are skipped' "$P2I" -q --strict -w tree.ipfix -R tree
expect '--include' test "$(lines -R tree --include 'dns*.pcap')" -eq "$(lines "$dns")"
expect '--include twice' test "$(lines -R tree --include 'dns*' --include '*.txt')" -eq "$(lines "$dns")"
ends 0 '--include: counts the others' "$P2I" -q --stats=json -j - -R tree --include 'dns*'
reports '--include: the others are counted' '"skipped_files":0,"excluded_files":3'
ends 2 '--include without -R' "$P2I" -w x.ipfix --include 'dns*' "$dns"
ends 3 '--include: nothing of that name' "$P2I" -w x.ipfix -R tree --include 'x*'
reports '--include: nothing of that name: message' 'no file found below the directories'
mkdir notes
cp tree/note.txt notes
ends 3 '-R: no capture below' "$P2I" -w x.ipfix -R notes
reports '-R: no capture below: message' '^pcap2ipfix: no capture found below the directories$'
expect '-R: no capture below: no file' test ! -e x.ipfix
head -c 3000 "$web" >tree/below/cut.pcap
ends 1 '-R: a damaged capture still sets the exit status' "$P2I" -q -w tree.ipfix -R tree
rm tree/below/cut.pcap
if [ "$(id -u)" -ne 0 ]; then
    mkdir tree/closed
    chmod 0 tree/closed
    ends 0 '-R: a folder that may not be read' "$P2I" -w tree.ipfix -R tree
    reports '-R: a folder that may not be read: warning' \
        'warning: tree/closed: cannot read the folder: Permission denied'
    rmdir tree/closed
else
    skip '-R: a folder that may not be read' 'root may read everything'
fi

# Filters.
ends 2 'a filter without -f' "$P2I" -w x.ipfix "$dns" udp port 53
reports 'a filter without -f: message' "no file 'udp port 53'.* use -f 'udp port 53'$"
ends 2 'a filter without -f, in quotes' "$P2I" -w x.ipfix 'udp port 53' "$dns"
reports 'a filter without -f, in quotes: message' "use -f 'udp port 53'$"
ends 3 'a file that is missing, named as a protocol' "$P2I" -w x.ipfix "$dns" tcp.pcap
cp "$dns" udp
ends 0 'a file that is named as a filter' "$P2I" -q -w x.ipfix udp
expect 'several -f: all hold' test "$(lines -f 'udp or tcp' -f 'port 53' "$web" "$dns")" -eq \
    "$(lines "$dns")"
echo 'tcp port 80' >filter
expect '-f and -F: both hold' test "$(lines -f 'port 53' -F filter "$web" "$dns")" -eq 0
