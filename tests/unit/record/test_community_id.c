/* SPDX-License-Identifier: MIT */
/* Expected values: the published examples of the definition where it has them (TCP, UDP, SCTP,
 * echo); the others were computed from its text by another program. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "record/community_id.h"

struct example {
    const char *source, *destination; /* addresses in hexadecimal */
    uint8_t transport;
    uint16_t source_port, destination_port;
    const char *id;
};

static struct p2i_view bytes_of(const char *hex, uint8_t *room)
{
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        cr_assert_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        room[i] = (uint8_t)byte;
    }
    return p2i_view_of(room, size);
}

static void check(const struct example *example)
{
    uint8_t source[16];
    uint8_t destination[16];
    uint8_t text[P2I_COMMUNITY_ID_SIZE];
    struct p2i_community_flow flow = {.source = bytes_of(example->source, source),
                                      .destination = bytes_of(example->destination, destination),
                                      .transport = example->transport,
                                      .port = {example->source_port, example->destination_port}};
    p2i_community_id(&flow, text);
    cr_expect(p2i_view_equals(p2i_view_of(text, sizeof text),
                              p2i_view_of(example->id, strlen(example->id))),
              "%.*s, not %s", (int)sizeof text, (const char *)text, example->id);
}

Test(community_id, examples)
{
    static const struct example examples[] = {
        /* TCP, and the same flow the other way */
        {"80e86e78", "4223facc", 6, 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
        {"4223facc", "80e86e78", 6, 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
        /* UDP */
        {"c0a80134", "08080808", 17, 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
        {"08080808", "c0a80134", 17, 53, 54585, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
        /* equal addresses: the ports decide */
        {"c0000201", "c0000201", 17, 5061, 5060, "1:WcT1XhTpY4L2xDU0AR4hB4QuLDo="},
        {"c0000201", "c0000201", 17, 5060, 5061, "1:WcT1XhTpY4L2xDU0AR4hB4QuLDo="},
        /* IPv6 */
        {"20010db8000000000000000000000002", "20010db8000000000000000000000001", 6, 443, 50000,
         "1:YXqXufkGr4i6TbJJYF83fvyDLZ8="},
        /* SCTP */
        {"c0aa0001", "c0aa0002", 132, 7, 80, "1:tfD0TGtsnux8BUNmMcbGXKsGotI="},
        /* ICMP: echo and its answer, then a message without one and with another code */
        {"c0a80059", "c0a80001", 1, 0, 2048, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
        {"c0a80001", "c0a80059", 1, 0, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
        {"c0a80059", "c0a80001", 1, 0, 769, "1:LXCfhMUFbYXe+CEMrQuZCbiLY3o="},
        {"c0a80001", "c0a80059", 1, 0, 769, "1:o3zT92uTgnRWv/YrDVeXcWumpC4="},
        /* ICMPv6: neighbour solicitation and advertisement */
        {"fe800000000000000000000000000001", "fe800000000000000000000000000002", 58, 0, 34560,
         "1:7IIPGNVAHI2udmsuJVpA3RMOAqc="},
        {"fe800000000000000000000000000002", "fe800000000000000000000000000001", 58, 0, 34816,
         "1:7IIPGNVAHI2udmsuJVpA3RMOAqc="},
        {"fe800000000000000000000000000001", "fe800000000000000000000000000002", 58, 0, 260,
         "1:PQpOWBr5/ICePGOnTMaFJZeK2us="},
        /* no ports */
        {"0a011804", "0a010c01", 46, 0, 0, "1:/nQI4Rh/TtY3mf0R2gJFBkVlgS4="},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        check(&examples[i]);
    }
}
