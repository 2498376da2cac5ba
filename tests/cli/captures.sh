# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Hashes of captures; part of tests/cli/run, whose variables and functions these are.

# Hashes: of the file as it is stored, for any number of threads, also of a damaged one.
if "$P2I" --version | grep openssl >hash.yaml; then
    echo 'hash_captures: true' >hash.yaml
    gzip -c "$dns" >h.pcap.gz
    head -c 5000 "$web" >hbad.pcap
    cp "$dns" copy.pcap
    for threads in 1 2; do
        ends 3 "hashes, $threads threads" "$P2I" -c hash.yaml --threads $threads --stats-file stats.json \
            -j /dev/null "$web" h.pcap.gz hbad.pcap "$dns" copy.pcap nowhere.pcap
        reports "hashes, $threads threads: a copy" \
            "^pcap2ipfix: warning: copy.pcap: has the same bytes as '.*': its packets count twice\$"
        expect "hashes, $threads threads: one copy" test "$(grep -c 'the same bytes' "$scratch/err")" -eq 1
        expect "hashes, $threads threads: of the stored bytes" python3 -c '
import hashlib, json
captures = json.load(open("stats.json"))["captures"]
assert len(captures) == 6
for capture in captures[:5]:
    stored = open(capture["path"], "rb").read()
    assert capture["sha256"] == hashlib.sha256(stored).hexdigest(), capture
    assert capture["hashed_bytes"] == len(stored), capture
assert "sha256" not in captures[5]'
    done
    ends 0 'hash of standard input' bash -c '"$1" -q -c hash.yaml --stats -j /dev/null - <"$2"' - "$P2I" "$dns"
    reports 'hash of standard input' "^  sha256 $(sha256sum <"$dns" | cut -c1-64)\$"
    ends 0 'no hash unasked' "$P2I" --stats=json -j /dev/null "$dns" copy.pcap
    expect 'no hash unasked' bash -c '! grep -e sha256 -e "same bytes" "$1"' - "$scratch/err"
    rm -f hash.yaml h.pcap.gz hbad.pcap copy.pcap stats.json
else
    skip 'hashes of captures' 'built without OpenSSL'
fi
