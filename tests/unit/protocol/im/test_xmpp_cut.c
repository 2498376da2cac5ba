/* SPDX-License-Identifier: MIT */
/* Incomplete XMPP parts: cut by losses, by the end of a side or of the capture, or larger than the
 * buffer. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "xmpp_talk.h"

Test(xmpp_cut, gaps)
{
    /* between stanzas, in a text, in a tag; the known fields of a message are emitted */
    EXPECT(OWN("ann@y.org", "3") OWN("ann@y.org", "5") CUT_OWN("bob@x.org", "5")
               OWN("ann@y.org", "7") OWN("ann@y.org", "9"),
           OPEN, OPENED, BOUND, C(TO_ANN), DIALOG_CLIENT_LOSES(9),
           C(TO_ANN "<message to='bob@x.org'><body>lo"), DIALOG_CLIENT_LOSES(10),
           C("ng</body></message>" TO_ANN "<message to='x@y'"), DIALOG_CLIENT_LOSES(10),
           C("='<a'><b></message>" TO_ANN "<mess"));
}

Test(xmpp_cut, gaps_in_a_login)
{
    /* its result comes behind the gap */
    EXPECT(LOGIN("joe", "s3cret", "401", "1"), OPEN, AUTH("PLAIN", "AGpvZQBzM2NyZXQ="),
           DIALOG_SERVER_LOSES(10), FAILURE);
    EXPECT(LOGIN("", "", "0", "1"), OPEN, C("<auth" SASL " mechanism='DIGEST-MD5'/>"),
           DIALOG_CLIENT_LOSES(10), SUCCESS);
    /* half a login is a cut one with its result */
    EXPECT(CUT_LOGIN("joe", "s3cret", "401", "1"), OPEN,
           C("<auth" SASL " mechanism='PLAIN'>AGpvZQBzM2NyZXQ="), DIALOG_CLIENT_LOSES(10), FAILURE);
    EXPECT(CUT_LOGIN("joe", "s3c", "0", "1"), OPEN, C("<auth" SASL " mechanism='PLAIN'/>"),
           CHALLENGE, C("<response" SASL ">AGpvZQBzM2N"), DIALOG_CLIENT_LOSES(10), SUCCESS);
}

Test(xmpp_cut, capture_ends)
{
    EXPECT(CUT_OWN("ann@y.org", "3"), OPEN, OPENED, BOUND, C("<message to='ann@y.org'><body>h"),
           DIALOG_CLIENT_CLOSES);
    EXPECT(CUT_OWN("ann@y.org", "3"), OPEN, OPENED, BOUND, C("<message to='ann@y.org'><body>h"));
    EXPECT("", OPEN, OPENED, BOUND, C("<message to='ann@y.org'><bod"));
}

/* ---- names are complete or empty ---- */

/* Plays the first `size` bytes of `text` behind a stream's head, followed by a gap or the end. */
static void expect_cut(const char *text, size_t size, const char *expected)
{
    for (size_t count = 2; count <= 3; count++) {
        const struct dialog_step steps[] = {
            OPEN, {P2I_FROM_INITIATOR, text, size}, DIALOG_CLIENT_LOSES(50)};
        struct dialog dialog = xmpp_dialog_of(steps, count, 5222);
        for (size_t segment = 0; segment < 2; segment++) {
            char *got = dialog_play(&dialog, segment);
            cr_assert_str_eq(got, expected, "cut at %zu of %s:\n%s\ninstead of:\n%s", size, text,
                             got, expected);
            free(got);
        }
    }
}

/* A SASL message: the record has the name from `name_end` characters of the text on; the password
 * of `said` is as long as the text allows. */
static void expect_cut_auth(const char *mechanism, const char *text, const char *name,
                            size_t name_end, const char *said, size_t password_at)
{
    char whole[400];
    size_t begin =
        (size_t)snprintf(whole, sizeof whole, "<auth" SASL " mechanism='%s'>", mechanism);
    snprintf(whole + begin, sizeof whole - begin, "%s</auth>", text);
    for (size_t size = 1; size < strlen(whole); size++) {
        size_t there = size < begin ? 0 : size - begin;
        there = there < strlen(text) ? there : strlen(text);
        size_t decoded = there * 3 / 4;
        decoded = decoded < strlen(said) ? decoded : strlen(said);
        size_t password = decoded > password_at ? decoded - password_at : 0;
        char expected[300] = "";
        if (size >= begin) {
            snprintf(expected, sizeof expected, CUT_LOGIN("%s", "%.*s", "0", "1"),
                     there >= name_end ? name : "", (int)password,
                     password > 0 ? said + password_at : "");
        }
        expect_cut(whole, size, expected);
    }
}

