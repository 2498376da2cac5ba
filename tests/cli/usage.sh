# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Help, and command lines that are wrong; part of tests/cli/run, whose variables and functions these are.

ends 0 '--help' "$P2I" --help
reports '--help shows the usage' '^usage: ' out
ends 0 '--version' "$P2I" --version
reports '--version shows a version' '^pcap2ipfix [0-9]' out
ends 2 'no capture' "$P2I"
ends 2 'unknown option' "$P2I" --no-such-option "$web"
reports 'unknown option is named' '--no-such-option'
ends 2 'bad filter' "$P2I" -w x.ipfix -f 'no such expression' "$web"
ends 2 'both outputs on standard output' "$P2I" -w - -j - "$web"
ends 3 'missing capture' "$P2I" -w x.ipfix no-such-file.pcap
reports 'missing capture is named' 'no-such-file.pcap'
echo 'this is a text and no capture at all' >text.pcap
ends 3 'not a capture' "$P2I" -w x.ipfix text.pcap
reports 'not a capture is named' 'text.pcap'
rm -f x.ipfix
