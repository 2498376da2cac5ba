# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# --redact and --anonymise; part of tests/cli/run, whose variables and functions these are.

# Writes every kind of output into a folder.
everything()
{
    local folder=$1
    shift
    mkdir -p "$folder/log"
    ends 0 "$folder: all outputs" "$P2I" -v --stats=json --records all,biflow --file-options all \
        -w "$folder/x.ipfix" -j "$folder/x.jsonl" --dns-log "$folder/log" "$@" "${samples[@]}"
    cp "$scratch/err" "$folder/messages"
    expect "$folder: is well-formed" "$IPFIXTOOL" check "$folder/x.ipfix"
    if [ -d "$shared/tools" ]; then
        expect "$folder: an independent decoder finds no defect" python3 \
            "$shared/tools/ipfix2json.py" --types "$shared/spec/elements.tsv" "$folder/x.ipfix"
    fi
}
printf '%064d\n' 7 >hex.key
python3 -c 'import sys; sys.stdout.buffer.write(bytes(31) + b"\7")' >bytes.key
everything real
everything other --anonymise hex.key
leaks() { "$root/tests/cli/addresses.py" real/x.jsonl "$@"; }
expect '--anonymise: no address is left' leaks other/x.ipfix other/x.jsonl other/log/* other/messages
expect 'the test finds the real addresses without --anonymise' bash -c '
    for file in real/x.ipfix real/x.jsonl real/log/*; do
        "$0" real/x.jsonl "$file" >/dev/null; [ $? -eq 1 ] || exit 1
    done' "$root/tests/cli/addresses.py"
expect '--anonymise: prefixes are kept, in packets and in DNS data' \
    "$root/tests/cli/mapped.py" real/x.jsonl other/x.jsonl
expect '--anonymise: the same to IPFIX as to JSON' bash -c '
    cmp <("$0" view --json other/x.ipfix | grep -v "^{\"record\":\"options" | sort) \
        <(sed "s/,\"cut\":true}\$/}/" other/x.jsonl | sort)' "$IPFIXTOOL"
expect '--anonymise: other SESSION_IDs, one for each session' python3 -c '
import json
become = {}
for one, two in zip(open("real/x.jsonl"), open("other/x.jsonl")):
    one, two = json.loads(one)["SESSION_ID"], json.loads(two)["SESSION_ID"]
    assert one != two and become.setdefault(one, two) == two
assert len(set(become.values())) == len(become) > 100'
echo 'anonymise: bytes.key' >key.yaml
ends 0 'anonymise: by the key of the file' "$P2I" -q --records all,biflow -c key.yaml -j same.jsonl \
    --threads 3 "${samples[@]}"
expect 'anonymise: a key of 32 bytes equals one of 64 digits' cmp same.jsonl other/x.jsonl
printf '%064d' 8 >other.key
ends 0 '--anonymise overrides it' "$P2I" -q --records all,biflow -c key.yaml --anonymise other.key \
    -j same.jsonl "${samples[@]}"
expect '--anonymise: another key gives others' bash -c '! cmp -s same.jsonl other/x.jsonl'
# no_key NAME FILE WORDS: status 2, one line with the file and the words, nothing is written.
no_key()
{
    ends 2 "--anonymise: $1" "$P2I" -q --anonymise "$2" -w x.ipfix "$dns"
    reports "--anonymise: $1: which and why" "^pcap2ipfix: $2: .*$3"
    expect "--anonymise: $1: nothing is written" test ! -e x.ipfix
}
no_key 'no such file' nowhere.key 'No such file'
ends 2 '--anonymise: a variable that is not set' "$P2I" -q --anonymise= -w x.ipfix "$dns"
expect '--anonymise: a variable that is not set: nothing is written' test ! -e x.ipfix
printf '%063d' 7 >short.key
no_key 'a key that is too short' short.key 'neither 32 bytes nor 64 hexadecimal digits'
printf '%066d' 7 >long.key
no_key 'a key that is too long' long.key 'neither 32 bytes nor 64 hexadecimal digits'
no_key 'no digits' "$dns" 'neither 32 bytes nor 64 hexadecimal digits'

# The passwords of the samples: the values of the fields without --redact.
everything redacted --redact
expect '--redact: no password is left' python3 -c '
import json
import pathlib
def field(row):
    return "PASSWORD" if "PASSWORD" in row else "IM_PASSW" if "IM_PASSW" in row else None
real = [json.loads(line) for line in open("real/x.jsonl")]
redacted = [json.loads(line) for line in open("redacted/x.jsonl")]
passwords = set()
assert len(real) == len(redacted)
for one, two in zip(real, redacted):
    name = field(one)
    if name and one[name]:
        assert two[name] == "*", two
        passwords.add(one.pop(name))
        two.pop(name)
    assert one == two, (one, two)
assert {"sesame", "not \"secret\"", "guess"} <= passwords, passwords
for path in pathlib.Path("redacted").rglob("*.*"):
    text = path.read_bytes() if path.is_file() else b""
    for word in ("sesame", "secret", "guess", "secret".encode().hex()):
        assert (word if isinstance(word, bytes) else word.encode()) not in text, (path, word)'
echo 'keep_passwords: false' >keep.yaml
ends 0 'keep_passwords' "$P2I" -q --records all,biflow -c keep.yaml -j same.jsonl "${samples[@]}"
expect 'keep_passwords: false is --redact' cmp same.jsonl redacted/x.jsonl
# Passwords in URLs: replaced by text of the same length, so that lengths and sequence numbers hold.
python3 - "$web" <<'END'
import sys
data = open(sys.argv[1], "rb").read()
changed = data.replace(b"Referer: http://shop.example/", b"Referer: http://a:sesame@x.y/")
changed = changed.replace(b"Location: http://shop.example/", b"Location: http://b:sesame@x.y/")
assert changed != data
open("urls.pcap", "wb").write(changed)
END
expect '--redact: URLs have them' bash -c '"$0" -q -j - urls.pcap | grep -q sesame' "$P2I"
ends 0 '--redact: in URLs' "$P2I" -q --redact -w urls.ipfix -j urls.jsonl urls.pcap
expect '--redact: in URLs: none is left' bash -c '! grep -c sesame urls.ipfix urls.jsonl'
expect '--redact: in URLs: the user is' grep -q '://[ab]:\*@x.y/' urls.jsonl
ends 0 '--redact and --anonymise' "$P2I" -q --records all,biflow --redact --anonymise hex.key \
    -w two.ipfix -j two.jsonl "${samples[@]}"
expect '--redact and --anonymise: neither is left' bash -c '! grep -q "sesame\|guess" two.jsonl'
expect '--redact and --anonymise: nor addresses' leaks two.ipfix two.jsonl

# What PRIVACY in the manual names as not covered: a text says more of it than a reader may expect, so the
# test says if that changes.
python3 - "$root/tests" <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
import wire
client, server = wire.address("192.0.2.77"), wire.address("198.51.100.9")
request = (b"POST /form?password=inquery&at=192%2E0%2E2%2E77&hex=0xc000024d HTTP/1.1\r\n"
           b"Host: host-192-0-2-77.example\r\nUser-Agent: agent/1 192.0.2.77\r\n"
           b"Cookie: password=incookie; seen=192.0.2.77\r\nContent-Length: 0\r\n\r\n")
packets = []
at = [1000, 5000]
def send(side, flags, data=b""):
    ends = (client, server)
    packets.append((len(packets), wire.tcp(ends[side], ends[1 - side], (40000, 80)[::1 - 2 * side],
                                           at[side], at[1 - side], flags, data)))
    at[side] += len(data) + (1 if flags & wire.SYN else 0)
send(0, wire.SYN)
send(1, wire.SYN | wire.ACK)
send(0, wire.ACK, request)
wire.write_pcap("uncovered.pcap", packets)
PYTHON
ends 0 'what is not covered: is converted' "$P2I" -q --redact --anonymise hex.key -j uncovered.jsonl \
    uncovered.pcap
stays() { expect "PRIVACY, not covered: $1" grep -q -- "$2" uncovered.jsonl; }
stays 'a password in a query' 'password=inquery'
stays 'a password in a cookie' 'password=incookie'
stays 'an address in a user agent' 'agent/1 192\.0\.2\.77'
stays 'an address with - between the numbers, and names of hosts' 'host-192-0-2-77\.example'
stays 'an address that is percent-encoded' '192%2E0%2E2%2E77'
stays 'an address in hexadecimal' '0xc000024d'
stays 'ports' '40000'
expect 'PRIVACY: an address in a cookie is replaced' bash -c '! grep -q "seen=192\.0\.2\.77" uncovered.jsonl'
