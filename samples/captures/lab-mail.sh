# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Mail for samples/captures/record: postfix and dovecot with swaks, curl and mail.py as clients.

: "${work:?}" "${here:?}"

make_dovecot()
{
    mkdir -p "$work/dovecot" "$work/mail"
    printf '%s:{PLAIN}sesame\n' anna berta carl >"$work/mail.users"
    cat >"$work/dovecot.conf" <<DOVECOT
base_dir = $work/dovecot
log_path = $work/dovecot.log
protocols = imap pop3 lmtp
listen = 198.51.100.25, 2001:db8:2::25
hostname = mail.example
postmaster_address = postmaster@mail.example
login_greeting = mail.example ready.
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5
auth_username_format = %n
mail_location = maildir:$work/mail/%n
ssl = yes
ssl_cert = <$work/mail.crt
ssl_key = <$work/mail.key
default_vsz_limit = 0
passdb {
  driver = passwd-file
  args = $work/mail.users
}
userdb {
  driver = static
  args = uid=2001 gid=2001 home=$work/mail/%n
}
service auth {
  unix_listener auth-postfix {
    mode = 0666
  }
}
service lmtp {
  inet_listener lmtp {
    address = 198.51.100.25
    port = 24
  }
}
DOVECOT
}

make_postfix()
{
    mkdir -p "$work/postfix/queue" "$work/postfix/data"
    chown postfix "$work/postfix/data"
    cat >"$work/postfix/main.cf" <<POSTFIX
compatibility_level = 3.6
queue_directory = $work/postfix/queue
data_directory = $work/postfix/data
maillog_file = $work/postfix.log
maillog_file_prefixes = $work
inet_interfaces = 198.51.100.25, [2001:db8:2::25]
myhostname = mail.example
mydomain = mail.example
mydestination =
mynetworks =
smtpd_banner = mail.example ESMTP
virtual_mailbox_domains = shop.example
virtual_mailbox_maps = inline:{ anna@shop.example=1, berta@shop.example=1, carl@shop.example=1, dora@shop.example=1, otto@shop.example=1 }
virtual_transport = discard
default_transport = discard
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $work/dovecot/auth-postfix
smtpd_tls_security_level = may
smtpd_tls_cert_file = $work/mail.crt
smtpd_tls_key_file = $work/mail.key
message_size_limit = 60000
POSTFIX
    cat >"$work/postfix/master.cf" <<'POSTFIX'
smtp      inet n - n - - smtpd
postlog   unix-dgram n - n - 1 postlogd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
discard   unix - - n - - discard
POSTFIX
}

start_mail()
{
    local port
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/O=Example Shop/CN=mail.example' \
        -keyout "$work/mail.key" -out "$work/mail.crt" 2>/dev/null
    make_dovecot
    make_postfix
    python3 "$here/mail.py" fill "$work/mail/anna"
    chown -R 2001:2001 "$work/mail"
    server_as mail.example dovecot -F -c "$work/dovecot.conf" >"$work/dovecot.start.log" 2>&1 &
    server_as mail.example postfix -c "$work/postfix" start-fg >"$work/postfix.start.log" 2>&1 &
    for port in 24 25 110 143; do await_port "$port"; done
}

mail_client() { client_as home.example timeout 30 python3 "$here/mail.py" "$@"; }
swaks_client()
{
    client_as home.example timeout 30 swaks --helo home.example --from anna@home.example "$@" || true
}

talk_smtp()
{
    swaks_client --server 198.51.100.25 --to berta@shop.example --header 'Subject: One line'
    swaks_client --server 198.51.100.25 --to berta@shop.example,carl@shop.example,otto@away.example \
        --header 'To: Berta <berta@shop.example>, carl@shop.example' \
        --header 'Cc: "Otto, away" <otto@away.example>' --header 'Reply-To: <desk@home.example>' \
        --header 'Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?= und =?ISO-8859-1?Q?Z=FCrich?=' \
        --auth PLAIN --auth-user anna --auth-password sesame \
        --attach-type text/csv --attach-name prices.csv --attach 'item;price'
    swaks_client --server 198.51.100.25 --to nobody@shop.example,dora@shop.example \
        --auth LOGIN --auth-user berta --auth-password sesame
    swaks_client --server 198.51.100.25 --to nobody@shop.example,otto@away.example
    swaks_client --server 198.51.100.25 --to carl@shop.example \
        --auth CRAM-MD5 --auth-user carl --auth-password wrong
    swaks_client --server '2001:db8:2::25' --to dora@shop.example,carl@shop.example --pipeline \
        --header 'Subject: Dots' --body $'first\n.\n..\n.hidden\nReply-To: nobody@away.example\nlast'
    mail_client smtp 198.51.100.25
}

talk_smtp_starttls()
{
    swaks_client --server 198.51.100.25 --to berta@shop.example --tls
    swaks_client --server '2001:db8:2::25' --to berta@shop.example --tls --tls-protocol tlsv1_2 \
        --tls-sni mail.example
}

talk_lmtp()
{
    swaks_client --protocol LMTP --server 198.51.100.25 --port 24 \
        --to berta@shop.example,carl@shop.example,nobody@shop.example \
        --header 'Subject: Last mile' --attach-name a.txt --attach 'text'
}

talk_pop3()
{
    mail_client pop3 198.51.100.25
    curl_client -u anna:sesame 'pop3://[2001:db8:2::25]/2'
}

talk_imap()
{
    mail_client imap 198.51.100.25
    curl_client -u anna:sesame 'imap://[2001:db8:2::25]/INBOX;UID=2'
}

record_mail()
{
    any_recorded smtp{,-starttls,-bdat}.pcap lmtp.pcap pop3{,-stls}.pcap imap{,-starttls}.pcap ||
        return 0
    start_mail
    take smtp.pcap p2i-client c0 -- talk_smtp
    take smtp-starttls.pcap p2i-client c0 -- talk_smtp_starttls
    take smtp-bdat.pcap p2i-client c0 -- mail_client bdat 198.51.100.25
    take pop3.pcap p2i-client c0 -- talk_pop3
    take pop3-stls.pcap p2i-client c0 -- mail_client stls 2001:db8:2::25
    take imap.pcap p2i-client c0 -- talk_imap
    take imap-starttls.pcap p2i-client c0 -- mail_client starttls 2001:db8:2::25
    take lmtp.pcap p2i-client c0 -- talk_lmtp
}
