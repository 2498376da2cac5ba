# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# ipfixtool join: exchanges of every kind, halves that are missing, bounded memory; part of tests/cli/run, whose
# variables and functions these are.

cat >make-exchanges.py <<'END'
"""Records of exchanges as JSON Lines, plain ones: make-exchanges.py NAME"""
import json, sys

ENDS = {"IP_SOURCE": "192.0.2.1", "IP_DESTINATION": "198.51.100.80"}
BACK = {"IP_SOURCE": "198.51.100.80", "IP_DESTINATION": "192.0.2.1"}


def request(time, session, path, **more):
    return {"record": "clickstream", "TIME_STAMP": time, "LOGIN": "anna", **ENDS, "HOSTNAME": "shop.example", "PATH": path,
            "SESSION_ID": str(session), "HOST_TYPE": 1, "METHOD": 1, "PORT_SOURCE": 4000, "PORT_DESTINATION": 80,
            "TCP_SEQUENCE": 1, **more}


def reply(time, session, code, kind="text/html", location=""):
    return {"record": "http_reply", "TIME_STAMP": time, "LOGIN": "anna", **BACK, "RESULT_CODE": code, "CONTENT_LENGTH": 1,
            "CONTENT_TYPE": kind, "SESSION_ID": str(session), "LOCATION": location}


def hello(time, session, host, sequence=7, host_type=3):
    return request(time, session, "", HOSTNAME=host, METHOD=0, HOST_TYPE=host_type, TCP_SEQUENCE=sequence)


def server_hello(time, session):
    return {"record": "ssl_reply", "TIME_STAMP": time, "LOGIN": "", **BACK, "SESSION_ID": str(session), "SSL_VERSION": 772,
            "CIPHER_SUITE": 4865, "COMPRESSION_METHOD": 0, "HOST_TYPE": 2, "HOSTNAME": "cn.example"}


def sip(time, session, method, code, call, uri="", back=False, cseq=None):
    return {"record": "sip", "TIME_STAMP": time, "LOGIN": "", **(BACK if back else ENDS), "SESSION_ID": str(session),
            "MSG_CODE": method, "STATUS_CODE": code, "URI": uri, "FROM": "<sip:a@a.example>", "TO": "<sip:b@b.example:5060>",
            "CALLID": call, "UAGENT": "", "CTYPE": "", "GATEWAYS": "", **({"SIPCseq": cseq} if cseq else {})}


def dns(time, session, name, rr_type, rdata, number=None, response=1, **more):
    extended = {} if number is None else {"DNSRCode": 0, "dnsID": number, "dnsQueryResponse": response, **more}
    return {"record": "dns", "TIME_STAMP": time, "LOGIN": "", **(BACK if response else ENDS), "PORT_SOURCE": 53,
            "PORT_DESTINATION": 4001, "SESSION_ID": str(session), "TRANSPORT": 0, "DOMAIN": name, "RRCLASS": 1,
            "RRTYPE": rr_type, "TTL": 60, "RDATA": rdata, **extended}


def flow(session, octets, packets, login=""):
    return {"record": "flow", "octetDeltaCount": octets, "packetDeltaCount": packets, "protocolIdentifier": 6,
            "SESSION_ID": str(session), "FLOW_HOST": "", "DPI_PROTOCOL": 80, "FLOW_LOGIN": login}


