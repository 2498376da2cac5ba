#!/bin/sh
# SPDX-License-Identifier: MIT
# make-certificates.sh > certificates.h: the certificates of the tests, made by openssl(1) with
# names that nobody has. Run it again to change them; the tests know the names, not the bytes.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
openssl ecparam -name prime256v1 -genkey -noout -out "$dir/key.pem"

# make NAME STRING_MASK SUBJECT [EXTENSION]; the subject is lines of an openssl.cnf, in UTF-8
make() {
    {
        printf '[req]\nprompt = no\nutf8 = yes\nstring_mask = %s\n' "$2"
        printf 'distinguished_name = subject\n'
        if [ -n "${4-}" ]; then printf 'x509_extensions = extensions\n'; fi
        printf '[subject]\n%b\n' "$3"
        if [ -n "${4-}" ]; then printf '[extensions]\n%b\n' "$4"; fi
    } > "$dir/conf"
    openssl req -new -x509 -key "$dir/key.pem" -sha256 -days 3650 -config "$dir/conf" \
        -outform DER -out "$dir/cert"
    printf '\nstatic const uint8_t certificate_%s[] = {\n' "$1"
    od -An -v -tx1 "$dir/cert" | sed 's/ \(..\)/ 0x\1,/g; s/^/   /'
    printf '};\n'
}

cat <<'END'
/* SPDX-License-Identifier: MIT */
/* Made by make-certificates.sh. */
#ifndef TEST_CERTIFICATES_H
#define TEST_CERTIFICATES_H

#include <stdint.h>
END
make plain utf8only 'O = Example Works\nCN = www.example.org' \
    'subjectAltName = DNS:alt.example.org'
make printable MASK:0x0002 'C = XX\nCN = printable.example'
make two_names utf8only '0.CN = first.example\n1.CN = second.example'
make same_set utf8only 'O = Example Works\n+CN = longer-than-the-other.example'
make alternative utf8only 'O = Example Works' \
    'basicConstraints = critical,CA:FALSE\nsubjectAltName = critical,IP:192.0.2.1,email:a@example.net,DNS:san.example.net,DNS:other.example.net'
make no_name utf8only 'O = Example Works'
make bmp MASK:0x0800 'CN = bücher.example'
make teletex MASK:0x0004 'CN = bücher.example'
printf '\n#endif\n'
