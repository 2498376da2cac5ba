# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Enrichment: subscribers, channels, locked lists, protocol numbers.
# Part of tests/cli/run.
captures=$root/samples/captures
radius=$captures/subscribers-radius.pcap
pppoe=$captures/subscribers-pppoe.pcap

# shows NAME RECORD FIELDS WANTED ARGUMENT...: the fields of all records of that kind, a line each.
shows()
{
    local name=$1 record=$2 fields=$3
    printf '%b' "$4" >wanted
    shift 4
    "$P2I" -q --records "$record" -j - "$@" | python3 -c '
import json, sys
for line in sys.stdin:
    record = json.loads(line)
    print(*(record[field] for field in sys.argv[1].split(",")))' "$fields" >shown
    expect "$name" diff wanted shown
}

shows 'RADIUS' clickstream PATH,LOGIN '/nobody \n/anna/accepted anna\n/anna/started anna
/nobody/stopped \n/boris boris@isp.example\n/clara/framed clara\n/clara/delegated clara
/nobody/ipv6 \n' "$radius"
shows 'PPPoE' clickstream PATH,LOGIN '/dora dora\n/emil emil@isp.example
/emil/ipv6 emil@isp.example\n/emil/upstream emil@isp.example\n/nobody \n' "$pppoe"
shows 'PPPoE: replies' http_reply LOGIN 'dora\nemil@isp.example\nemil@isp.example
emil@isp.example\n\n' "$pppoe"
shows 'PPPoE: both flows' flow FLOW_LOGIN 'dora\ndora\nemil@isp.example\nemil@isp.example
emil@isp.example\nemil@isp.example\nemil@isp.example\nemil@isp.example\n\n\n' "$pppoe"
echo 'subscribers: {radius: false, pppoe: false}' >none.yaml
expect 'radius: false, pppoe: false' test "$("$P2I" -q -c none.yaml -j - "$radius" "$pppoe" |
    grep -c '"LOGIN":""')" -eq "$(lines "$radius" "$pppoe")"

echo 'subscribers: {nas: [198.51.100.255]}' >nas.yaml
expect 'subscribers.nas: others do not bind' test "$("$P2I" -q -c nas.yaml --records clickstream -j - "$radius" |
    grep -c '"LOGIN":""')" -eq 8

# The file comes first; for addresses or times that it does not have, RADIUS is used.
cat >subscribers.csv <<'END'
# prefix,login,channel,from,to
203.0.113.7,house,9,1767268803,2026-01-01T12:00:08Z
203.0.113.0/24 , net , , 2026-01-01 15:00:08+03:00, 1767268809
2001:db8:2::/48,six,65535
2001:db8:2:100::/56,longer
END
shows '--subscribers' clickstream TIME_STAMP,PATH,LOGIN,BRIDGE_CHANNEL_NUM '1767268801 /nobody  0
1767268803 /anna/accepted house 9\n1767268806 /anna/started house 9
1767268808 /nobody/stopped net 0\n1767268811 /boris boris@isp.example 0
1767268814 /clara/framed clara 0\n1767268816 /clara/delegated six 65535
1767268818 /nobody/ipv6 longer 0\n' --subscribers subscribers.csv "$radius"
echo 'subscribers: {file: subscribers.csv}' >file.yaml
"$P2I" -q --records clickstream -j by-file -c file.yaml "$radius"
"$P2I" -q --records clickstream -j by-option --subscribers subscribers.csv "$radius"
expect 'subscribers.file does the same' cmp by-file by-option
echo 0.0.0.0/0,anna >all.csv
expect '--subscribers: DNS' test "$("$P2I" -q --subscribers all.csv -j - "$dns" |
    grep -c '"LOGIN":"anna"')" -eq "$(lines "$dns")"

# A bad line of 100,000.
python3 -c '
for i in range(1, 100001):
    print(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}" + "/33" * (i == 77777) + f",user{i}")' >many.csv
ends 2 'a bad line of 100,000' "$P2I" --subscribers many.csv -w bad.ipfix -j bad.jsonl "$radius"
reports 'a bad line of 100,000: file, line and why' \
    "^pcap2ipfix: many.csv: line 77777: '10.1.47.209/33': the length is not 0 to 32$"
expect 'a bad line of 100,000: one message' test "$(wc -l <"$scratch/err")" -eq 1
expect 'a bad line of 100,000: nothing is written' test ! -e bad.ipfix -a ! -e bad.jsonl
ends 2 'subscribers: no such file' "$P2I" --subscribers nowhere.csv -w bad.ipfix "$radius"
reports 'subscribers: no such file: which' '^pcap2ipfix: nowhere.csv: cannot read: No such file'

# FLW_DIR.
services=$captures/services.pcap
shows 'FLW_DIR is DIR_DATA' raw FLW_DIR,DIR_DATA '0 0\n1 1\n' "$services"
echo 'subscribers: {networks: [198.51.100.0/24, "2001:db8::/32"]}' >networks.yaml
shows 'FLW_DIR by subscribers.networks' raw FLW_DIR,DIR_DATA '1 0\n0 1\n' -c networks.yaml "$services"

