# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# AS numbers of flows; part of tests/cli/run, whose variables and functions these are.

# AS numbers of flows, IPv4 and IPv6.
visit=$root/samples/captures/visit-any.pcap
"$root/tests/cli/make-mmdb.py" as.mmdb 192.0.2.0/24=64501 198.51.100.80/32=4200000000 \
    2001:db8:1::/48=64503
numbers()
{
    "$P2I" -q --as-database as.mmdb --records flow -j - "$visit" |
        grep -o "\"source[^,]*Address\":\"$1\".*AsNumber\":[0-9]*,\"bgpDest[^,]*" |
        grep -o 'AsNumber":[0-9]*' | sort -u | tr '\n' ' '
}
expect 'AS numbers: IPv4' test "$(numbers 198.51.100.80)" = \
    'AsNumber":4200000000 AsNumber":64501 '
expect 'AS numbers: IPv6' test "$(numbers 2001:db8:2::80)" = 'AsNumber":0 AsNumber":64503 '
ends 2 'AS numbers: not a database' "$P2I" -q --as-database "$dns" -w as.ipfix "$visit"
reports 'AS numbers: which file' 'dns-udp.pcap: cannot use it for AS numbers'
ends 2 'AS numbers: no such file' "$P2I" -q --as-database nowhere.mmdb -w as.ipfix "$visit"
reports 'AS numbers: which file is not there' 'nowhere.mmdb: cannot use it for AS numbers.*No such file'
