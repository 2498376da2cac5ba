# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# The gateway's own configuration; part of tests/cli/run, whose variables and functions these are.

printf '\xef\xbb\xbf# exported to QoE\r
ipfix_dev=em1\r
  ipfix_udp_collectors = 192.0.2.1:1500, 192.0.2.2:1501   # two\r
ipfix_meta_tcp_collectors[1]=192.0.2.3:9418\r
ipfix_meta_tcp_collectors[2]="192.0.2.4:9418"\r
ipfix_mtu_limit=9000\r
ipfix_mtu_limit[2]=1200\r
ipfix_mtu_limit=1300\r
ipfix_udp_template_timer=\r
netflow=0x9\r
netflow_full_collector='"'"'127.0.0.1:1500'"'"'\r
netflow_full_collector_type=2\r
netflow_active_timeout=600\r
ajb_save_dns=-1\r
ajb_dns_fsize=1048576\r
ajb_dns_ftimeout=60\r
in_dev=81-00.0:82-00.0\r
mem_tracking_flow=160000000\r
ajb_save_url_format=ts:prg:login\r
http_parse_replay=1\r' >fastdpi.conf
ends 0 '--gateway-config' "$P2I" --gateway-config fastdpi.conf --print-config
cp "$scratch/out" gateway.yaml
sed 's/^pcap2ipfix: //' "$scratch/err" >reported
# became LINE NAME TEXT: what is reported of a parameter.
became() { reports "--gateway-config: $2" "^pcap2ipfix: fastdpi.conf:$1: $2: $3\$"; }
became 2 ipfix_dev 'ignored: of a live gateway'
became 3 ipfix_udp_collectors 'used: 192.0.2.1:1500, 192.0.2.2:1501'
became 5 ipfix_meta_tcp_collectors 'used: 192.0.2.4:9418'
became 6 ipfix_mtu_limit 'ignored: line 8 sets it again'
became 7 ipfix_mtu_limit 'ignored: only lists have an index'
became 8 ipfix_mtu_limit 'used: 1300'
became 9 ipfix_udp_template_timer 'ignored: it has no value'
became 10 netflow 'used: 0x9'
became 14 ajb_save_dns 'used: 1'
became 17 in_dev 'ignored: of a live gateway'
became 18 mem_tracking_flow 'ignored: of a live gateway'
became 19 ajb_save_url_format 'ignored: there is no text log of HTTP; -j writes clickstream records'
became 20 http_parse_replay "unknown; did you mean 'http_parse_reply'?"
reports '--gateway-config: the defaults of the gateway' \
    '^pcap2ipfix: fastdpi.conf: netflow_passive_timeout: used: 30, default of the gateway$'
expect '--gateway-config: a line for each parameter and default' test "$(wc -l <reported)" -eq 21
expect '--gateway-config: the same lines are comments' cmp <(sed -n 's/^# //p' gateway.yaml) reported
# has LINE: the printed configuration has this line.
sets() { expect "--gateway-config sets $1" grep -qxF "$1" gateway.yaml; }
sets "ipfix_udp_collectors: ['192.0.2.1:1500', '192.0.2.2:1501']"
sets "ipfix_meta_tcp_collectors: ['192.0.2.3:9418', '192.0.2.4:9418']"
sets 'records: [clickstream, ssl_reply, sip, ftp, im, mail, dns, flow]'
sets "netflow_full_collector: '127.0.0.1:1500'"
sets 'netflow_full_collector_type: 2'
sets 'netflow_passive_timeout: 30'
sets 'netflow_active_timeout: 600'
sets 'ipfix_mtu_limit: 1300'
sets 'ipfix_udp_template_timer: 30'
sets 'ajb_save_dns: 1'
sets 'ajb_dns_fsize: 1M'
sets 'http_parse_reply: 0'
ends 0 '--gateway-config: what is printed is a configuration' "$P2I" -c gateway.yaml --print-config
expect '--gateway-config: of the same effect' cmp <(grep -v '^#' gateway.yaml) "$scratch/out"
echo 'ipfix_mtu_limit: 600' >over.yaml
ends 0 '--gateway-config: -c and options override it' "$P2I" -q -c over.yaml --gateway-config fastdpi.conf \
    -e udp://192.0.2.9:1 --records dns --print-config