CASES = {
    # Order decides; a reply whose request is not there; a request without a reply.
    "http": [request(10, 1, "/1"), request(10, 1, "/2"), request(11, 2, "/other"), reply(10, 1, 200),
             reply(11, 1, 404, "text/plain"), reply(5, 3, 500), request(12, 1, "/3"),
             reply(13, 2, 302, "", "http://x.example/")],
    # A reply from before the request answers something else.
    "older": [request(20, 1, "/late"), reply(19, 1, 200), reply(20, 1, 204)],
    # Replies of before the capture began: those of its requests are found nevertheless.
    "orphan": [reply(9, 1, 500), reply(10, 1, 501), request(11, 1, "/a"), reply(11, 1, 200), reply(10, 1, 502),
               request(12, 1, "/b"), reply(12, 1, 201)],
    # The certificate makes the hello wait, so the reply comes first.
    "early": [server_hello(10, 1), hello(10, 1, "", host_type=0), server_hello(10, 2)],
    # HelloRetryRequest: two hellos, one answer.
    "retry": [hello(10, 1, "first.example"), hello(11, 1, "second.example"), server_hello(11, 1)],
    "quic": [hello(10, 1, "q.example", 0, 4), hello(10, 2, "", 0, 0)],
    "sip": [sip(1, 1, "INVITE", 0, "c1", "sip:b@b.example", cseq="1 INVITE"),
            sip(2, 1, "INVITE", 0, "c1", "sip:b@b.example", cseq="1 INVITE"),
            sip(2, 1, "INVITE", 100, "c1", back=True, cseq="1 INVITE"),
            sip(3, 1, "INVITE", 180, "c1", back=True, cseq="1 INVITE"),
            sip(5, 1, "INVITE", 200, "c1", back=True, cseq="1 INVITE"),
            sip(5, 1, "INVITE", 200, "c1", back=True, cseq="1 INVITE"),
            sip(6, 1, "ACK", 0, "c1", "sip:b@b.example", cseq="1 ACK"),
            sip(7, 1, "BYE", 0, "c1", "sip:b@b.example", cseq="2 BYE"),
            sip(8, 2, "BYE", 200, "c1", back=True, cseq="2 BYE"),
            sip(9, 3, "MESSAGE", 202, "c2", back=True, cseq="5 MESSAGE")],
    "register": [sip(1, 1, "REGISTER", 0, "r", "sip:r.example"), sip(1, 1, "REGISTER", 401, "r", back=True),
                 sip(2, 1, "REGISTER", 0, "r", "sip:r.example"), sip(2, 1, "REGISTER", 200, "r", back=True)],
    "dns": [dns(1, 1, "www.example", 5, "02676f076578616d706c6500"), dns(1, 1, "go.example", 1, "c0000201"),
            dns(1, 1, "go.example", 1, "c0000202"), dns(1, 1, "other.example", 1, "c0000203"),
            dns(2, 1, "other.example", 1, "c0000203")],
    "queries": [dns(1, 1, "a.example", 1, "", 7, 0), dns(1, 1, "b.example", 28, "", 8, 0), dns(1, 1, "c.example", 1, "", 9, 0),
                dns(2, 1, "b.example", 28, "20010db8000000000000000000000001", 8),
                dns(2, 1, "a.example", 1, "c0000201", 7, observationPointId=1, selectorIdTotalPktsObserved=9),
                dns(2, 1, "a.example", 1, "c0000202", 7, observationPointId=1, selectorIdTotalPktsObserved=9),
                dns(3, 2, "late.example", 1, "c0000201", 7)],
    "flows": [flow(9, 1, 1), request(10, 1, "/1"), flow(1, 100, 3, "bob"), reply(10, 1, 200), flow(1, 50, 2)],
    "many": [request(10 + i, i, "/%d" % i) for i in range(20000)] + [reply(30000, i, 200) for i in range(19990, 20000)],
}
for record in CASES[sys.argv[1]]:
    print(json.dumps(record))
END

# joins NAME COLUMNS LINE...: a test of the rows of a case.
joins()
{
    local name=$1 columns=$2
    shift 2
    python3 make-exchanges.py "$name" >"exchanges-$name.jsonl"
    ends 0 "join $name" "$IPFIXTOOL" join --csv -F "$columns" "exchanges-$name.jsonl"
    expect "join $name: the rows" diff <(printf '%s\n' "$@") <(sed 1d "$scratch/out")
}
joins http kind,request,status,answer,missing 'http,GET /1,200,text/html,' 'http,GET /2,404,text/plain,' \
    'http,GET /other,302,location http://x.example/,' 'http,,500,text/html,request' 'http,GET /3,,,reply'
