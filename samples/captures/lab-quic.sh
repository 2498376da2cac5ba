# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# QUIC for samples/captures/record: HTTP/3 between ngtcp2's client and server.

: "${work:?}"

quic4=198.51.100.80
quic6=2001:db8:2::80

# quic_answer ADDRESS PORT OPTION...: starts a server.
quic_answer()
{
    local address=$1 port=$2
    shift 2
    server_as shop.example gtlsserver -q --no-pmtud --max-gso-dgrams=1 -d "$work/site" \
        --mime-types-file=/dev/null "$@" "$address" "$port" "$work/shop.key" "$work/chain.pem" \
        >"$work/quic-$port.log" 2>&1 &
}

start_quic()
{
    # One name for each version of IP, because the client has no option for it.
    echo "$quic4 quic.example" >>/etc/netns/p2i-client/hosts
    echo "$quic6 quic6.example" >>/etc/netns/p2i-client/hosts
    quic_answer "$quic4" 443
    quic_answer "$quic6" 443
    quic_answer "$quic4" 8443 -V
    until [ "$(server ss -Hlun 'sport = :443 or sport = :8443' | wc -l)" -eq 3 ]; do sleep 0.1; done
}

# quic_client HOST PORT OPTION... -- PATH...: requests the paths; HOST is the server name in the hello.
quic_client()
{
    local host=$1 port=$2 options=() urls=()
    shift 2
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    while [ $# -gt 0 ]; do urls+=("https://$host$1"); shift; done
    client_as home.example timeout 20 gtlsclient -q --no-pmtud --exit-on-all-streams-close \
        "${options[@]}" "$host" "$port" "${urls[@]}" || true
}

# A first session and one resumed with early data; a server that validates the address (Retry); a
# hello too long for one packet; version 2 as in its draft; IPv6.
talk_quic()
{
    local state=(--session-file="$work/quic.session" --tp-file="$work/quic.parameters")
    quic_client quic.example 443 "${state[@]}" -- /goods/list.json /robots.txt
    quic_client quic.example 443 "${state[@]}" -- /index.html
    quic_client quic.example 8443 -- /robots.txt
    quic_client quic.example 443 --groups=-GROUP-ALL:+GROUP-FFDHE8192:+GROUP-X25519 -- /robots.txt
    quic_client quic.example 443 -v v2draft -- /robots.txt
    quic_client quic6.example 443 --scid= -- /robots.txt
}

record_quic()
{
    any_recorded quic.pcap || return 0
    start_quic
    take quic.pcap p2i-client c0 -- talk_quic
}