cp "$scratch/out" gateway.yaml
sets 'ipfix_mtu_limit: 600'
sets 'records: [dns]'
sets 'ipfix_udp_collectors: []'
expect '-q: nothing is reported' test ! -s "$scratch/err"

# Flows are sent only as IPFIX.
flows()
{
    printf '%b' "$2" >flows.conf
    "$P2I" --gateway-config flows.conf --print-config >gateway.yaml 2>"$scratch/err"
    reports "$1" "$3"
    sets "netflow_full_collector: ''"
}
flows 'flows as NetFlow v5' 'netflow=8\nnetflow_full_collector=127.0.0.1:1500\n' 'collector: ignored: .*NetFlow v5'
expect 'flows as NetFlow v5: records there are' grep -q 'records: .*flow' gateway.yaml
flows 'flows that are off' 'netflow=7\nnetflow_full_collector=127.0.0.1:1500\nnetflow_full_collector_type=1\n' \
    'collector_type: ignored: netflow has no 8'
expect 'flows that are off: no records' bash -c '! grep -q "records: .*flow" gateway.yaml'

# It converts as the file says.
echo 'http_parse_reply=1' >replies.conf
expect '--gateway-config: converts' cmp <("$P2I" -q --gateway-config replies.conf -j - "$web") <("$P2I" -q -j - "$web")
: >empty.conf
expect '--gateway-config: no replies by default' test \
    "$("$P2I" -q --gateway-config empty.conf -j - "$web" | grep -c http_reply)" -eq 0

# faulty NAME TEXT LINE WORDS
faulty()
{
    printf '%b' "$2" >faulty.conf
    ends 2 "faulty: $1" "$P2I" -w x.ipfix "$web" --gateway-config faulty.conf
    reports "faulty: $1: file, line and why" "^pcap2ipfix: faulty.conf:$3: .*$4"
    expect "faulty: $1: one line" test "$(wc -l <"$scratch/err")" -eq 1
    expect "faulty: $1: nothing is written" test ! -e x.ipfix
}
faulty 'no =' 'http_parse_reply=1\n\njust words\n' 3 "expected KEY=VALUE, found 'just words'"
faulty 'no key' '\n=1\n' 2 'expected KEY=VALUE'
faulty 'an index without end' 'ipfix_udp_collectors[1=192.0.2.1:1\n' 1 'expected KEY=VALUE'
faulty 'a quote without end' 'ajb_dns_path="/tmp\n' 1 'expected a quote at the end'
faulty 'words behind a quote' 'ajb_dns_path="/tmp" x\n' 1 "nothing behind the value in quotes, found 'x'"
faulty 'a wrong number' 'udr=1\nipfix_mtu_limit=big\n' 2 "ipfix_mtu_limit: 'big' is not a number"
faulty 'a wrong item' 'ipfix_udp_collectors=192.0.2.1:1\nipfix_udp_collectors[2]=192.0.2.1:1,here\n' 2 ipfix_udp_collectors
faulty 'a wrong mask' '\nnetflow=all\n' 2 "netflow: 'all' is not a mask"
faulty 'a NUL' 'udr=1\nb=\0000x\n' 2 'a NUL'
faulty 'control characters' 'ipfix_mtu_limit=\0033[31m\n' 1 'x1b'
ends 2 '--gateway-config that is missing' "$P2I" --gateway-config nowhere.conf --print-config
reports '--gateway-config that is missing is named' 'nowhere.conf: .*No such file'
ends 2 '--gateway-config that is too large' bash -c 'head -c 2000000 /dev/zero | tr "\0" "#" >large.conf
    exec "$@"' bash "$P2I" --gateway-config large.conf --print-config
for i in {1..4097}; do echo "a$i=1"; done >many.conf
ends 2 '--gateway-config with too many parameters' "$P2I" --gateway-config many.conf --print-config
reports '--gateway-config with too many parameters: message' 'many.conf:4097: too many'

# Each parameter that is used has a key.
expect 'parameters that are used are keys' bash -c '
    sed -n "s/^GATEWAY(\"\([^\"]*\)\", \"[^\"]*\", \"\")$/\1/p" "$1/gateway.def" | grep -vx netflow >used
    [ "$(wc -l <used)" -ge 15 ] && while read -r name; do
        grep -q "^KEY(\"\", \"$name\"," "$1/keys.def" || { echo "$name"; exit 1; }
    done <used' bash "$root/src/config"
