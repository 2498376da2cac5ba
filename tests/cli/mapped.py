#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""mapped.py RECORDS OTHERS: JSON Lines of the same records, with real and with other addresses. Fails
unless each address has become one other everywhere, in packets and in A and AAAA data, no two have
become the same, any two have as many leading bits in common as before, and all other fields are as they were,
except those that --anonymise documents as changed."""
import ipaddress
import itertools
import json
import sys

ADDRESSES = {"IP_SOURCE", "IP_DESTINATION", "IP_SOURCE_V6", "IP_DESTINATION_V6",
             "sourceIPv4Address", "destinationIPv4Address", "sourceIPv6Address",
             "destinationIPv6Address"}
TEXTS = {"LOGIN", "FLOW_LOGIN", "HOSTNAME", "PATH", "REFER", "COOKIE", "LOCATION", "URI", "FROM",
         "TO", "CALLID", "GATEWAYS", "SERVER_NAME", "USER", "IM_LOGIN", "IM_SCREEN_NAME",
         "IM_RECEIVERS", "MAIL_SENDER", "MAIL_RECEIVER", "MAIL_CC", "MAIL_SERVERS", "MAIL_REPLY",
         "DOMAIN", "FLOW_HOST"}
MACS = {"sourceMacAddress", "postDestinationMacAddress"}


def pairs_of(real, other):
    """Addresses and what they have become, and the kind of place."""
    for name in ADDRESSES & real.keys():
        yield ipaddress.ip_address(real[name]), ipaddress.ip_address(other[name]), "packet"
    if real.get("RRTYPE") in (1, 28) and len(real["RDATA"]) in (8, 32):
        yield (ipaddress.ip_address(bytes.fromhex(real["RDATA"])),
               ipaddress.ip_address(bytes.fromhex(other["RDATA"])), "data")


def check_rest(real, other):
    assert list(real) == list(other), (real, other)
    for name in real.keys() - ADDRESSES - TEXTS - {"RAW_DATA", "SESSION_ID"}:
        if name in MACS:
            assert other[name] == "00:00:00:00:00:00", other
        elif name != "RDATA" or real["RRTYPE"] not in (1, 28, 64, 65):
            assert real[name] == other[name], (name, real, other)


def shared_bits(one, two):
    return one.max_prefixlen - (int(one) ^ int(two)).bit_length()


def main():
    become, places = {}, {}
    with open(sys.argv[1], encoding="utf-8") as reals, open(sys.argv[2], encoding="utf-8") as others:
        for one, two in itertools.zip_longest(reals, others):
            real, other = json.loads(one), json.loads(two)
            check_rest(real, other)
            for address, mapped, place in pairs_of(real, other):
                assert become.setdefault(address, mapped) == mapped, (address, mapped, real)
                places.setdefault(address, set()).add(place)
    both = [address for address in places if len(places[address]) == 2]
    assert {address.version for address in both} == {4, 6}, "no address is in packets and in data"
    for one, two in itertools.combinations(become, 2):
        if one.version == two.version:
            assert shared_bits(one, two) == shared_bits(become[one], become[two]), (one, two)
    print(len(become), "addresses")


if __name__ == "__main__":
    main()
