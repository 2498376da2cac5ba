# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Services that are recognised but not parsed, for samples/captures/record: short
# sessions between real clients and servers.

: "${work:?}"

host4=198.51.100.22

# own_run COMMAND...: runs a server with a private /run, so that the machine's is not touched.
# shellcheck disable=SC2016
own_run() { server_as host.example unshare --mount sh -c \
    'mount -t tmpfs none /run && mkdir /run/sshd && exec "$@"' sh "$@"; }

start_ssh_redis_mqtt()
{
    ssh-keygen -q -t ed25519 -N '' -C host.example -f "$work/ssh.host"
    ssh-keygen -q -t ed25519 -N '' -C anna@home.example -f "$work/ssh.anna"
    cat >"$work/sshd.conf" <<SSHD
ListenAddress $host4
HostKey $work/ssh.host
PidFile none
UsePAM no
StrictModes no
AuthorizedKeysFile $work/ssh.anna.pub
SSHD
    own_run /usr/sbin/sshd -D -e -f "$work/sshd.conf" >"$work/sshd.log" 2>&1 &
    own_run redis-server --bind "$host4" --protected-mode no --save '' --dir "$work" \
        >"$work/redis.log" &
    printf 'listener 1883 %s\nallow_anonymous true\n' "$host4" >"$work/mosquitto.conf"
    own_run mosquitto -c "$work/mosquitto.conf" >"$work/mosquitto.log" 2>&1 &
}

start_ntp_snmp_tftp()
{
    cat >"$work/chrony.conf" <<CHRONY
local stratum 8
allow all
bindaddress $host4
cmdport 0
bindcmdaddress /
pidfile $work/chrony.pid
CHRONY
    own_run chronyd -d -x -u root -f "$work/chrony.conf" >"$work/chrony.log" 2>&1 &
    cat >"$work/snmpd.conf" <<SNMPD
agentaddress udp:$host4:161
rocommunity lookhere
sysdescr a host
sysname host.example
syslocation rack 1
syscontact admin@host.example
SNMPD
    own_run env SNMP_PERSISTENT_DIR="$work" snmpd -f -Lo -C -c "$work/snmpd.conf" \
        >"$work/snmpd.log" 2>&1 &
    mkdir -p "$work/tftp"
    seq -f 'line %g of a boot image' 1 60 >"$work/tftp/boot.img"
    own_run in.tftpd -L -s -a "$host4:69" "$work/tftp" >"$work/tftpd.log" 2>&1 &
}

start_ldap_dhcp_stun()
{
    printf 'include /etc/ldap/schema/core.schema\npidfile %s/slapd.pid\nargsfile %s/slapd.args\n' \
        "$work" "$work" >"$work/slapd.conf"
    own_run slapd -f "$work/slapd.conf" -h "ldap://$host4" -d 0 >"$work/slapd.log" 2>&1 &
    own_run dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=s0 --bind-interfaces \
        --dhcp-range=198.51.100.200,198.51.100.210 --leasefile-ro --dhcp-authoritative \
        >"$work/dnsmasq.log" 2>&1 &
    own_run turnserver -n -S -L "$host4" --no-tls --no-dtls --no-cli -l stdout --userdb \
        "$work/turn.db" >"$work/turn.log" 2>&1 &
}

start_services()
{
    local port
    start_ssh_redis_mqtt
    start_ntp_snmp_tftp
    start_ldap_dhcp_stun
    for port in 22 6379 1883 389 3478; do await_port "$port"; done
    until [ "$(server ss -Hlun 'sport = :123 or sport = :161 or sport = :69' | wc -l)" -ge 3 ]; do
        sleep 0.1
    done
}

at_home() { client_as home.example timeout 20 "$@" || true; }

talk_remote_shell()
{
    at_home ssh -F none -i "$work/ssh.anna" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null "anna@$host4" true
}

talk_services()
{
    talk_remote_shell
    at_home redis-cli -h "$host4" SET greeting 'GET / HTTP/1.1'
    at_home redis-cli -h "$host4" GET greeting
    at_home redis-cli -h "$host4" WRONG
    at_home mosquitto_sub -h "$host4" -i kitchen -t 'home/#' -C 1 &
    sleep 0.5
    at_home mosquitto_pub -h "$host4" -i garden -q 1 -t home/garden -m '{"temperature": 21}'
    wait $!
    at_home ldapsearch -x -LLL -H "ldap://$host4" -s base -b '' namingContexts supportedLDAPVersion
    at_home ntpdig "$host4"
    at_home env SNMP_PERSISTENT_DIR="$work" snmpget -v 2c -c lookhere "$host4" 1.3.6.1.2.1.1.5.0 1.3.6.1.2.1.1.6.0
    at_home env SNMP_PERSISTENT_DIR="$work" snmpget -v 1 -c wrong -r 0 -t 0.3 "$host4" 1.3.6.1.2.1.1.5.0
    at_home tftp "$host4" -m binary -c get boot.img /dev/null
    at_home udhcpc -f -n -q -i c0 -s /bin/true -x hostname:home
    at_home turnutils_stunclient "$host4"
    at_home logger -n "$host4" -P 514 -d -t gate --rfc3164 -p auth.info 'door opened'
    at_home logger -n "$host4" -P 514 -d -t gate --rfc5424=notq -p auth.info 'door closed'
}

record_services()
{
    any_recorded services.pcap || return 0
    start_services
    take services.pcap p2i-client c0 -- talk_services
}
