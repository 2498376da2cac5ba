# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# SIP for samples/captures/record: sipp at both ends, with its built-in scenarios and the ones
# below.

: "${work:?}"

sip4=198.51.100.60
sip6=2001:db8:2::60

# sip_refusal NAME STATUS-LINE: a server that refuses every call.
sip_refusal()
{
    cat >"$work/$1.xml" <<SCENARIO
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="$1">
  <recv request="INVITE"/>
  <send retrans="500"><![CDATA[
SIP/2.0 $2
[last_Via:]
[last_From:]
[last_To:];tag=[pid]$1[call_number]
[last_Call-ID:]
[last_CSeq:]
Server: phone/1.0
Content-Length: 0

]]></send>
  <recv request="ACK"/>
</scenario>
SCENARIO
}

# A phone that registers (refused first, then with credentials), sends OPTIONS and a MESSAGE, with
# short header names and folded headers (sipp removes blanks at the start of a line, hence \x20).
sip_phone()
{
    cat >"$work/phone.xml" <<'SCENARIO'
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="phone">
  <send retrans="500"><![CDATA[
REGISTER sip:sip.example SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Anna" <sip:anna@sip.example>;tag=[pid]r[call_number]
To: "Anna" <sip:anna@sip.example>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:anna@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
Expires: 3600
User-Agent: phone/1.0
Content-Length: 0

]]></send>
  <recv response="401" auth="true"/>
  <send retrans="500"><![CDATA[
REGISTER sip:sip.example SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Anna" <sip:anna@sip.example>;tag=[pid]r[call_number]
To: "Anna" <sip:anna@sip.example>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:anna@[local_ip]:[local_port];transport=[transport]>
[authentication username=anna password=made-up]
Max-Forwards: 70
Expires: 3600
User-Agent: phone/1.0
Content-Length: 0

]]></send>
  <recv response="200"/>
  <send retrans="500"><![CDATA[
OPTIONS sip:berta@sip.example SIP/2.0
v: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
f: <sip:anna@sip.example>;tag=[pid]o[call_number]
t: <sip:berta@sip.example>
i: [call_id]
CSeq: 3 OPTIONS
Accept: application/sdp,
\x20text/plain
User-Agent: phone/1.0
l: 0

]]></send>
  <recv response="200"/>
  <send retrans="500"><![CDATA[
MESSAGE sip:berta@sip.example SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Route: <sip:proxy.example;lr>
From: "Anna" <sip:anna@sip.example>;tag=[pid]m[call_number]
To: <sip:berta@sip.example>
Call-ID: [call_id]
CSeq: 4 MESSAGE
c: text/plain
User-Agent: phone/1.0
\x20(in two lines)
Content-Length: [len]

INVITE me, SIP/2.0 is how]]></send>
  <recv response="202"/>
</scenario>
SCENARIO
}

# The registrar that answers the phone.
sip_registrar()
{
    cat >"$work/registrar.xml" <<'SCENARIO'
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="registrar">
  <recv request="REGISTER"/>
  <send><![CDATA[
SIP/2.0 401 Unauthorized
[last_Via:]
[last_From:]
[last_To:];tag=[pid]g[call_number]
[last_Call-ID:]
[last_CSeq:]
WWW-Authenticate: Digest realm="sip.example", nonce="47364c23432d2e131a5fb210812c"
Server: registrar/1.0
Content-Length: 0

]]></send>
  <recv request="REGISTER"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]g[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Contact:]
Server: registrar/1.0
Content-Length: 0

]]></send>
  <recv request="OPTIONS"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_v:]
[last_f:]
[last_t:];tag=[pid]g[call_number]
[last_i:]
[last_CSeq:]
Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE
Server: registrar/1.0
l: 0

]]></send>
  <recv request="MESSAGE"/>
  <send><![CDATA[
SIP/2.0 202 Accepted
[last_Via:]
[last_From:]
[last_To:];tag=[pid]g[call_number]
[last_Call-ID:]
[last_CSeq:]
Server: registrar/1.0
Content-Length: 0

]]></send>
</scenario>
SCENARIO
}

