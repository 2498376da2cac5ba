# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Signals, and readers that go away; part of tests/cli/run, whose variables and functions these are.

# After a signal the packets read so far are converted, the file is complete, and the status is the signal's.
mkfifo pipe
{ cat "$dns"; sleep 20; } >pipe &
writer=$!
"$P2I" -q -w signal.ipfix pipe &
reader=$!
sleep 1
kill -TERM "$reader"
wait "$reader"
expect 'SIGTERM ends it by the signal' test "$?" -eq 143
kill "$writer" 2>/dev/null
expect 'SIGTERM: the file is complete' "$IPFIXTOOL" check signal.ipfix
expect 'SIGTERM: the file has what was read' test \
    "$("$IPFIXTOOL" view --json signal.ipfix | wc -l)" -gt 0
# stops_idle NAME FIRST ARGUMENT...: only FIRST comes through the pipe; SIGTERM ends the run at once.
stops_idle()
{
    local name=$1 first=$2 status=0 begun
    shift 2
    { cat "$first"; exec sleep 20; } >pipe &
    writer=$!
    "$P2I" -q -w idle.ipfix "$@" <pipe 2>"$scratch/err" &
    reader=$!
    sleep 1
    begun=$(date +%s%N)
    kill -TERM "$reader"
    wait "$reader" || status=$?
    expect "$name: ends by the signal" test "$status" -eq 143
    expect "$name: within 2 s" test $((($(date +%s%N) - begun) / 1000000)) -lt 2000
    expect "$name: no message" test ! -s "$scratch/err"
    expect "$name: the file is complete" "$IPFIXTOOL" check idle.ipfix
    kill "$writer"
    wait "$writer" 2>/dev/null
}
head -c 4000 "$dns" >part.pcap
gzip -c "$dns" | head -c 3000 >part.pcap.gz
stops_idle 'SIGTERM at an idle pipe' "$dns" -
expect 'SIGTERM at an idle pipe: the records are there' test \
    "$("$IPFIXTOOL" view --json idle.ipfix | wc -l)" -eq "$(lines "$dns")"
stops_idle 'SIGTERM within a packet' part.pcap -
stops_idle 'SIGTERM within a gzip stream' part.pcap.gz - "$web"
stops_idle 'SIGTERM before the first byte' /dev/null - "$web"
mkfifo silent
stops_idle 'SIGTERM before there is a writer' /dev/null --threads 2 silent

# catches PROCESS: waits until the process has installed its SIGTERM handler.
catches()
{
    local mask
    for _ in {1..600}; do
        mask=$(sed -n 's/^SigCgt:\t//p' "/proc/$1/status")
        [ $((0x${mask:-0} >> 14 & 1)) -eq 0 ] || return 0
        sleep 0.1
    done
}

# The message says how far the run came.
{ cat "$dns"; exec sleep 20; } >pipe &
writer=$!
"$P2I" -w signal.ipfix pipe 2>"$scratch/err" &
reader=$!
catches "$reader"
sleep 0.5
kill -TERM "$reader"
wait "$reader"
kill "$writer" 2>/dev/null
wait "$writer" 2>/dev/null
reports 'an interrupted pipe: how far it came' '^pcap2ipfix: interrupted after 0.0 MB$'
{ cat "$dns"; exec sleep 20; } >pipe &
writer=$!
"$P2I" --order args --stats-file signal.json -w signal.ipfix "$web" pipe 2>"$scratch/err" &
reader=$!
catches "$reader"
sleep 0.5
kill -TERM "$reader"
status=0
wait "$reader" || status=$?
kill "$writer" 2>/dev/null
wait "$writer" 2>/dev/null
expect 'an interrupted run: by the signal' test "$status" -eq 143
expect 'an interrupted run: --stats-file has it' python3 -c '
import json
stats = json.load(open("signal.json"))
assert stats["exit_status"] == 143 and stats["signal"] == 15, stats'

mapfile -t much < <(for _ in {1..60}; do echo "$dns"; done)
"$P2I" --order args --pace 0.001 -e udp://127.0.0.1:9 "${much[@]}" 2>"$scratch/err" &
reader=$!
catches "$reader"
sleep 0.5
kill -TERM "$reader"
status=0
wait "$reader" || status=$?
expect 'an interrupted run of files: by the signal' test "$status" -eq 143
reports 'an interrupted run of files: how far it came' '^pcap2ipfix: interrupted at [1-9]*[0-9] %$'

# A filter that takes minutes to compile.
python3 -c '
print(" or ".join("(src host 10.%d.%d.1 and dst port %d)" % (i // 250, i % 250, i + 1)
                  for i in range(5000)))' >slow
"$P2I" -w slow.ipfix -F slow "$web" 2>"$scratch/err" &
reader=$!
catches "$reader"
sleep 0.5
begun=$(date +%s%N)
kill -TERM "$reader"
status=0
wait "$reader" || status=$?
expect 'SIGTERM while a filter is compiled: by the signal' test "$status" -eq 143
expect 'SIGTERM while a filter is compiled: within 2 s' test \
    $((($(date +%s%N) - begun) / 1000000)) -lt 2000
reports 'SIGTERM while a filter is compiled: message' 'interrupted before reading'
expect 'SIGTERM while a filter is compiled: no file' bash -c '! ls -A | grep slow.ipfix'

# When the reader goes away the program ends by SIGPIPE, without a message. The reader is gone
# before the first byte is written, and the output is larger than a pipe's buffer.
{
    sleep 1
    "$P2I" --order args -w gone.ipfix -j - "${much[@]}" 2>"$scratch/err"
    echo $? >status
} | true
expect 'closed pipe: by the signal, silent' test "$(cat status)" -eq 141 -a ! -s "$scratch/err"
expect 'closed pipe: nothing is left' bash -c '! ls -A | grep gone'
(
    trap '' PIPE
    sleep 1
    "$P2I" --order args -w gone.ipfix -j - "${much[@]}" 2>"$scratch/err"
    echo $? >status
) | true
expect 'closed pipe without the signal' grep -qx 4 status
reports 'closed pipe without the signal is named' 'standard output: .*Broken pipe'
expect 'closed pipe without the signal: nothing is left' bash -c '! ls -A | grep gone'
ends 4 '--help, disk full' bash -c 'exec "$@" >/dev/full' bash "$P2I" --help
