/* SPDX-License-Identifier: MIT */
/* Which frames are chosen, and whether the captures must be gone through again. Packets are told
 * as the engine tells them. */
#include <criterion/criterion.h>

#include "extract/selection.h"

static const uint64_t no_features[16];
static const uint8_t client[4] = {192, 0, 2, 1};
static const uint8_t server[4] = {198, 51, 100, 1};

static void tell_packet(struct p2i_selection *selection, uint64_t packet, uint64_t session,
                        bool again)
{
    const struct p2i_packet_facts facts = {
        .struct_size = sizeof facts, .packet = packet, .session = session, .again = again};
    p2i_selection_packet(selection, &facts);
}

static void tell_session(struct p2i_selection *selection, uint64_t id, uint32_t scope, bool ended)
{
    const struct p2i_session_facts facts = {
        .struct_size = sizeof facts,
        .id = id,
        .address = {client, server},
        .ip_version = 4,
        .scope = scope,
        .ended = ended,
        .features = no_features,
    };
    p2i_selection_note(selection, &facts);
}

static void tell_radius(struct p2i_selection *selection, uint64_t packet, uint64_t request,
                        const uint8_t *address, uint8_t length)
{
    const struct p2i_control_facts facts = {
        .struct_size = sizeof facts,
        .packet = packet,
        .kind = P2I_CONTROL_RADIUS,
        .address = address,
        .ip_version = 4,
        .prefix_length = length,
        .request_packet = request,
    };
    p2i_selection_control(selection, &facts);
}

static void tell_ftp(struct p2i_selection *selection, uint64_t packet, uint64_t data)
{
    const struct p2i_control_facts facts = {
        .struct_size = sizeof facts, .packet = packet, .kind = P2I_CONTROL_FTP, .session = data};
    p2i_selection_control(selection, &facts);
}

static void tell_pppoe(struct p2i_selection *selection, uint64_t packet, uint32_t scope,
                       const uint8_t *address)
{
    static const uint8_t macs[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};
    const struct p2i_control_facts facts = {
        .struct_size = sizeof facts,
        .packet = packet,
        .kind = P2I_CONTROL_PPPOE,
        .scope = scope,
        .discovery = scope == 0,
        .mac = {macs[0], macs[1]},
        .address = address,
        .ip_version = 4,
        .prefix_length = address != NULL ? 32 : 0,
    };
    p2i_selection_control(selection, &facts);
}

/* The numbers of the listed frames as text, and the selection is freed. */
static void expect_list(struct p2i_selection *selection, const char *expected)
{
    char text[256] = "";
    size_t size = 0;
    p2i_selection_list(selection);
    for (size_t i = 0; i < selection->list_count && size < sizeof text; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size, " %d",
                                 (int)p2i_frame_number(selection->list[i].place));
    }
    cr_expect_str_eq(text, expected);
    cr_expect_not(selection->out_of_memory);
    p2i_selection_free(selection);
}

Test(selection, places_are_in_order)
{
    cr_expect_lt(p2i_frame_place(1, 2), p2i_frame_place(1, 3));
    cr_expect_lt(p2i_frame_place(1, 1000000), p2i_frame_place(2, 1));
    cr_expect_eq(p2i_frame_capture(p2i_frame_place(65535, 7)), 65535);
    cr_expect_eq(p2i_frame_number(p2i_frame_place(65535, 7)), 7);
    cr_expect_not(p2i_is_packet_number(0));
    cr_expect_not(p2i_is_packet_number(UINT64_C(1) << 40));
}

Test(selection, a_wanted_session_has_its_packets)
{
    struct p2i_selection selection = {0};
    p2i_selection_want(&selection, 5, false);
    p2i_selection_prepare(&selection);
    tell_session(&selection, 5, 0, false);
    tell_packet(&selection, 9, 5, false);
    tell_packet(&selection, 3, 5, false);
    tell_packet(&selection, 4, 6, false);
    tell_session(&selection, 6, 0, true);
    tell_session(&selection, 5, 0, true);
    cr_expect_not(selection.grown);
    p2i_selection_list(&selection);
    cr_expect_eq(selection.session_count, 1);
    const struct p2i_chosen_session *session = p2i_selection_session(&selection, 5);
    cr_expect(session->known);
    cr_expect_eq(session->span_count, 1);
    cr_expect_eq(p2i_frame_number(session->spans[0].first), 3);
    cr_expect_eq(p2i_frame_number(session->spans[0].last), 9);
    cr_expect_eq(session->spans[0].count, 2);
    expect_list(&selection, " 3 9");
}

Test(selection, a_packet_leads_to_its_session)
{
    struct p2i_selection selection = {0};
    const struct p2i_packet_facts before = {
        .struct_size = sizeof before, .packet = 1, .session = 5};
    const struct p2i_packet_facts asked = {.struct_size = sizeof asked, .packet = 2, .session = 5};
    p2i_selection_ask(&selection, p2i_frame_place(0, 2), false);
    cr_expect_not(p2i_selection_find(&selection, &before));
    cr_expect(p2i_selection_find(&selection, &asked), "the only one was met");
    p2i_selection_prepare(&selection);
    tell_packet(&selection, 1, 5, false);
    tell_packet(&selection, 2, 5, false);
    cr_expect_not(selection.grown);
    expect_list(&selection, " 1 2");
}

Test(selection, packets_before_the_one_that_was_asked_for_are_met_again)
{
    struct p2i_selection selection = {0};
    p2i_selection_ask(&selection, p2i_frame_place(0, 2), false);
    for (unsigned i = 0; i < 2; i++) {
        p2i_selection_prepare(&selection);
        tell_packet(&selection, 1, 5, false);
        tell_packet(&selection, 2, 5, false);
        cr_expect_eq(selection.grown, i == 0);
    }
    expect_list(&selection, " 1 2");
}