# sip_answer ADDRESS TRANSPORT PORT SCENARIO...: starts an end that waits for calls.
sip_answer()
{
    local address=$1 transport=$2 port=$3
    shift 3
    (cd "$work" && exec ip netns exec p2i-server sipp "$@" -t "$transport" -i "$address" -p "$port" \
        -nostdin >/dev/null 2>"$work/sip-server.log") &
}

start_sip()
{
    sip_refusal busy '486 Busy Here'
    sip_refusal nobody '404 Not Found'
    sip_phone
    sip_registrar
    sip_caller
    sip_answer $sip4 u1 5060 -sn uas
    sip_answer $sip4 u1 5062 -sf busy.xml
    sip_answer $sip4 u1 5064 -sf nobody.xml
    sip_answer $sip4 u1 5066 -sf registrar.xml
    sip_answer $sip4 u1 5070 -sn uas -rtp_echo -mi $sip4
    sip_answer $sip6 t1 5060 -sn uas
    sip_answer $sip6 t1 5062 -sf busy.xml
    sip_answer $sip6 t1 5066 -sf registrar.xml
    await_port 5060
    await_port 5062
    await_port 5066
}

# sip_call ADDRESS TRANSPORT LOCAL PORT ARGUMENT...: makes calls; a refused call is not an error.
sip_call()
{
    local address=$1 transport=$2 from=$3 port=$4
    shift 4
    (cd "$work" && exec ip netns exec p2i-client timeout 30 sipp "$@" -t "$transport" -i "$from" \
        -nostdin -max_socket 100 "$address:$port" >/dev/null) || echo "sipp: $?" >&2
}

talk_sip_udp()
{
    sip_call $sip4 u1 192.0.2.10 5060 -sn uac -s berta -m 3 -r 2 -d 50
    sip_call $sip4 u1 192.0.2.10 5062 -sn uac -s berta -m 1
    sip_call $sip4 u1 192.0.2.10 5064 -sn uac -s nobody -m 1
    sip_call $sip4 u1 192.0.2.10 5066 -sf phone.xml -m 1
}

# t1: all calls on one connection; tn: a connection for each call.
talk_sip_tcp()
{
    sip_call "[$sip6]" t1 2001:db8:1::10 5060 -sn uac -s berta -m 3 -r 50 -d 50
    sip_call "[$sip6]" tn 2001:db8:1::10 5062 -sn uac -s berta -m 1
    sip_call "[$sip6]" t1 2001:db8:1::10 5066 -sf phone.xml -m 1
}

# A call with half a second of sound each way: the caller plays, the other end echoes it.
sip_caller()
{
    head -c 4000 /dev/zero | tr '\0' '\325' >"$work/silence.pcma"
    cat >"$work/caller.xml" <<'SCENARIO'
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="caller">
  <send retrans="500"><![CDATA[
INVITE sip:berta@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Anna" <sip:anna@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:berta@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:anna@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=anna 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200"/>
  <send><![CDATA[
ACK sip:berta@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Anna" <sip:anna@[local_ip]:[local_port]>;tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <nop><action><exec rtp_stream="silence.pcma,1,8,PCMA/8000"/></action></nop>
  <pause milliseconds="700"/>
  <send retrans="500"><![CDATA[
BYE sip:berta@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Anna" <sip:anna@[local_ip]:[local_port]>;tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
SCENARIO
}

talk_sip_rtp() { sip_call $sip4 u1 192.0.2.10 5070 -sf caller.xml -m 1; }

record_sip()
{
    any_recorded sip-{udp,tcp,rtp}.pcap || return 0
    start_sip
    take sip-udp.pcap p2i-client c0 -- talk_sip_udp
    take sip-tcp.pcap p2i-client c0 -- talk_sip_tcp
    take sip-rtp.pcap p2i-client c0 -- talk_sip_rtp
}