# Channels: VLAN, label, interface, file; a label and a second interface are put in here.
python3 - "$captures/http-vlan.pcap" <<'END'
import struct, sys
data = open(sys.argv[1], "rb").read()
at, frames = 24, []
while at < len(data):
    size = struct.unpack_from("<I", data, at + 8)[0]
    frames.append((data[at:at + 8], data[at + 16:at + 16 + size]))
    at += 16 + size
with open("mpls.pcap", "wb") as out:
    out.write(data[:24])
    for time, frame in frames:
        frame = frame[:12] + b"\x88\x47\0\x06\x41\xff" + frame[18:]  # label 100 for the tag
        out.write(time + struct.pack("<II", len(frame), len(frame)) + frame)
block = lambda kind, body: struct.pack("<II", kind, len(body) + 12) + body + struct.pack(
    "<I", len(body) + 12)
with open("second.pcapng", "wb") as out:
    out.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    out.write(block(1, struct.pack("<HHI", 1, 0, 0)) * 2)
    for time, frame in frames:
        seconds, rest = struct.unpack("<II", time)
        stamp = seconds * 1000000 + rest
        frame = frame[:12] + frame[16:]
        size = len(frame)
        frame += bytes(-size % 4)
        out.write(block(6, struct.pack("<IIIII", 1, stamp >> 32, stamp & 0xFFFFFFFF, size, size)
                        + frame))
END
# channel CONFIGURATION CAPTURE: the channels of all its records.
channel()
{
    echo "channels: $1" >channels.yaml
    "$P2I" -q -c channels.yaml --records clickstream -j - "$2" |
        grep -o '"BRIDGE_CHANNEL_NUM":[0-9]*' | sort -u | tr '\n' ' '
}
is_channel() { expect "channels: $2" test "$(channel "$3" "$4")" = "\"BRIDGE_CHANNEL_NUM\":$1 "; }
vlan=$captures/http-vlan.pcap
is_channel 0 'no rule fits' '{vlan: {11: 5}, file: {other.pcap: 6}}' "$vlan"
is_channel 5 'VLAN' '{vlan: {11: 4, 10: 5}}' "$vlan"
is_channel 7 'MPLS label' '{mpls: {100: 7}, interface: {0: 8}}' mpls.pcap
is_channel 1 'the interface without a rule' '{interface: {0: 8}}' second.pcapng
is_channel 8 'interface' '{interface: {1: 8}}' second.pcapng
is_channel 65535 'file' '{file: {http-vlan.pcap: 65535}}' "$vlan"
is_channel 5 'VLAN before file' '{file: {http-vlan.pcap: 6}, vlan: {10: 5}}' "$vlan"
is_channel 7 'MPLS before interface and file' '{file: {mpls.pcap: 6}, interface: {0: 8}, mpls: {100: 7}}' \
    mpls.pcap

# LOCKED.
printf '# hosts\nshop.example/order\n*.example.org\nwww.example\n' >hosts.txt
printf 'shop.example/goods/*\nshop.example/order\n' >urls.txt
echo 'locked: {hosts: hosts.txt, urls: urls.txt}' >locked.yaml
locked() { "$P2I" -q -c "$1" --records clickstream -j - "${@:2}" | python3 -c '
import json, sys
print(sorted({(r["HOSTNAME"] + r["PATH"], r["LOCKED"]) for r in map(json.loads, sys.stdin)
              if r["LOCKED"]}))'; }
expect 'locked: hosts and URLs' test "$(locked locked.yaml "$vlan" "$captures/https-tls12.pcap")" = \
    "[('shop.example/goods/list.json', 2), ('shop.example/order', 3), ('www.example', 1)]"
expect 'locked: none' test "$(locked none.yaml "$vlan" "$captures/https-tls12.pcap")" = '[]'
echo 'http://shop.example/' >>urls.txt
ends 2 'locked: a bad line' "$P2I" -c locked.yaml -w bad.ipfix "$vlan"
reports 'locked: a bad line is named' "^pcap2ipfix: urls.txt: line 3: 'http://shop.example/': "

# Numbers of protocols.
printf 'http 50080 # ours\nstun 65535\n' >numbers.txt
echo 'protocol_numbers: numbers.txt' >numbers.yaml
shows 'protocol_numbers: flow' flow DPI_PROTOCOL "$(printf '50080\\n%.0s' {1..10})" -c numbers.yaml "$pppoe"
shows 'protocol_numbers: raw' raw VDPI_PROTO,META_PROTO '65535 15\n65535 15\n' -c numbers.yaml "$services"
echo 'skype 1' >>numbers.txt
ends 2 'protocol_numbers: a bad line' "$P2I" -c numbers.yaml -w bad.ipfix "$pppoe"
reports 'protocol_numbers: a bad line is named' "^pcap2ipfix: numbers.txt: line 3: .*skype"
expect 'no output after an error' test ! -e bad.ipfix
