# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# The tables of ipfixtool: protocols, and registries for collectors; part of tests/cli/run, whose variables and functions these are.

# The table of protocols.
ends 0 'ipfixtool fields --protocols' "$IPFIXTOOL" fields --protocols
reports '--protocols has BitTorrent' '^| bittorrent | 49165 | 54 |$' out
reports '--protocols has the number for unrecognised' '^| unknown | 65535 | 0 |$' out
rows=$(grep -c '^| [a-z0-9-]* | [0-9]' "$scratch/out")
ends 0 'ipfixtool fields --protocols, JSON' "$IPFIXTOOL" fields --protocols --format json
expect '--protocols, JSON has as many rows' python3 -c '
import json, sys
rows = json.load(open(sys.argv[1]))
assert [row["meta_proto"] for row in rows] == list(range(int(sys.argv[2]))), rows
assert {"name": "sip", "number": 5060, "meta_proto": 5} in rows' "$scratch/out" "$rows"
ends 2 'ipfixtool fields --protocols for a registry' "$IPFIXTOOL" fields --protocols --format cert
ends 2 'ipfixtool fields --protocols --record' "$IPFIXTOOL" fields --protocols --record dns

# The registries in samples/collectors are generated from the tables.
mkdir registries
expect 'samples/collectors/generate' env IPFIXTOOL="$IPFIXTOOL" \
    "$root/samples/collectors/generate" registries
expect 'samples/collectors is up to date (run generate)' \
    diff -r -x README.md -x generate "$root/samples/collectors" registries
for format in libfds cert logstash goflow2 pmacct pmacct-meta graylog graylog-reverse telegraf \
    clickhouse iespec; do
    ends 2 "fields --format $format: refuses --record" \
        "$IPFIXTOOL" fields --format "$format" --record dns
done
ends 2 'fields: unknown format' "$IPFIXTOOL" fields --format netflow
