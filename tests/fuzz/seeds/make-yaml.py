#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-yaml.py: writes the seeds of fuzz_yaml into yaml/ beside it."""
import os

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "yaml")
SEEDS = {
    "collectors": "ipfix_udp_collectors: 'a:1,[2001:db8::1]:2'\nipfix_dns_tcp_collectors:\n- b:3\n"
                  "netflow_full_collector: c:4\nnetflow_full_collector_type: 2\n"
                  "export: ['tls://d:5?channels=dns,meta&ca=a%20b', tcp://e:6]\n",
    "records": "records: [dns, flow]\nhttp_parse_reply: 1\nssl_parse_reply: 0\n",
    "numbers": "ipfix_mtu_limit: 512\nrate: 3M\npace: 2.5e1\nretry: 9\nthreads: 4\nmemory: 16M\n"
               "netflow_active_timeout: 5\najb_dns_fsize: 1000\nlimits: {string: 1K, head: 64K}\n",
    "choices": "export_time: now\nipv6_elements: distinct\nvarlen: long\ndns_export: both\n"
               "order: args\nstrict: true\nkeep_passwords: false\n",
    "texts": "filter: \"tcp\\n\\x41\\u20ac \\e'\"\nspool: >\n  a\n\n  b\nas_database: |+\n  c\n\n"
             "anonymise: 'it''s'\najb_dns_path: ' '\najb_save_dns_format: ts:host\n",
    "sections": "raw: {protocols: [sccp-skinny, dns], bytes: 1, packets: 127}\n"
                "subscribers:\n  networks: [192.0.2.0/24, '::/0', ::1]\n"
                "channels: {vlan: {1: 2, 3: 4}, file: {\"a\\tb\": 5, ? c : 6}, mpls: {7: 8}}\n"
                "observation_domains: {dns: 0}\nlocked: {hosts: h, urls: u}\n",
    "strict": "%YAML 1.1\n---\na: &x !!str b\nc: *x\n<<: {d: e}\n...\n---\n",
    "broken": "raw: {protocols: [stun\n  bytes: 5\n\t- x",
    "deep": "[" * 12 + "]" * 12,
}
for name, text in SEEDS.items():
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(text)
with open(os.path.join(folder, "not-utf-8"), "wb") as out:
    out.write(b"\xef\xbb\xbffilter: \xff\n")
