/* SPDX-License-Identifier: MIT */
/* What is left of DNS messages that are cut, and how the next one is found. */
#include <criterion/criterion.h>

#include "dns_talk.h"

/* What of a response of three addresses is there; its question ends at 29, each record has 16. */
static void put_cut(char *text, size_t room, size_t size, size_t whole, const char *at)
{
    FILE *out = fmemopen(text, room, "w");
    const char *cut = size < whole ? " cut" : "";
    size_t records = size < 45 ? 0 : (size - 29) / 16;
    for (size_t i = 0; i < records; i++) {
        (void)fprintf(out, ADDRESS_RECORD "%s @%s\n", cut, at);
    }
    if (records == 0 && size >= 29) {
        (void)fprintf(
            out, "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @%s\n", at);
    }
    (void)fputc('\0', out);
    (void)fclose(out);
}

static void put_three_addresses(struct wire *response)
{
    put_response(response, A, 3);
    for (size_t i = 0; i < 3; i++) {
        put_record(response, TO_QUESTION, A, ADDRESS);
    }
}

/* By the snaplen. */
Test(dns_cut, datagram_cut_anywhere)
{
    static struct wire response;
    put_three_addresses(&response);
    size_t whole = response.size;
    for (size_t size = 0; size <= whole; size++) {
        char expected[1000];
        response.size = size;
        put_cut(expected, sizeof expected, size, whole, "0");
        struct dialog_step steps[] = {server_says(&response), DIALOG_SERVER_LOSES(whole - size)};
        struct dialog dialog = talk(P2I_OVER_UDP, 53, steps, size < whole ? 2 : 1);
        dialog_expect(&dialog, expected);
    }
}

/* Cut by its sender: nothing was lost, and the record is not marked as cut. */
Test(dns_cut, datagram_that_ends_early_is_not_cut)
{
    static struct wire response;
    put_three_addresses(&response);
    response.size -= 5;
    expect(P2I_OVER_UDP, 53, &response, ADDRESS_RECORD " @0\n" ADDRESS_RECORD " @0\n");
    response.size = 29 + 5;
    expect(P2I_OVER_UDP, 53, &response, "");
}

Test(dns_cut, cut_query_and_cut_response_without_answer)
{
    static struct wire query, empty;
    put_query(&query, A);
    query.data[11] = 1; /* OPT, of which nothing is there */
    put_response(&empty, AAAA, 0);
    empty.data[9] = 1; /* SOA */
    struct dialog_step steps[] = {client_says(&query), DIALOG_CLIENT_LOSES(11), server_says(&empty),
                                  DIALOG_SERVER_LOSES(40)};
    const char *asked = "dns C domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @0\n";
    const char *told = "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=28 cut @2\n";
    expect_with((struct p2i_parse_settings){.dns_queries = true}, steps, 4, asked);
    expect_with((struct p2i_parse_settings){.dns_answers = true}, steps, 4, "");
    expect_with((struct p2i_parse_settings){.dns_answers = true, .dns_empty_responses = true},
                steps, 4, told);
}

/* The settings decide also where the answers of a response are cut off. */
Test(dns_cut, cut_answers_and_settings)
{
    static struct wire response;
    put_three_addresses(&response);
    response.size = 40;
    struct dialog_step steps[] = {server_says(&response), DIALOG_SERVER_LOSES(37)};
    expect_with((struct p2i_parse_settings){.dns_answers = true}, steps, 2, "");
}

/* An owner name that leads to where nothing was captured is not known. */
Test(dns_cut, pointer_behind_the_cut)
{
    static struct wire response;
    put_response(&response, A, 3);
    put_record(&response, P2I_VIEW("\xc0\x60"), A, ADDRESS);
    put_record(&response, TO_QUESTION, 2, P2I_VIEW("\xc0\x60"));
    struct dialog_step steps[] = {server_says(&response), DIALOG_SERVER_LOSES(100)};
    struct dialog dialog = talk(P2I_OVER_UDP, 53, steps, 2);
    dialog_expect(&dialog,
                  "dns S domain=\"example.org\" rdata= ttl=300 rr_class=1 rr_type=2 cut @0\n");
}

/* By a gap, the sender, or the end of the capture. */
Test(dns_cut, stream_cut_anywhere)
{
    static struct wire response, stream;
    put_three_addresses(&response);
    put_framed(&stream, &response);
    size_t whole = stream.size;
    for (size_t size = 0; size <= whole; size++) {
        char expected[1000];
        stream.size = size;
        put_cut(expected, sizeof expected, size < 2 ? 0 : size - 2, whole - 2, "0");
        for (int ending = 0; ending < 3; ending++) {
            struct dialog_step steps[] = {
                server_says(&stream),
                ending == 0 ? (struct dialog_step)DIALOG_SERVER_CLOSES
                            : (struct dialog_step)DIALOG_SERVER_LOSES(70000),
            };
            struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, ending == 2 ? 1 : 2);
            const size_t segments[] = {0, 1, 7};
            for (size_t i = 0; i < sizeof segments / sizeof segments[0]; i++) {
                char *text = dialog_play(&dialog, segments[i]);
                cr_assert_str_eq(text, expected, "cut at %zu:\n%s", size, text);
                free(text);
            }
        }
    }
}

