/* SPDX-License-Identifier: MIT */
/* OSCAR frames cut by losses, by the end of a side or by the end of the capture. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "oscar_talk.h"

/* The first bytes of a frame, followed by a gap, the end of the side, or the end of the capture. */
static void expect_cut(enum p2i_direction from, struct p2i_view frame, size_t size,
                       const char *expected)
{
    const struct dialog_step steps[] = {
        CLIENT(HELLO),
        SERVER(HELLO),
        sends(from, p2i_view_first(frame, size)),
        {from, NULL, frame.size - size},
    };
    const struct dialog_step close = {from, NULL, 0};
    const struct dialog_step closes[] = {steps[0], steps[1], steps[2], close};
    for (size_t segment = 0; segment < 3; segment++) {
        struct dialog dialog = oscar_dialog_of(steps, 4);
        char *out = dialog_play(&dialog, segment);
        cr_expect_str_eq(out, expected, "lost from byte %zu on: %s", size, out);
        free(out);
        dialog = oscar_dialog_of(closes, 4);
        out = dialog_play(&dialog, segment);
        cr_expect_str_eq(out, expected, "closed at byte %zu: %s", size, out);
        free(out);
        dialog = oscar_dialog_of(steps, 3);
        out = dialog_play(&dialog, segment);
        cr_expect_str_eq(out, expected, "ends at byte %zu: %s", size, out);
        free(out);
    }
}

#define CUT_SENT(to) RECORD_OF("C", "", "", "", "", to, "0", " cut", "2")

/* A message cut at any byte gives a record once its text has begun. */
Test(oscar_cut, messages)
{
    struct p2i_view relayed = rendezvous(0, T(RELAY), T(NO_PLUGIN), T("\1tail"));
    const struct {
        struct p2i_view frame;
        size_t unseen; /* bytes at the end that may be missing */
        enum p2i_direction from;
        const char *expected;
    } cuts[] = {
        {sent(1, T("77"), text(T("tail"))), 8, P2I_FROM_INITIATOR, CUT_SENT("77")},
        {received(1, T("77"), text(T("tail"))), 8, P2I_FROM_RESPONDER,
         RECORD_OF("S", "77", "", "77", "77", "", "0", " cut", "2")},
        {sent(2, T("77"), relayed), 4, P2I_FROM_INITIATOR, CUT_SENT("77")},
        {sent(4, T("77"), tlv(5, T("\7\0\0\0\1tail"))), 4, P2I_FROM_INITIATOR, CUT_SENT("77")},
    };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        for (size_t size = 1; size < cuts[i].frame.size; size++) {
            bool complete = size + cuts[i].unseen >= cuts[i].frame.size;
            expect_cut(cuts[i].from, cuts[i].frame, size, complete ? cuts[i].expected : NOTHING);
        }
    }
}

/* A login gives a record once its name is complete; its password is as long as captured. */
Test(oscar_cut, logins)
{
    struct p2i_view frame = login(T(ROASTED));
    static const size_t name_end = 6 + 4 + 8;
    for (size_t size = 1; size < frame.size; size++) {
        size_t password = size > name_end + 4 ? size - name_end - 4 : 0;
        char expected[200] = NOTHING;
        if (size >= name_end) {
            snprintf(expected, sizeof expected,
                     RECORD_OF("C", "1234", "%.*s", "1234", "1234", "", "0", " cut", "2"),
                     (int)(password < 6 ? password : 6), "secret");
        }
        expect_cut(P2I_FROM_INITIATOR, frame, size, expected);
    }
    /* Its result is still read. */
    EXPECT(RECORD_OF("C", "1234", "sec", "1234", "1234", "", "5", " cut", "0"),
           CLIENT(p2i_view_first(frame, name_end + 4 + 3)), DIALOG_CLIENT_LOSES(500),
           SERVER(flap(4, 9, JOIN(tlv(1, T("1234")), tlv(8, T("\0\5"))))));
    /* A login by hash gives a record even without its name. */
    frame = snac(0x170002, JOIN(tlv(1, T("jdoe")), tlv(0x25, repeat('h', 16))));
    EXPECT(RECORD_OF("C", "", "", "", "", "", "0", " cut", "0"), CLIENT(p2i_view_first(frame, 22)),
           DIALOG_CLIENT_CLOSES);
    EXPECT(RECORD_OF("C", "jdoe", "", "jdoe", "", "", "0", " cut", "0"),
           CLIENT(p2i_view_first(frame, 30)), DIALOG_CLIENT_CLOSES);
}

/* A cut answer ends the login; its error is complete or absent. */
Test(oscar_cut, answers)
{
    struct p2i_view answer = flap(4, 9, JOIN(tlv(1, T("9876")), tlv(8, T("\0\5")), tlv(4, T("x"))));
    for (size_t size = 6; size < answer.size; size++) {
        const char *unnamed =
            RECORD_OF("C", "1234", "secret", "1234", "1234", "", "0", " cut", "0");
        const char *named = RECORD_OF("C", "1234", "secret", "9876", "9876", "", "0", " cut", "0");
        const char *refused =
            RECORD_OF("C", "1234", "secret", "9876", "9876", "", "5", " cut", "0");
        const char *expected = size < 6 + 8 ? unnamed : size < 6 + 8 + 6 ? named : refused;
        EXPECT(expected, CLIENT(login(T(ROASTED))), SERVER(p2i_view_first(answer, size)),
               DIALOG_SERVER_LOSES(100));
        EXPECT(expected, CLIENT(login(T(ROASTED))), SERVER(p2i_view_first(answer, size)));
    }
    answer = snac(0x170001, T("\1\x0d"));
    EXPECT(RECORD_OF("C", "jdoe", "", "jdoe", "", "", "0", " cut", "0"),
           CLIENT(snac(0x170002, tlv(1, T("jdoe")))), SERVER(p2i_view_first(answer, 17)));
    /* If the login was not captured, the answer stands for it. */
    answer = snac(0x170003, JOIN(tlv(1, T("jdoe")), COOKIE));
    EXPECT(RECORD_OF("C", "jdoe", "", "jdoe", "", "", "0", " cut", "0"),
           SERVER(p2i_view_first(answer, 40)), DIALOG_SERVER_CLOSES);
}

/* Frames are not looked for in the rest of a cut frame, but behind it. */
Test(oscar_cut, rest_of_a_cut_frame)
{
    struct p2i_view forged = sent(1, T("66"), text(T("forged")));
    struct p2i_view frame = sent(1, T("77"), text(JOIN(T("say: "), forged, T(" bye"))));
    struct p2i_view next = sent(1, T("88"), text(T("x")));
    size_t forged_at = frame.size - 4 - forged.size;
    EXPECT(CUT_SENT("77") SENT("", "", "88", "5"), CLIENT(HELLO), SERVER(HELLO),
           CLIENT(p2i_view_first(frame, forged_at - 3)), DIALOG_CLIENT_LOSES(3),
           CLIENT(p2i_view_from(frame, forged_at)), CLIENT(next));
    EXPECT(CUT_SENT("77") SENT("", "", "88", "6"), CLIENT(HELLO), SERVER(HELLO),
           CLIENT(p2i_view_first(frame, forged_at - 3)), DIALOG_CLIENT_LOSES(2),
           DIALOG_CLIENT_LOSES(1), CLIENT(p2i_view_from(frame, forged_at)), CLIENT(next));
    EXPECT(CUT_SENT("77") SENT("", "", "88", "4"), CLIENT(HELLO), SERVER(HELLO),
           CLIENT(p2i_view_first(frame, frame.size - 4)), DIALOG_CLIENT_LOSES(4), CLIENT(next));
}
