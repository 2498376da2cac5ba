# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# The configuration; part of tests/cli/run, whose variables and functions these are.

# The configuration.
sample=$root/samples/config/pcap2ipfix.yaml
ends 0 '--print-config' "$P2I" --print-config
cp "$scratch/out" defaults.yaml
ends 0 '--print-config of what it printed' "$P2I" -c defaults.yaml --print-config
expect '--print-config of what it printed is the same' cmp defaults.yaml "$scratch/out"
ends 0 '--print-config of the sample' "$P2I" -c "$sample" --print-config
cp "$scratch/out" sample.yaml
ends 0 '--print-config of that' "$P2I" --print-config --config sample.yaml
expect '--print-config of that is the same' cmp sample.yaml "$scratch/out"
ends 0 '--print-config with options' "$P2I" --memory 32M --records dns --print-config -c sample.yaml \
    -e 'udp://h.example:1?channels=meta' -f 'port 53'
reports '--print-config with options: --memory' '^memory: 32M$' out
reports '--print-config with options: --records' '^records: \[dns\]$' out
reports '--print-config with options: -e' "^ipfix_meta_udp_collectors: \['h.example:1'\]$" out
reports '--print-config with options: -e instead of the file' '^ipfix_udp_collectors: \[\]$' out
reports '--print-config with options: -f' "^filter: 'port 53'$" out
reports '--print-config with options: the rest is of the file' '^netflow_active_timeout: 300$' out
ends 4 '--print-config, disk full' bash -c 'exec "$@" >/dev/full' bash "$P2I" --print-config
# Each example of the manual is a valid configuration. (The build fails where it lacks a key.)
page=$root/man/pcap2ipfix.yaml.5.in
sed -n "s/^\.Dl \([a-z0-9_]*: .*\)/\1/p" "$page" >examples
expect 'the manual has an example of each key' test "$(wc -l <examples)" -ge 40
while IFS= read -r example; do
    echo "$example" >example.yaml
    "$P2I" -c example.yaml --print-config
done <examples 2>"$scratch/bad" >/dev/null
expect 'the examples of the manual are good' test ! -s "$scratch/bad"
echo 'records: [dns]' >dns.yaml
expect '-c' test "$(lines -c dns.yaml "$web" "$dns")" -eq "$(lines "$dns")"
expect '-c, options override' test "$(lines "$web" "$dns" --records http_reply -c dns.yaml)" -eq \
    "$(lines --records http_reply "$web")"
gaps() { "$P2I" -q --stats=json -j /dev/null "$@" 2>&1 | grep -o '"gaps":[0-9]*'; }
lossy=$root/samples/captures/http-lossy.pcap
echo 'limits: {out_of_order: 4K}' >limits.yaml
expect 'limits: less out-of-order data held, more gaps' test "$(gaps "$lossy")" != "$(gaps -c limits.yaml "$lossy")"
# wrong NAME TEXT LINE WORDS: status 2, the message names file and line, with no other output.
wrong()
{
    printf '%b' "$2" >wrong.yaml
    ends 2 "$1" "$P2I" -w x.ipfix "$web" -c wrong.yaml
    reports "$1: file, line and why" "^pcap2ipfix: wrong.yaml:$3: .*$4"
    expect "$1: one line" test "$(wc -l <"$scratch/err")" -eq 1
    expect "$1: nothing is written" test ! -e x.ipfix
}
wrong 'broken YAML' 'threads: 1\nrecords: [dns\nmemory: 1G\n' 3 'broken YAML'
wrong 'unknown key' 'threads: 1\n\nmemroy: 1G\n' 3 "memroy: unknown key; did you mean 'memory'"
wrong 'wrong value' 'threads: 1\nraw:\n  bytes: many\n' 3 "raw.bytes: 'many' is not a number"
wrong 'duplicate key' 'threads: 1\nthreads: 2\n' 2 'threads: duplicate key'
wrong 'control characters' 'rate: "\\e[31mx\\ny"\n' 1 "rate: '.x1b.31mx.x0ay' is not a size"
wrong 'alias' 'threads: *x\n' 1 'aliases'
ends 2 'configuration that is missing' "$P2I" -c nowhere.yaml -w x.ipfix "$web"
reports 'configuration that is missing is named' 'nowhere.yaml: .*No such file'
# The table of keys, which the manual shows: its defaults are those of the program.
# shellcheck disable=SC2016
awk -v program=pcap2ipfix -v options="$root/src/config/options.def" -v keys="$root/src/config/keys.def" \
    -f "$root/src/config/read_options.awk" -f <(echo 'BEGIN {
        read_tables()
        for (path in key_kind) {
            if (key_default[path] ~ /^all /)
                continue
            if (index(path, ".") == 0 && key_kind[path] != "section")
                print path ": " key_default[path]
            else if (split(path, part, ".") == 2)
                section[part[1]] = section[part[1]] ", " part[2] ": " key_default[path]
        }
        for (map in section)
            print map ": {" substr(section[map], 3) "}"
    }') >table.yaml
expect 'defaults: the table of keys has them' test "$(wc -l <table.yaml)" -ge 40
ends 0 'defaults: a file of them all' "$P2I" -c table.yaml --print-config
expect 'defaults: they are those of the program' cmp defaults.yaml "$scratch/out"
