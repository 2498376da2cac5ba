# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# Which Debian packages the scripts need, and how they get them. Sourced by samples/run, tests/run
# and samples/captures/record.

packages_build=(gcc libc6-dev meson ninja-build pkg-config libpcap-dev libyaml-dev zlib1g-dev
    libzstd-dev liblzma-dev liblz4-dev libbz2-dev libssl-dev libexpat1-dev libmaxminddb-dev libseccomp-dev)
if [ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ]; then
    packages_build+=(libisal-dev) # gzip in four fifths of the time
fi
packages_test=(libcriterion-dev g++ clang llvm clang-format clang-tidy cppcheck mandoc tshark libfixbuf-tools
    python3 python3-ipfix gzip shellcheck libclang-rt-14-dev openssl procps python3-yaml
    valgrind zstd lz4 gpg gpg-agent libsystemd-dev) # libpcap names it to those who link it statically
# Collectors of others, another program that finds protocols, what makes and looks at packages, what distributes work;
# without them the tests of them are skipped. tests/package/run --full needs packages_release.
packages_collectors=(nfdump pmacct softflowd clickhouse-server clickhouse-client jq sqlite3)
packages_oracles=(libndpi-bin)
packages_package=(dpkg-dev)
packages_release=(abigail-tools autopkgtest debootstrap dpkg-dev iproute2)
packages_cluster=(slurmctld slurmd slurm-client munge parallel)
packages_browser=(chromium)
packages_record=(nginx curl bind9-dnsutils unbound nsd ldnsutils
    tcpdump tshark openssl iproute2 ethtool tinyproxy python3 sip-tester
    vsftpd lftp postfix dovecot-imapd dovecot-pop3d dovecot-lmtpd swaks libnet-ssleay-perl
    libio-socket-inet6-perl prosody python3-slixmpp go-sendxmpp
    ngtcp2-client ngtcp2-server openssh-server openssh-client redis-server redis-tools mosquitto
    mosquitto-clients chrony ntpsec-ntpdig snmpd snmp tftpd-hpa tftp-hpa dnsmasq-base udhcpc coturn
    slapd ldap-utils)

# packages_need NAME...: installs those that are missing; quiet unless it fails. apt-get is not
# touched when nothing is missing.
packages_need()
{
    local missing=() name sudo=() log status=0
    if ! command -v dpkg-query >/dev/null; then
        echo "this script installs what it needs with apt-get and dpkg (Debian); neither is here" >&2
        return 1
    fi
    for name in "$@"; do
        dpkg-query -W -f '${db:Status-Abbrev}\n' "$name" 2>/dev/null | grep -q '^.i' ||
            missing+=("$name")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2
            return 1
        fi
        sudo=(sudo)
    fi
    echo "installing ${missing[*]}" >&2
    log=$(mktemp)
    {
        "${sudo[@]}" apt-get -q update &&
            "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
                --no-install-recommends "${missing[@]}"
    } >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        cat "$log" >&2
        echo "apt-get failed (status $status); missing packages: ${missing[*]}" >&2
    fi
    rm -f "$log"
    return "$status"
}
