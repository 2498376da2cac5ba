# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# FTP for samples/captures/record: vsftpd with curl, lftp and python's ftplib as clients.

: "${work:?}"

start_ftp()
{
    mkdir -p "$work/empty"
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/O=Example Shop/CN=ftp.example' \
        -keyout "$work/ftp.key" -out "$work/ftp.crt" 2>/dev/null
    # The files look like HTTP requests: an announced port is only a hint, so their data connections
    # give HTTP records too.
    printf 'GET /%s HTTP/1.1\r\nHost: never.example\r\n\r\n' 1 2 3 >"$work/home/request.txt"
    cp "$work/home/request.txt" "$work/request.txt"
    seq -f 'line %g of a file' 1 60 >"$work/home/notes.txt"
    chown -R 2001:2001 "$work/home"
    cat >"$work/vsftpd.conf" <<VSFTPD
listen_ipv6=YES
background=NO
anonymous_enable=NO
local_enable=YES
write_enable=YES
chroot_local_user=YES
allow_writeable_chroot=YES
local_root=$work/home
pam_service_name=other
check_shell=NO
secure_chroot_dir=$work/empty
seccomp_sandbox=NO
connect_from_port_20=YES
ftpd_banner=ftp.example FTP server ready
ssl_enable=YES
ssl_tlsv1=YES
ssl_ciphers=HIGH
require_ssl_reuse=NO
force_local_logins_ssl=NO
force_local_data_ssl=NO
rsa_cert_file=$work/ftp.crt
rsa_private_key_file=$work/ftp.key
xferlog_enable=NO
VSFTPD
    server_as ftp.example vsftpd "$work/vsftpd.conf" >"$work/vsftpd.log" 2>&1 &
    await_port 21
}

curl_ftp() { curl_client -u anna:sesame "$@"; }
lftp_client() { client env HOME="$work" lftp --norc -c "set net:timeout 10; $1" || true; }

talk_ftp_passive()
{
    curl_ftp -4 ftp://ftp.example/request.txt
    curl_ftp -4 -T "$work/request.txt" ftp://ftp.example/sent.txt
    curl_ftp -4 --disable-epsv -l ftp://ftp.example/ --next -q -sS -o /dev/null -4 \
        -u anna:sesame --disable-epsv ftp://ftp.example/notes.txt
    lftp_client 'set ftp:ssl-allow no; open -u anna,sesame ftp://198.51.100.21;
        cls -l; cat notes.txt; mkdir new; mv sent.txt new/kept.txt; cls new; bye'
    curl_ftp -6 ftp://ftp.example/request.txt
}

talk_ftp_active()
{
    curl_ftp -4 -P - --disable-eprt ftp://ftp.example/request.txt
    curl_ftp -4 -P - -T "$work/request.txt" ftp://ftp.example/active.txt
    curl_ftp -6 -P - ftp://ftp.example/request.txt
    lftp_client 'set ftp:ssl-allow no; set ftp:passive-mode no;
        open -u anna,sesame ftp://198.51.100.21; cls; cat notes.txt; bye'
}

talk_ftp_tls()
{
    curl_ftp -4 -k --ssl-reqd ftp://ftp.example/notes.txt
    lftp_client 'set ssl:verify-certificate no; set ftp:ssl-force yes; set ftp:ssl-protect-data no;
        open -u anna,sesame ftp://ftp.example; cls; bye'
}

# A wrong password, an unknown user, the anonymous user; two wrong passwords and the right one on one
# connection.
talk_ftp_refused()
{
    curl_client -4 -u anna:wrong ftp://ftp.example/notes.txt
    curl_client -6 -u 'otto@shop.example:pass word' ftp://ftp.example/
    curl_client -4 ftp://ftp.example/
    client python3 - <<'FTP'
import ftplib
ftp = ftplib.FTP("ftp.example", timeout=10)
for password in ("first", "second", "sesame"):
    try:
        ftp.login("anna", password)
    except ftplib.error_perm:
        pass
ftp.retrlines("NLST", lambda line: None)
ftp.quit()
FTP
}

record_ftp()
{
    any_recorded ftp-{passive,active,tls,refused}.pcap || return 0
    start_ftp
    take ftp-passive.pcap p2i-client c0 -- talk_ftp_passive
    take ftp-active.pcap p2i-client c0 -- talk_ftp_active
    take ftp-tls.pcap p2i-client c0 -- talk_ftp_tls
    take ftp-refused.pcap p2i-client c0 -- talk_ftp_refused
}
