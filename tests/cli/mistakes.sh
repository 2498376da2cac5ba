# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Forty wrong invocations, each with its message; part of tests/cli/run, whose variables and functions
# these are. With MISTAKES=FILE they are listed there: command, message, status.

mkdir mistakes
cp "$web" mistakes/web.pcap
cp "$dns" mistakes/dns.pcap
head -c 5000 "$web" >mistakes/cut.pcap
echo 'this is a text and no capture at all' >mistakes/text.pcap
gzip -c "$web" | head -c 3000 >mistakes/cut.pcap.gz
mkdir mistakes/folder mistakes/notes
echo note >mistakes/notes/note.txt
echo 'memroy: 1G' >mistakes/wrong.yaml
"$P2I" -q -w mistakes/dns.ipfix "$dns"

# mistake STATUS MESSAGE PROGRAM ARGUMENT...: ends with STATUS, and the first line of standard error begins with
# the message, a pattern.
mistake()
{
    local status=0 want=$1 message=$2 program=$3 first
    shift 3
    local path=$P2I
    [ "$program" = pcap2ipfix ] || path=$IPFIXTOOL
    (cd mistakes && timeout 60 "$path" "$@") >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
    first=$(head -n 1 "$scratch/err")
    [ -z "${MISTAKES-}" ] || printf '| `%s` | %s | %s |\n' "${*@Q}" "$first" "$status" >>"$MISTAKES"
    if [ "$status" -eq "$want" ] && [[ $first == "$program: "$message* ]]; then
        ok "mistake: $program $*"
    else
        { echo "status $status instead of $want"; echo "output: $first"; echo "wanted: $program: $message"
        } >"$scratch/why"
        not_ok "mistake: $program $*" "$scratch/why"
    fi
}
[ -z "${MISTAKES-}" ] || : >"$MISTAKES"
p=pcap2ipfix
mistake 2 'no capture file given' $p
mistake 2 "unknown option '--memroy'; did you mean '--memory'?" $p web.pcap --memroy 64M
mistake 2 "option '--re' is ambiguous: --read, --recursive, --records, --redact, --retry" $p web.pcap --re x
mistake 2 "option '--strict' takes no value" $p web.pcap --strict=yes
mistake 2 "option '-w' needs a value" $p web.pcap -w
mistake 2 "unknown option '-s'; did you mean '--stats'?" $p web.pcap -stats
mistake 2 'there is no -i: captures are read, not interfaces' $p -i eth0
mistake 3 'nowhere.pcap: cannot open: No such file or directory' $p -w x.ipfix nowhere.pcap
mistake 3 'text.pcap: not a capture: expected pcap*, found text' $p -w x.ipfix text.pcap
mistake 3 'dns.ipfix: not a capture: expected pcap*, found IPFIX messages' $p -w x.ipfix dns.ipfix
mistake 3 'folder: is a directory; -R reads the captures below it' $p -w x.ipfix folder
mistake 3 'no file found below the directories' $p -w x.ipfix -R folder
mistake 3 'no capture found below the directories' $p -w x.ipfix -R notes
mistake 2 '--include chooses files below directories: it needs -R' $p --include '*.pcap' web.pcap
mistake 1 'cut.pcap: truncated: packet 25 needs 254 bytes, the file has 23 (at byte 4977)' $p -w x.ipfix cut.pcap
mistake 1 'cut.pcap: truncated: packet 25 needs 254 bytes, the file has 23 (at byte 4977)' $p --strict -w y.ipfix cut.pcap
mistake 2 "no file 'udp port 53', but it is a valid filter: use -f 'udp port 53'" $p dns.pcap udp port 53
mistake 2 'cannot compile the filter: ' $p -w x.ipfix -f 'udp prot 53' dns.pcap
mistake 3 'nowhere.bpf: cannot read the filter: No such file or directory' $p -w x.ipfix -F nowhere.bpf dns.pcap
mistake 2 "-w and -j cannot share the file 'z'" $p -w z -j ./z dns.pcap
mistake 2 '-w - and -j - cannot share standard output' $p -w - -j - dns.pcap
mistake 2 "the output './web.pcap' is the capture 'web.pcap'" $p -w ./web.pcap web.pcap
mistake 2 'z.jsonl.xz: outputs are not compressed with xz; a name ending in .gz or .zst is compressed, any other is plain' $p -j z.jsonl.xz dns.pcap
mistake 4 'no-such/z.ipfix: cannot create the temporary file beside it: No such file or directory' $p -w no-such/z.ipfix dns.pcap
mistake 4 '/dev/full: cannot write: No space left on device' $p -w /dev/full dns.pcap
mistake 2 "--records: 'htpp' is none of clickstream, http_reply, " $p --records htpp dns.pcap
for option in records subscribers as-database anonymise dns-export spool rate memory threads order; do
    mistake 2 "--$option: must not be empty" $p --$option '' -w z.ipfix dns.pcap
done
mistake 2 "--memory: '1M' is not a size of at least 16M" $p --memory 1M dns.pcap
mistake 2 "--threads: 'many' is not a number from 0 to 64" $p --threads many dns.pcap
mistake 2 "--rotate: '5x' is neither a size of at least 64K nor a time like 300s, 5m, 1h or 1d" $p --rotate 5x -w z.ipfix dns.pcap
mistake 2 "wrong.yaml:1: memroy: unknown key; did you mean 'memory'?" $p -c wrong.yaml -w z.ipfix dns.pcap
mistake 2 "--export: 'udp://127.0.0.1': the port is missing: HOST:PORT" $p -e udp://127.0.0.1 dns.pcap
mistake 2 'standard input has no name: add -w FILE, -j FILE or -e URL' $p -
mistake 0 'warning: --memory is given twice; the last one counts' $p --memory 32M --memory 64M -w twice.ipfix dns.pcap
t=ipfixtool
mistake 2 "view: --filter: METHOD has no value 'GTE'; did you mean 'GET'?" $t view -f METHOD=GTE dns.ipfix
mistake 2 "view: --filter: unknown field 'DOMIAN'; did you mean 'DOMAIN'?" $t view -f DOMIAN=x dns.ipfix
mistake 2 "view: unknown field 'RRTPYE'; did you mean 'RRTYPE'?" $t view -F time,RRTPYE dns.ipfix
mistake 2 "view: --filter: unknown operator '=>'; did you mean '>='?" $t view -f 'TTL => 60' dns.ipfix
mistake 2 "view: --filter: TTL is a number, not 'long'" $t view -f TTL=long dns.ipfix
mistake 2 "view: unknown option '--cvs'; did you mean '--csv'?" $t view --cvs dns.ipfix
mistake 1 'dns.pcap: not an IPFIX message: *a capture? pcap2ipfix reads those' $t view dns.pcap
expect 'mistakes leave no file behind' test "$(cd mistakes && echo ./z* ./y*)" = './z* ./y*'