/* Bytes that are lost within a message cost no other, wherever it goes on. */
Test(dns_cut, gap_within_a_message)
{
    static struct wire response, first, rest, other;
    put_three_addresses(&response);
    put_framed(&first, &response);
    put_response(&response, A, 1);
    response.data[2] |= 4 << 3; /* NOTIFY, which is not looked for */
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_framed(&other, &response);
    size_t whole = first.size;
    for (size_t captured = 2; captured < 48; captured += 5) {
        for (size_t lost = 1; captured + lost <= whole; lost += 7) {
            char expected[1000];
            rest.size = 0;
            wire_put(&rest, p2i_view_from(wire_view(&first), captured + lost));
            wire_put(&rest, wire_view(&other));
            struct wire begin = first;
            begin.size = captured;
            (void)strcpy(expected, ADDRESS_RECORD " @0\n");
            put_cut(expected + strlen(expected), 500, captured - 2, whole, "1");
            (void)strcat(expected, ADDRESS_RECORD " @3\n");
            struct dialog_step steps[] = {server_says(&other), server_says(&begin),
                                          DIALOG_SERVER_LOSES(lost), server_says(&rest)};
            struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, 4);
            char *text = dialog_play(&dialog, 0);
            cr_assert_str_eq(text, expected, "%zu, %zu lost:\n%s", captured, lost, text);
            free(text);
            if (lost == 1 && captured > 30) {
                dialog_expect(&dialog, expected);
            }
        }
    }
}

/* What stands in a message of which bytes were lost is no message. */
Test(dns_cut, gap_hides_no_forged_message)
{
    static struct wire response, forged, first, rest;
    put_response(&response, A, 1);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_framed(&forged, &response);
    put_response(&response, TXT, 1);
    put_record(&response, TO_QUESTION, TXT, wire_view(&forged));
    put_framed(&first, &response);
    wire_put(&rest, p2i_view_from(wire_view(&first), 43));
    put_framed(&rest, &response);
    first.size = 33;
    struct dialog_step steps[] = {server_says(&first), DIALOG_SERVER_LOSES(10), server_says(&rest)};
    struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, 3);
    char *text = dialog_play(&dialog, 0);
    cr_assert_eq(count_lines(text), 2, "%s", text);
    cr_assert_not_null(strstr(text, "rr_type=16 cut @0\n"), "%s", text);
    cr_assert_not_null(strstr(text, "rr_type=16 @2\n"), "%s", text);
    cr_assert_null(strstr(text, ADDRESS_RECORD), "%s", text);
    free(text);
}

/* Segment by segment with a snaplen: the rest of each is lost. */
Test(dns_cut, stream_cut_by_the_snaplen)
{
    static struct wire response, stream;
    put_three_addresses(&response);
    put_framed(&stream, &response);
    size_t lost = stream.size - 40;
    stream.size = 40;
    struct dialog_step steps[] = {server_says(&stream), DIALOG_SERVER_LOSES(lost),
                                  server_says(&stream), DIALOG_SERVER_LOSES(lost)};
    struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, 4);
    dialog_expect(&dialog,
                  "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @0\n"
                  "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @2\n");
}

/* Behind a loss that goes beyond a message the next one is found, also in the middle of a segment,
 * and however the bytes come. */
Test(dns_cut, resynchronises_after_a_gap)
{
    static struct wire response, stream, tail, cut;
    put_response(&response, A, 1);
    put_record(&response, TO_QUESTION, A, ADDRESS);
    put_framed(&stream, &response);
    wire_put(&tail, P2I_VIEW("the rest of a message \0\1\0\1 of which the head is lost"));
    wire_put(&tail, wire_view(&stream));
    wire_put(&cut, wire_view(&stream));
    cut.size = 40;
    const uint16_t ports[] = {53, 4444};
    for (size_t i = 0; i < 2; i++) {
        struct dialog_step steps[] = {
            server_says(&stream), DIALOG_SERVER_LOSES(100), server_says(&tail),
            server_says(&stream), server_says(&tail),       server_says(&cut),
        };
        struct dialog dialog = talk(P2I_OVER_TCP, ports[i], steps, 6);
        dialog_expect(&dialog, ADDRESS_RECORD
                      " @0\n" ADDRESS_RECORD " @2\n" ADDRESS_RECORD " @3\n" ADDRESS_RECORD " @4\n"
                      "dns S domain=\"example.org\" rdata= ttl=0 rr_class=1 rr_type=1 cut @5\n");
    }
}

/* AXFR: the later messages of a transfer have no question (RFC 5936 section 2.2.1). */
Test(dns_cut, transfer_goes_on_after_a_gap)
{
    static struct wire response, stream, zeros;
    put_header(&response, RESPONSE, 0, 1);
    put_record(&response, EXAMPLE, A, ADDRESS);
    put_framed(&stream, &response);
    wire_fill(&zeros, 0, 40);
    struct dialog_step steps[] = {server_says(&stream), DIALOG_SERVER_LOSES(100),
                                  server_says(&zeros), server_says(&stream)};
    struct dialog dialog = talk(P2I_OVER_TCP, 53, steps, 4);
    dialog_expect(&dialog, ADDRESS_RECORD " @0\n" ADDRESS_RECORD " @3\n");
}
