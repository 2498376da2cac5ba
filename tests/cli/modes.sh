# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Permissions of every file that the programs write; part of tests/cli/run, whose variables and
# functions these are.

mkdir modes
# is MODE NAME FILE...: a test that the files have these permissions.
is()
{
    local wanted=$1 name=$2 found
    shift 2
    found=$(stat -c %a "$@" 2>&1 | sort -u)
    echo "$found instead of $wanted: $*" >"$scratch/why"
    if [ "$found" = "$wanted" ]; then ok "$name"; else not_ok "$name" "$scratch/why"; fi
}

# convert_all: one run into a new folder modes/all, with every kind of output.
convert_all()
{
    rm -rf modes/all
    mkdir modes/all
    "$P2I" -q --no-sync -w modes/all/out.ipfix -j modes/all/out.json --dns-log modes/all \
        --stats-file modes/all/stats "$@"
}

umask_before=$(umask)
umask 022
cp "$dns" modes/open.pcap
cp "$web" modes/group.pcap
cp "$root/samples/captures/ftp-active.pcap" modes/secret.pcap
chmod 644 modes/open.pcap
chmod 640 modes/group.pcap
chmod 600 modes/secret.pcap

convert_all modes/open.pcap
is 600 'records that can have passwords are for their owner' modes/all/out.*
is 644 'DNS log and statistics have none' modes/all/dns_*.log modes/all/stats
convert_all --redact modes/open.pcap
is 644 'with --redact the umask decides' modes/all/*
convert_all --records dns,mail modes/open.pcap
is 644 'without ftp and im the umask decides' modes/all/*
convert_all --redact modes/open.pcap modes/group.pcap
is 640 'who may not read a capture may not read a file' modes/all/*
convert_all --redact modes/open.pcap modes/secret.pcap
is 600 'the tightest capture counts' modes/all/*
convert_all --redact - modes/open.pcap <modes/secret.pcap
is 600 'standard input counts if it is a file' modes/all/*
convert_all --redact - < <(cat modes/secret.pcap)
is 644 'a pipe forbids nothing' modes/all/out.*
(umask 077 && convert_all --redact modes/open.pcap)
is 600 'the umask counts' modes/all/*
convert_all --output-mode 0664 modes/secret.pcap modes/open.pcap
is 664 '--output-mode overrides all that' modes/all/*
printf 'output_mode: 0604\n' >modes/mode.yaml
convert_all -c modes/mode.yaml modes/secret.pcap modes/open.pcap
is 604 'output_mode does, too' modes/all/*
expect 'output_mode is printed' \
    test "$("$P2I" --print-config -c modes/mode.yaml | grep ^output_mode)" = "output_mode: '0604'"
for mode in 0 77 0377 1777 0648 '' rw 00640; do
    ends 2 "--output-mode '$mode'" "$P2I" --output-mode "$mode" -w modes/x modes/open.pcap
done
reports '--output-mode: what is wrong' "'00640' is not a mode from 0400 to 0777"

# A file that is replaced.
for mode in 600 640 644 666 400; do
    echo old >modes/old
    chmod "$mode" modes/old
    "$P2I" -q -w modes/old modes/open.pcap
    is "$mode" "a replaced file stays $mode" modes/old
    rm -f modes/old
done
mkdir modes/turned
"$P2I" -q --redact --rotate 64K -w modes/turned/out.ipfix -j modes/turned/%F.json requests.pcap \
    modes/group.pcap
is 640 'rotated files' modes/turned/*
mkdir modes/each
"$P2I" -q --redact --each -w modes/each modes/open.pcap modes/secret.pcap
is 644 '--each: by the capture of each, open' modes/each/open.ipfix
is 600 '--each: by the capture of each, secret' modes/each/secret.ipfix
mkdir modes/spool
"$P2I" -q --redact -e tcp://127.0.0.1:1 --retry 1 --spool modes/spool modes/open.pcap 2>/dev/null
is 600 'a spool file is for its owner' modes/spool/*
"$P2I" -q -e tcp://127.0.0.1:1 --retry 1 --spool modes/spool --output-mode 640 modes/open.pcap \
    2>/dev/null
is 640 'a spool file with --output-mode' modes/spool/*-2.ipfix

# ipfixtool.
"$P2I" -q --output-mode 644 -w modes/open.ipfix modes/open.pcap
"$P2I" -q --output-mode 640 -w modes/group.ipfix modes/group.pcap
tool() { "$IPFIXTOOL" "$@" >/dev/null 2>&1; }
tool merge modes/open.ipfix -w modes/merged1
tool merge modes/open.ipfix modes/group.ipfix -w modes/merged2
tool merge modes/group.ipfix -w modes/merged3 --output-mode 606
is 644 'merge of what all may read' modes/merged1
is 640 'merge: who may not read an input may not read the output' modes/merged2
is 606 'merge --output-mode' modes/merged3
tool report modes/open.ipfix -o modes/page1
tool report modes/open.ipfix --stats modes/group.ipfix -o modes/page2
tool report modes/group.ipfix -o modes/page2
tool report modes/group.ipfix -o modes/page3 --output-mode 606
is 644 'report of what all may read' modes/page1
is 640 'report: who may not read an input may not read the page' modes/page2
is 606 'report --output-mode' modes/page3
tool extract modes/open.pcap -f DOMAIN -w modes/case1.pcapng
tool extract modes/open.pcap modes/group.pcap -f 'record in {dns, clickstream}' -w modes/case2.pcapng
tool extract modes/secret.pcap -f 'record = ftp' -w modes/case3.pcapng --output-mode 606
is 644 'extract of what all may read' modes/case1.pcapng modes/case1.pcapng.json
is 640 'extract: who may not read a capture may not read what was in it' modes/case2*
is 606 'extract --output-mode' modes/case3*
tool corpus modes/open.pcap modes/group.pcap -o modes/corpus
is 644 'corpus: a capture that all may read' modes/corpus/open.pcapng
is 640 'corpus: another one, and the manifest' modes/corpus/group.pcapng modes/corpus/manifest.json
is 600 'corpus: records can have passwords' modes/corpus/*.{ipfix,jsonl}
tool listen udp://127.0.0.1:14739 --idle 1 -w modes/heard1
tool listen udp://127.0.0.1:14739 --idle 1 -j modes/heard2
tool listen udp://127.0.0.1:14739 --idle 1 -w modes/heard3 --output-mode 0644
is 600 'listen: nobody knows what is received' modes/heard1 modes/heard2
is 644 'listen --output-mode' modes/heard3
ends 2 'ipfixtool: a mode that is none' "$IPFIXTOOL" merge modes/open.ipfix -w modes/x --output-mode 8
reports 'ipfixtool: what is wrong with a mode' "merge: --output-mode: '8' is not a mode"
umask "$umask_before"