Test(xmpp_cut, sasl)
{
    /* the NUL behind the name ends with the 7th character */
    expect_cut_auth("PLAIN", "AGpvZQBzM2NyZXQ=", "joe", 7, "-joe-s3cret", 5);
    expect_cut_auth("X-OAUTH2", "AGpvZQB0b2tlbg==", "joe", 7, "", 0);
    /* "n,,n=j=2Co=3De=2,r=abc": the comma behind the name is the 17th byte */
    expect_cut_auth("SCRAM-SHA-1", "biwsbj1qPTJDbz0zRGU9MixyPWFiYw==", "j,o=e=2", 23, "", 0);
    expect_cut_auth("EXTERNAL", "am9lQHgub3Jn", "", 0, "", 0);
    expect_cut_auth("LOGIN", "am9l", "", 0, "", 0);
    expect_cut_auth("ANONYMOUS", "am9lQHgub3Jn", "", 0, "", 0);
    /* username="jo\"e",nc=1: the quote behind the name is the 16th byte */
    expect_cut_auth("DIGEST-MD5", "dXNlcm5hbWU9ImpvXCJlIixuYz0x", "jo\\x22e", 22, "", 0);
}

Test(xmpp_cut, login_mechanism)
{
    EXPECT(CUT_LOGIN("joe", "s3c", "0", "1"), OPEN, C("<auth mechanism='LOGIN'" SASL "/>"),
           CHALLENGE, RESPONSE("am9l"), CHALLENGE, C("<response" SASL ">czNj"),
           DIALOG_CLIENT_CLOSES);
    EXPECT(CUT_LOGIN("", "", "0", "1"), OPEN, C("<auth mechanism='LOGIN'" SASL "/>"), CHALLENGE,
           C("<response" SASL ">am9l"), DIALOG_CLIENT_CLOSES);
}

Test(xmpp_cut, iq_auth)
{
    static const char text[] = "<iq type='set' id='a2'><query xmlns='jabber:iq:auth'>"
                               "<username>joe</username><password>s3cret</password>"
                               "<resource>home</resource></query></iq>";
    size_t query_end = strlen("<iq type='set' id='a2'><query xmlns='jabber:iq:auth'>");
    size_t name_end = query_end + strlen("<username>joe</username>");
    size_t password_at = name_end + strlen("<password>");
    for (size_t size = 1; size < sizeof text - 1; size++) {
        size_t password = size < password_at ? 0 : size - password_at;
        char expected[300] = "";
        if (size >= query_end) {
            snprintf(expected, sizeof expected, CUT_LOGIN("%s", "%.*s", "0", "1"),
                     size >= name_end ? "joe" : "", (int)(password < 6 ? password : 6), "s3cret");
        }
        expect_cut(text, size, expected);
    }
}

/* A bound address that is cut is not used. */
Test(xmpp_cut, bound_names)
{
    EXPECT(IM("C", "", "", "", "ann@y.org", "0", "4"), OPEN, OPENED,
           S("<iq type='result' id='b1'>" BIND "<jid>joe@x.o"), DIALOG_SERVER_LOSES(20), C(TO_ANN));
    EXPECT(OWN("ann@y.org", "4"), OPEN, OPENED,
           S("<iq type='result' id='b1'>" BIND "<jid>joe@x.org/home</jid></bi"),
           DIALOG_SERVER_LOSES(20), C(TO_ANN));
}

Test(xmpp_cut, results)
{
    /* the code is cut off */
    EXPECT(CUT_LOGIN("joe", "x", "401", "1"), OPEN,
           IQ_AUTH("set", "1", NAME "<password>x</password>"),
           S("<iq type='error' id='1'><query xmlns='jabber:iq:auth'/><error co"),
           DIALOG_SERVER_LOSES(9));
    EXPECT(LOGIN("joe", "x", "406", "1"), OPEN, IQ_AUTH("set", "1", NAME "<password>x</password>"),
           S("<iq type='error' id='1'><error code='406'><bad"), DIALOG_SERVER_LOSES(9));
    EXPECT(LOGIN("joe", "s3cret", "401", "1"), OPEN, AUTH("PLAIN", "AGpvZQBzM2NyZXQ="),
           S("<failure" SASL "><not-au"), DIALOG_SERVER_LOSES(9));
    /* no result was seen: the login is complete */
    EXPECT(LOGIN("joe", "s3cret", "0", "1"), OPEN, AUTH("PLAIN", "AGpvZQBzM2NyZXQ="), S("<fail"),
           DIALOG_SERVER_LOSES(9));
}

