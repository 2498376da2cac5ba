# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The laboratory of samples/captures/record: a client and a server, each in a network namespace of
# its own, with no way out. Sourced by it. Addresses are those set aside for documentation
# (RFC 5737, RFC 3849), names end in .example (RFC 2606).
#
#   p2i-client c0 ──────────────────────── s0 p2i-server          lab_direct
#   p2i-client c0 ── w0 p2i-wire w1 ────── s0 p2i-server          lab_wire (loss, late frames)
#   p2i-client c0 ── w0 p2i-wire t0 ══ t1 p2i-trunk w1 ── s0      lab_trunk (tags on t0 ══ t1)

: "${work:?}" "${here:?}" # a temporary folder; the folder of this file

lab_client4=192.0.2.10
lab_client6=2001:db8:1::10
# The server's addresses end so: a host each, with both versions of IP.
lab_hosts=(21 22 25 52 53 54 60 80 88)
lab_spaces=(p2i-client p2i-server p2i-wire p2i-trunk)

client() { ip netns exec p2i-client "$@"; }
server() { ip netns exec p2i-server "$@"; }
# client_as HOST, server_as HOST COMMAND...: the same, where the host has that name.
# shellcheck disable=SC2016
client_as() { client unshare --uts sh -c 'hostname "$0" && exec "$@"' "$@"; }
# shellcheck disable=SC2016
server_as() { server unshare --uts sh -c 'hostname "$0" && exec "$@"' "$@"; }

# The hosts that the spaces know without asking the resolver.
lab_names()
{
    local name
    echo '127.0.0.1 localhost'
    echo "$lab_client4 home.example"
    for name in 21:ftp 22:host 25:mail 52:im 60:sip; do
        echo "198.51.100.${name%:*} ${name#*:}.example"
        echo "2001:db8:2::${name%:*} ${name#*:}.example"
    done
}

# Users that only the server's space knows: name and password, none with a shell.
lab_users()
{
    local etc=/etc/netns/p2i-server
    cp /etc/passwd "$etc/passwd"
    echo "anna:x:2001:2001:Anna:$work/home:/usr/sbin/nologin" >>"$etc/passwd"
    (umask 077 && echo "anna:$(openssl passwd -6 sesame):19000::::::" >"$etc/shadow")
    mkdir -p "$etc/pam.d" "$work/home"
    printf '%s required pam_unix.so\n' auth account session >"$etc/pam.d/other"
    chown 2001:2001 "$work/home"
}

# lab_end SPACE NAME MAC: brings up one end of a link without offloads, so that what is captured
# is what a network would carry.
lab_end()
{
    local space=$1 name=$2 mac=$3
    ip -n "$space" link set "$name" address "$mac" mtu "${4:-1500}"
    ip netns exec "$space" sysctl -q -w "net.ipv6.conf.$name.accept_dad=0" \
        "net.ipv6.conf.$name.router_solicitations=0"
    ip netns exec "$space" ethtool -K "$name" tx off rx off tso off gso off gro off \
        sg off rxvlan off txvlan off >/dev/null 2>&1 || true
    ip -n "$space" link set "$name" up
}

lab_spaces_make()
{
    local space
    lab_clear
    for space in "${lab_spaces[@]}"; do
        ip netns add "$space"
        ip -n "$space" link set lo up
    done
}

lab_cut_wires()
{
    local space
    for space in p2i-wire p2i-trunk; do
        ip netns pids "$space" | xargs -r kill 2>/dev/null || true
    done
}

# A server that still writes would keep the temporary folder alive.
lab_await_end()
{
    local tries=0
    while [ -n "$(ip netns pids "$1")" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 50 ] || { ip netns pids "$1" | xargs -r kill -9 2>/dev/null || true; return; }
        sleep 0.1
    done
}

# Ends what runs in the namespaces and removes them; their links and addresses go with them.
lab_clear()
{
    local space
    for space in "${lab_spaces[@]}"; do
        ip netns list | grep -qw "$space" || continue
        ip netns pids "$space" | xargs -r kill 2>/dev/null || true
        lab_await_end "$space"
        ip netns del "$space"
    done
}

# Takes the present link away; servers go on, bound to addresses that come back with the next.
lab_unlink()
{
    local space
    lab_cut_wires
    for space in p2i-client:c0 p2i-server:s0 p2i-wire:w0 p2i-wire:t0; do
        ip -n "${space%:*}" link del "${space#*:}" 2>/dev/null || true
    done
}

lab_addresses()
{
    local host
    lab_end p2i-client c0 02:00:00:00:00:0a
    lab_end p2i-server s0 02:00:00:00:00:50
    ip -n p2i-client addr add "$lab_client4/24" dev c0
    ip -n p2i-client -6 addr add "$lab_client6/64" dev c0 nodad
    ip -n p2i-client route add 198.51.100.0/24 dev c0
    ip -n p2i-client -6 route add 2001:db8:2::/64 dev c0
    for host in "${lab_hosts[@]}"; do
        ip -n p2i-server addr add "198.51.100.$host/24" dev s0
        ip -n p2i-server -6 addr add "2001:db8:2::$host/64" dev s0 nodad
    done
    ip -n p2i-server route add 192.0.2.0/24 dev s0
    ip -n p2i-server -6 route add 2001:db8:1::/64 dev s0
}

lab_direct()
{
    lab_unlink
    ip link add c0 netns p2i-client type veth peer name s0 netns p2i-server
    lab_addresses
}

# lab_join SPACE ARGUMENT...: starts a wire and waits until it carries frames.
lab_join()
{
    local space=$1 ready
    shift
    ready=$(mktemp -u "$work/wire.XXXXXX")
    mkfifo "$ready"
    ip netns exec "$space" python3 "$here/wire.py" "$@" >"$ready" &
    head -n 1 "$ready" >/dev/null
}

lab_wire()
{
    lab_unlink
    ip link add c0 netns p2i-client type veth peer name w0 netns p2i-wire
    ip link add s0 netns p2i-server type veth peer name w1 netns p2i-wire
    lab_addresses
    lab_end p2i-wire w0 02:00:00:00:01:00
    lab_end p2i-wire w1 02:00:00:00:01:01
    lab_join p2i-wire "$@" w0 w1
}

lab_trunk()
{
    lab_unlink
    ip link add c0 netns p2i-client type veth peer name w0 netns p2i-wire
    ip link add t0 netns p2i-wire type veth peer name t1 netns p2i-trunk
    ip link add s0 netns p2i-server type veth peer name w1 netns p2i-trunk
    lab_addresses
    lab_end p2i-wire w0 02:00:00:00:01:00
    lab_end p2i-wire t0 02:00:00:00:01:02 1600
    lab_end p2i-trunk t1 02:00:00:00:01:03 1600
    lab_end p2i-trunk w1 02:00:00:00:01:01
    lab_join p2i-wire "$@" w0 t0
    lab_join p2i-trunk "$@" w1 t1
}

# capture_start SPACE INTERFACE FILE [TCPDUMP OPTION...]
capture_start()
{
    local space=$1 interface=$2 file=$3 tries=0
    shift 3
    ip netns exec "$space" tcpdump -Z root -U --immediate-mode -i "$interface" -w "$file" "$@" \
        2>"$work/tcpdump.log" &
    capture_pid=$!
    until grep -q 'listening on' "$work/tcpdump.log"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then
            cat "$work/tcpdump.log" >&2
            return 1
        fi
        sleep 0.05
    done
}

capture_stop()
{
    sleep 0.4 # the last FIN and ACK
    kill -INT "$capture_pid"
    wait "$capture_pid" || true
}