Test(selection, a_packet_of_no_session_comes_alone)
{
    struct p2i_selection selection = {0};
    p2i_selection_ask(&selection, p2i_frame_place(0, 7), false);
    p2i_selection_prepare(&selection);
    tell_packet(&selection, 6, 5, false);
    expect_list(&selection, " 7");
}

Test(selection, a_packet_may_turn_out_to_be_of_another_session)
{
    struct p2i_selection selection = {0};
    p2i_selection_want(&selection, 5, false);
    p2i_selection_prepare(&selection);
    tell_packet(&selection, 1, 5, false);
    tell_packet(&selection, 2, 5, false);
    tell_packet(&selection, 2, 6, true);
    expect_list(&selection, " 1");
}

Test(selection, radius_explains_the_addresses_of_a_session)
{
    static const uint8_t elsewhere[4] = {192, 0, 2, 2};
    static const uint8_t network[4] = {198, 51, 100, 0};
    struct p2i_selection selection = {0};
    p2i_selection_want(&selection, 5, false);
    for (unsigned i = 0; i < 2; i++) {
        p2i_selection_prepare(&selection);
        tell_radius(&selection, 3, 2, client, 32);
        tell_radius(&selection, 4, 0, elsewhere, 32);
        tell_session(&selection, 5, 0, false);
        tell_packet(&selection, 5, 5, false);
        tell_radius(&selection, 6, 0, network, 24);
        tell_radius(&selection, 7, 0, NULL, 0);
        tell_session(&selection, 5, 0, true);
        cr_expect_eq(selection.grown, i == 0, "the first one was passed");
    }
    expect_list(&selection, " 2 3 5 6");
}

Test(selection, many_addresses_are_found)
{
    enum { COUNT = 1000 };
    struct p2i_selection selection = {0};
    for (unsigned i = 0; i < COUNT; i++) {
        const uint8_t ends[2][4] = {{10, 0, (uint8_t)(i >> 8), (uint8_t)i}, {10, 1, 0, 0}};
        const struct p2i_session_facts facts = {.struct_size = sizeof facts,
                                                .id = i + 1,
                                                .address = {ends[0], ends[1]},
                                                .ip_version = 4,
                                                .features = no_features};
        p2i_selection_want(&selection, i + 1, false);
        p2i_selection_note(&selection, &facts);
        tell_radius(&selection, i + 1, 0, ends[0], 32);
    }
    static const uint8_t none[4] = {10, 0, 200, 0};
    tell_radius(&selection, COUNT + 1, 0, none, 24);
    cr_expect_eq(selection.frames.count, COUNT);
    p2i_selection_free(&selection);
}

Test(selection, pppoe_comes_with_the_sessions_inside)
{
    struct p2i_selection selection = {0};
    p2i_selection_want(&selection, 5, false);
    for (unsigned i = 0; i < 2; i++) {
        p2i_selection_prepare(&selection);
        tell_pppoe(&selection, 1, 0, NULL);
        tell_pppoe(&selection, 2, 77, NULL);
        tell_pppoe(&selection, 3, 78, NULL);
        tell_session(&selection, 5, 77, false);
        tell_packet(&selection, 4, 5, false);
        tell_pppoe(&selection, 5, 77, NULL);
        cr_expect_eq(selection.grown, i == 0);
    }
    expect_list(&selection, " 1 2 4 5");
}

Test(selection, pppoe_that_gives_an_address_explains_it_elsewhere)
{
    struct p2i_selection selection = {0};
    p2i_selection_want(&selection, 5, false);
    tell_session(&selection, 5, 0, true);
    unsigned ways = 0;
    do {
        p2i_selection_prepare(&selection);
        tell_pppoe(&selection, 1, 77, NULL);
        tell_pppoe(&selection, 2, 77, client);
        tell_packet(&selection, 3, 5, false);
        ways++;
    } while (selection.grown);
    cr_expect_eq(ways, 2);
    expect_list(&selection, " 1 2 3");
}

Test(selection, ftp_control_and_data_bring_each_other)
{
    struct p2i_selection control = {0};
    p2i_selection_want(&control, 5, false);
    p2i_selection_prepare(&control);
    tell_packet(&control, 1, 5, false);
    tell_ftp(&control, 1, 6);
    tell_packet(&control, 2, 6, false);
    tell_ftp(&control, 2, 9); /* what was taken along takes nothing along */
    tell_packet(&control, 3, 9, false);
    cr_expect_not(control.grown, "no packet of the data connection was passed");
    cr_expect(p2i_selection_session(&control, 6)->related);
    expect_list(&control, " 1 2");

    struct p2i_selection data = {0};
    p2i_selection_want(&data, 6, false);
    do {
        p2i_selection_prepare(&data);
        tell_packet(&data, 1, 5, false);
        tell_packet(&data, 2, 5, false);
        tell_ftp(&data, 2, 6);
        tell_packet(&data, 3, 6, false);
    } while (data.grown);
    cr_expect(p2i_selection_session(&data, 5)->related);
    expect_list(&data, " 1 2 3");
}

Test(selection, what_is_wanted_is_not_related)
{
    struct p2i_selection selection = {0};
    p2i_selection_want(&selection, 5, true);
    cr_expect(p2i_selection_session(&selection, 5)->related);
    p2i_selection_want(&selection, 5, false);
    p2i_selection_want(&selection, 5, true);
    cr_expect_not(p2i_selection_session(&selection, 5)->related);
    cr_expect_null(p2i_selection_session(&selection, 6));
    p2i_selection_free(&selection);
}
