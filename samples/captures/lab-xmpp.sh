# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# XMPP for samples/captures/record: prosody with slixmpp (xmpp.py) and go-sendxmpp as clients.

: "${work:?}" "${here:?}"

start_xmpp()
{
    mkdir -p "$work/prosody"
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/O=Example Talk/CN=im.example' \
        -addext subjectAltName=DNS:im.example \
        -keyout "$work/im.key" -out "$work/im.crt" 2>/dev/null
    cat >"$work/prosody.cfg.lua" <<PROSODY
run_as_root = true
data_path = "$work/prosody"
pidfile = "$work/prosody.pid"
log = { info = "$work/prosody.log" }
interfaces = { "198.51.100.52", "2001:db8:2::52" }
modules_enabled = { "roster", "saslauth", "tls", "disco", "legacyauth", "offline", "ping" }
modules_disabled = { "s2s" }
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
VirtualHost "im.example"
    ssl = { key = "$work/im.key", certificate = "$work/im.crt" }
PROSODY
    prosodyctl --config "$work/prosody.cfg.lua" register anna im.example sesame >/dev/null
    prosodyctl --config "$work/prosody.cfg.lua" register berta im.example 'open & <shut>' >/dev/null
    prosodyctl --config "$work/prosody.cfg.lua" register carl im.example sesame >/dev/null
    server_as im.example prosody --config "$work/prosody.cfg.lua" -F >"$work/prosody.out.log" 2>&1 &
    await_port 5222
}

xmpp_client() { client_as home.example timeout 60 /usr/bin/python3 "$here/xmpp.py" "$@"; }

talk_xmpp_starttls()
{
    xmpp_client starttls 198.51.100.52
    echo 'Sent by another program' | client_as home.example timeout 20 go-sendxmpp -n \
        -u anna@im.example -p sesame -j '[2001:db8:2::52]:5222' berta@im.example || true
}

record_xmpp()
{
    any_recorded xmpp.pcap xmpp-starttls.pcap || return 0
    start_xmpp
    take xmpp.pcap p2i-client c0 -- xmpp_client plain 198.51.100.52
    take xmpp-starttls.pcap p2i-client c0 -- talk_xmpp_starttls
}