joins older request,status,missing 'GET /late,204,' ',200,request'
joins orphan request,status,missing ',500,request' ',501,request' 'GET /a,200,' ',502,request' 'GET /b,201,'
joins early kind,host,answer,missing 'tls,cn.example,TLS 1.3 0x1301,' 'tls,cn.example,TLS 1.3 0x1301,request'
joins retry host,answer,missing 'first.example,,reply' 'second.example,TLS 1.3 0x1301,'
joins quic kind,host,missing 'quic,q.example,' 'quic,,'
joins sip client,host,request,status,missing '192.0.2.1,b.example,INVITE sip:b@b.example,200,' \
    '192.0.2.1,b.example,BYE sip:b@b.example,200,' '192.0.2.1,b.example,MESSAGE,202,request'
joins register request,status 'REGISTER sip:r.example,401' 'REGISTER sip:r.example,200'
joins dns host,request,answer,missing 'www.example,A,"go.example, 192.0.2.1, 192.0.2.2",' 'other.example,A,192.0.2.3,' \
    'other.example,A,192.0.2.3,'
joins queries host,request,status,answer,missing 'a.example,A,0,"192.0.2.1, 192.0.2.2",' \
    'b.example,AAAA,0,2001:db8::1,' 'c.example,A,,,reply' 'late.example,A,0,192.0.2.1,request'
joins flows request,login,session_bytes,session_packets 'GET /1,anna,150,5'

# The other forms, standard input, a filter: an exchange comes whole.
ends 0 'join: a table' "$IPFIXTOOL" join exchanges-http.jsonl
reports 'join: a table: its head' '^exchanges: 5 exchanges$' out
ends 0 'join -f of a reply' "$IPFIXTOOL" join -j -f 'RESULT_CODE = 404' exchanges-http.jsonl
expect 'join -f of a reply: with its request' python3 - "$scratch/out" <<'END'
import json, sys
(row,) = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
assert row["request"] == "GET /2" and row["status"] == 404 and row["latency_ms"] is None and row["session"] == "1", row
END
ends 0 'join of standard input' bash -c '"$1" join --csv -n 2 - <exchanges-http.jsonl' bash "$IPFIXTOOL"
expect 'join -n' test "$(wc -l <"$scratch/out")" -eq 3

# In little memory the oldest are printed as they are; nothing is lost.
python3 make-exchanges.py many >many.jsonl
ends 0 'join -m 1M' "$IPFIXTOOL" join --csv -m 1M -F request,status many.jsonl
reports 'join -m 1M: how many' '^ipfixtool: join: 1[0-9]* exchanges were printed before the other half could come'
expect 'join -m 1M: all of them' test "$(grep -c '^GET' "$scratch/out")" -eq 20000
expect 'join -m 1M: the latest are whole' test "$(grep -c ',200$' "$scratch/out")" -eq 10

# The same rows of IPFIX and JSON, and the latency of extended records.
"$P2I" -q --records all -w exchanges.ipfix -j exchanges.jsonl "${samples[@]}"
ends 0 'join of IPFIX' "$IPFIXTOOL" join -j exchanges.ipfix
sort "$scratch/out" >joined.ipfix
ends 0 'join of JSON' "$IPFIXTOOL" join -j exchanges.jsonl
expect 'join: IPFIX and JSON' cmp joined.ipfix <(sort "$scratch/out")
"$P2I" -q --extended --records all -w pipelined.ipfix -j pipelined.jsonl "$root"/samples/captures/http-pipelined.pcap
for form in ipfix jsonl; do
    ends 0 "join of extended records: $form" "$IPFIXTOOL" join --csv -F latency_ms,status "pipelined.$form"
    expect "join: latency: $form" diff <(printf '%s\n' 0.144,200 0.190,200 0.220,201 0.260,404 0.292,200) \
        <(sed 1d "$scratch/out")
done