/* A complete but malformed part gives nothing. */
Test(xmpp_cut, malformed_is_not_cut)
{
    EXPECT("", OPEN, C("<auth" SASL " mechanism='PLAIN'>AGpvZQBzM2NyZXQ=&a;</auth>"),
           IQ_AUTH("set", "1", NAME "&a;"));
}

/* ---- limits ---- */

#define LIMITED_OWN(to, at) IM_OF("C", "joe@x.org", "", "home", to, "0", " limited", at)

/* Plays a stanza with `size` bytes of content and a message behind it, in segments; returns the
 * messages. */
static char *play_large(const char *begin, size_t size, const char *end, size_t segment)
{
    static const char text[] = TO_ANN;
    char *bytes = malloc(strlen(begin) + size + strlen(end) + sizeof text);
    size_t used = strlen(begin);
    memcpy(bytes, begin, used);
    memset(bytes + used, 'x', size);
    used += size;
    memcpy(bytes + used, end, strlen(end));
    used += strlen(end);
    memcpy(bytes + used, text, sizeof text - 1);
    const struct dialog_step steps[] = {
        OPEN, BOUND, {P2I_FROM_INITIATOR, bytes, used + sizeof text - 1}};
    struct dialog dialog = xmpp_dialog_of(steps, 3, 5222);
    char *messages = dialog_play(&dialog, segment);
    free(bytes);
    return messages;
}

static void expect_large(const char *begin, size_t size, const char *end, const char *expected)
{
    static const size_t segments[] = {0, 1460, P2I_HEAD_MAX - 1, P2I_HEAD_MAX, P2I_HEAD_MAX + 1,
                                      97};
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        char *messages = play_large(begin, size, end, segments[i]);
        cr_assert_str_eq(messages, expected, "segments of %zu:\n%s", segments[i], messages);
        free(messages);
    }
}

Test(xmpp_cut, large_stanzas)
{
    static const size_t sizes[] = {P2I_HEAD_MAX - 60, P2I_HEAD_MAX, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i];
        expect_large("<message to='bob@x.org'><body>", size, "</body></message>",
                     i == 0 ? OWN("bob@x.org", "2") OWN("ann@y.org", "2")
                            : LIMITED_OWN("bob@x.org", "2") OWN("ann@y.org", "2"));
        expect_large("<iq type='set' id='1'><vCard><PHOTO>", size, "</PHOTO></vCard></iq>",
                     OWN("ann@y.org", "2"));
        expect_large("<presence><x a='", size, "'/></presence>", OWN("ann@y.org", "2"));
        expect_large("<presence><!--", size, "--></presence>", OWN("ann@y.org", "2"));
    }
    /* a message inside another is not a message, also behind the limit */
    expect_large("<message to='bob@x.org'><body>", 70000, "</body><x>" FROM_ANN "</x></message>",
                 LIMITED_OWN("bob@x.org", "2") OWN("ann@y.org", "2"));
    /* and its content is not read */
    expect_large("<message to='bob@x.org'><x>", 70000, "</x><body/></message>",
                 OWN("ann@y.org", "2"));
}

/* A session that ends at any byte: no read past its end. */
Test(xmpp_cut, cut_anywhere)
{
    static const char text[] =
        "<?xml version='1.0'?><stream:stream to='x.org'" STREAMS "<auth" SASL
        " mechanism='SCRAM-SHA-1'>biwsbj1qPTJDbz0zRGU9MixyPWFiYw==</auth><response" SASL
        ">Y2hhcnNldD11dGYtOCxyZWFsbT0iYVwidXNlcm5hbWU9Iix1c2VybmFtZT0iam9cImUiLG5jPTE=</"
        "response>"
        "<iq type='set' id='1'><query xmlns='jabber:iq:auth'>" NAME "</query></iq>" TO_ANN;
    for (size_t size = 1; size < sizeof text; size++) {
        const struct dialog_step steps[] = {{P2I_FROM_INITIATOR, text, size}};
        struct dialog dialog = xmpp_dialog_of(steps, 1, 5222);
        free(dialog_play(&dialog, 0));
    }
}