# What cannot be joined.
ends 2 'join without a file' "$IPFIXTOOL" join
ends 2 'join -F of no column' "$IPFIXTOOL" join -F lattency_ms exchanges.ipfix
reports 'join -F of no column: the nearest' "did you mean 'latency_ms'"
ends 2 'join --json --csv' "$IPFIXTOOL" join -j --csv exchanges.ipfix
ends 3 'join of no file' "$IPFIXTOOL" join nowhere.ipfix
head -c $(($(stat -c %s exchanges.ipfix) - 100)) exchanges.ipfix >cut.ipfix
ends 1 'join of a cut file' "$IPFIXTOOL" join --csv cut.ipfix
expect 'join of a cut file: what there is' test "$(wc -l <"$scratch/out")" -gt 3
echo '{"record":"http_reply"}' >bare.jsonl
ends 0 'join of a record without fields' "$IPFIXTOOL" join --csv -F kind,missing bare.jsonl
: >empty.jsonl
ends 0 'join of an empty file' "$IPFIXTOOL" join empty.jsonl
ends 0 'join --tsv --tz' "$IPFIXTOOL" join --tsv --tz +02:00 -F time,request -n 1 exchanges-http.jsonl
expect 'join --tsv --tz: the row' diff <(printf '1970-01-01T02:00:10+02:00\tGET /1\n') <(sed 1d "$scratch/out")

# Numbers of sessions may be small, as those of others: they are no keys of exchanges.
python3 - >small.jsonl <<'END'
import json
ends = {"IP_SOURCE": "192.0.2.1", "IP_DESTINATION": "192.0.2.2"}
for session in range(8):
    print(json.dumps({"record": "clickstream", "TIME_STAMP": 1, **ends, "HOSTNAME": "host%d" % session, "PATH": "/",
                      "SESSION_ID": str(session), "METHOD": 1}))
for session in range(8):
    print(json.dumps({"record": "http_reply", "TIME_STAMP": 1, **ends, "RESULT_CODE": 200 + session, "CONTENT_LENGTH": 1,
                      "SESSION_ID": str(session)}))
END
expect 'join of sessions with small numbers' cmp <("$IPFIXTOOL" join --csv -F host,status,missing small.jsonl) \
    <(echo host,status,missing; for number in {0..7}; do echo "host$number,20$number,"; done)

# Lines that were trimmed are of the kind that they name.
"$P2I" -q --records all -j whole.jsonl "${samples[@]}"
sed -E 's/"(DOMAIN|HOSTNAME|METHOD|MSG_CODE|LOCATION|DPI_PROTOCOL|MAIL_SUBJECT|EVENT|SERVER_NAME)":("([^"\\]|\\.)*"|[0-9]+),?//g; s/,\}$/}/' \
    whole.jsonl >trimmed.jsonl
kinds() { python3 -c '
import collections, json, sys
print(sorted(collections.Counter(json.loads(line)["record"] for line in open(sys.argv[1])).items()))' "$1"; }
expect 'trimmed lines: no word of a line is lost' test "$(kinds trimmed.jsonl)" = "$(kinds whole.jsonl)"
for kind in clickstream http_reply ssl_reply sip ftp im mail dns flow; do
    wanted=$(grep -c "\"record\":\"$kind\"" whole.jsonl)
    expect "trimmed lines: all of $kind match by kind" test "$wanted" -gt 0 -a "$wanted" -eq \
        "$("$IPFIXTOOL" view --json -f "record == $kind" trimmed.jsonl | wc -l)"
done
expect 'trimmed lines: the same kinds are shown' test \
    "$("$IPFIXTOOL" view --json trimmed.jsonl | cut -d, -f1 | sort | uniq -c)" = \
    "$(cut -d, -f1 whole.jsonl | sort | uniq -c)"
ends 0 'join of trimmed lines' "$IPFIXTOOL" join trimmed.jsonl
ends 0 'report of trimmed lines' "$IPFIXTOOL" report trimmed.jsonl -o trimmed.html
ends 0 'top of trimmed lines' "$IPFIXTOOL" top --csv -n 0 -F record trimmed.jsonl
expect 'top of trimmed lines: as of whole ones' cmp "$scratch/out" \
    <("$IPFIXTOOL" top --csv -n 0 -F record whole.jsonl)
rm -f whole.jsonl trimmed.jsonl
