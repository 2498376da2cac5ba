/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/protocols.h"
#include "xmpp_talk.h"

Test(xmpp, session)
{
    EXPECT(LOGIN("joe", "s3cret", "0", "3") OWN("ann@y.org", "9") FOREIGN("joe@x.org/home", "10")
               OWN("bob@x.org", "11"),
           OPEN, OPENED,
           S("<stream:features><mechanisms" SASL "><mechanism>PLAIN</mechanism></mechanisms>"
             "</stream:features>"),
           AUTH("PLAIN", "AGpvZQBzM2NyZXQ="), SUCCESS,
           C("<stream:stream to='x.org' version=\"1.0\"" STREAMS),
           S("<stream:stream from='x.org' id='2'" STREAMS "<stream:features>" BIND
             "</bind></stream:features>"),
           C("<iq type='set' id='b1'>" BIND "<resource>home</resource></bind></iq>"), BOUND,
           C("<presence/>\n" TO_ANN " "), S(FROM_ANN),
           C("<message to='bob@x.org'><body/></message></stream:stream>"), S("</stream:stream>"));
}

Test(xmpp, segment_with_several_stanzas)
{
    EXPECT(OWN("ann@y.org", "3") OWN("ann@y.org", "3") FOREIGN("joe@x.org/home", "4")
               FOREIGN("joe@x.org/home", "4"),
           OPEN, OPENED, BOUND, C(TO_ANN "<iq type='get' id='1'><ping/></iq>" TO_ANN),
           S(FROM_ANN "<r xmlns='urn:xmpp:sm:3'/>" FROM_ANN));
}

/* ---- SASL ---- */

Test(xmpp, plain)
{
    EXPECT(LOGIN("joe", "s3cret", "401", "2") LOGIN("joe", "s3 \\x00cret", "0", "4"), OPEN, OPENED,
           AUTH("PLAIN", "AGpvZQBzM2NyZXQ="), FAILURE,
           AUTH("PLAIN", "\nYm9zc0B4Lm9yZwBqb2UAczMgAGNyZXQ=\n"), SUCCESS);
    /* without an initial response */
    EXPECT(LOGIN("joe", "s3cret", "0", "2"), OPEN, OPENED, C("<auth mechanism='plain'" SASL "/>"),
           S("<challenge" SASL "/>"), RESPONSE("AGpvZQBzM2NyZXQ="), SUCCESS);
    /* broken in every part */
    EXPECT(LOGIN("", "", "401", "1"), OPEN, AUTH("PLAIN", "!!"), FAILURE);
    EXPECT(LOGIN("", "", "401", "1"), OPEN, AUTH("PLAIN", "="), FAILURE);
}

Test(xmpp, mechanisms_with_the_name_only)
{
    EXPECT(LOGIN("j,o=e=2", "", "0", "1"), OPEN,
           AUTH("SCRAM-SHA-1", "biwsbj1qPTJDbz0zRGU9MixyPWFiYw=="), CHALLENGE,
           RESPONSE("Yz1iaXdzLHI9YWJjZGVmLHA9ZEdWemRBPT0="), SUCCESS);
    EXPECT(LOGIN("joe", "", "401", "1"), OPEN,
           AUTH("SCRAM-SHA-256-PLUS", "cD10bHMtZXhwb3J0ZXIsYT1ib3NzLG49am9lLHI9YWJj"), CHALLENGE,
           RESPONSE("Yz1iaXdzLHI9YWJjZGVmLHA9ZEdWemRBPT0="), FAILURE);
    EXPECT(LOGIN("jo\\x22e", "", "0", "1"), OPEN, C("<auth mechanism='DIGEST-MD5'" SASL "/>"),
           CHALLENGE,
           RESPONSE("Y2hhcnNldD11dGYtOCxyZWFsbT0iYVwidXNlcm5hbWU9Iix1c2VybmFtZT0iam9cImUiLG5jPTE="),
           CHALLENGE, C("<response" SASL "/>"), SUCCESS);
    EXPECT(LOGIN("joe", "", "0", "1"), OPEN, AUTH("X-OAUTH2", "AGpvZQB0b2tlbg=="), SUCCESS);
    EXPECT(LOGIN("joe@x.org", "", "0", "1"), OPEN, AUTH("EXTERNAL", "am9lQHgub3Jn"), SUCCESS);
    EXPECT(LOGIN("", "", "0", "1"), OPEN, AUTH("ANONYMOUS", "am9lQHgub3Jn"), SUCCESS);
    EXPECT(LOGIN("", "", "0", "1"), OPEN, AUTH("SCRAM-SHA-1", "AGpvZQBzM2NyZXQ="), SUCCESS);
}

Test(xmpp, login_mechanism)
{
    EXPECT(LOGIN("joe", "s3cret", "0", "1"), OPEN, C("<auth mechanism='LOGIN'" SASL "/>"),
           CHALLENGE, RESPONSE("am9l"), CHALLENGE, RESPONSE("czNjcmV0"), SUCCESS);
}

Test(xmpp, login_without_result)
{
    EXPECT(LOGIN("joe", "s3cret", "0", "1"), OPEN, AUTH("PLAIN", "AGpvZQBzM2NyZXQ="));
    /* the next login or a new stream ends it; only the client is captured */
    EXPECT(LOGIN("", "", "0", "1") LOGIN("joe", "s3cret", "0", "2")
               IM("C", "joe@x.org", "", "", "ann@y.org", "0", "4"),
           OPEN, AUTH("ANONYMOUS", "="), AUTH("PLAIN", "AGpvZQBzM2NyZXQ="), OPEN, C(TO_ANN));
    /* a result element from the client is not a result */
    EXPECT(LOGIN("joe", "s3cret", "0", "1"), OPEN, AUTH("PLAIN", "AGpvZQBzM2NyZXQ="),
           C("<failure" SASL "/>"));
    /* a refused or anonymous client is not the sender */
    EXPECT(LOGIN("joe", "s3cret", "401", "1") IM("C", "", "", "", "ann@y.org", "0", "3")
               LOGIN("joe", "s3cret", "0", "4") LOGIN("", "", "0", "6")
                   IM("C", "", "", "", "ann@y.org", "0", "8"),
           OPEN, AUTH("PLAIN", "AGpvZQBzM2NyZXQ="), FAILURE, C(TO_ANN),
           AUTH("PLAIN", "AGpvZQBzM2NyZXQ="), SUCCESS, AUTH("ANONYMOUS", "="), SUCCESS, C(TO_ANN));
    /* a result without a login gives no record */
    EXPECT("", OPEN, OPENED, SUCCESS, FAILURE);
}

Test(xmpp, login_whose_beginning_is_missing)
{
    EXPECT(LOGIN("jo\\x22e", "", "401", "0"),
           RESPONSE("Y2hhcnNldD11dGYtOCxyZWFsbT0iYVwidXNlcm5hbWU9Iix1c2VybmFtZT0iam9cImUiLG5jPTE="),
           FAILURE);
}

/* ---- jabber:iq:auth ---- */

Test(xmpp, iq_auth)
{
    EXPECT(LOGIN("joe", "s<e", "0", "4") OWN("ann@y.org", "7"), OPEN, OPENED,
           IQ_AUTH("get", "a1", NAME), S("<iq type='result' id='a1'/>"),
           IQ_AUTH("set", "a2", NAME "<password>s&lt;e</password><resource>home</resource>"),
           S("<iq type='error' id='a1'/><iq type='set' id='a2'/>"),
           S("<iq type='result' id='a2'/>"), C(TO_ANN));
    /* a digest is not a password */
    EXPECT(LOGIN("joe", "", "0", "0"),
           IQ_AUTH("set", "a2", "<digest>48fc</digest>" NAME "<username>x</username>"),
           S("<iq type='result' id='a2'/>"));
}

Test(xmpp, iq_auth_refused)
{
    EXPECT(LOGIN("joe", "x", "406", "1") LOGIN("joe", "x", "409", "3") LOGIN("joe", "x", "500", "5")
               LOGIN("joe", "x", "401", "7"),
           OPEN, IQ_AUTH("set", "1", NAME "<password>x</password>"),
           S("<iq type='error' id='1'><query xmlns='jabber:iq:auth'/>"
             "<error code='406' type='modify'><bad-request/></error></iq>"),
           IQ_AUTH("set", "2", NAME "<password>x</password>"),
           S("<iq type='error' id='2'><error type='cancel'>"
             "<text>no</text><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"),
           IQ_AUTH("set", "3", NAME "<password>x</password>"),
           S("<iq type='error' id='3'><error code='4x'><strange/></error></iq>"),
           IQ_AUTH("set", "4", NAME "<password>x</password>"), S("<iq type='error' id='4'/>"));
}

/* ---- messages ---- */

Test(xmpp, messages)
{
    EXPECT(
        "", OPEN, OPENED, BOUND,
        C("<message to='a@b'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
          "<message to='a@b' type='error'><body>x</body><error/></message>"
          "<message to='a@b'><html xmlns='http://jabber.org/protocol/xhtml-im'>"
          "<body xmlns='http://www.w3.org/1999/xhtml'>x</body></html></message>"
          "<message to='a@b'><body xmlns='urn:other'>x</body><x>body</x></message>"
          "<message to='a@b' xmlns='urn:other'><body>x</body></message>"
          "<message to='a@b'><x xmlns:j='jabber:client'/><j:body/></message>"
          "<j:message xmlns:j='jabber:client' xmlns='urn:other' to='a@b'><body/></j:message>"
          "<o:message to='a@b'><body>x</body></o:message>"
          "<iq type='set' id='1'><body>x</body></iq>"
          "<message to='a@b'><received xmlns='urn:xmpp:carbons:2'><forwarded><message "
          "xmlns='jabber:client' to='c@d'><body>x</body></message></forwarded></received>"
          "</message>"));
}

Test(xmpp, xml)
{
    EXPECT(OWN("a&b@y.org", "3") OWN("c>d@y.org", "3") OWN("e@y.org", "3") OWN("f@y.org", "3")
               OWN("g\\xc3\\xbc@y.org", "3") OWN("h@y.org", "3"),
           OPEN, OPENED, BOUND,
           C("<message to=\"a&amp;b@y.org\"><body>&lt;/body>&#x41;</body></message>"
             "<message\n\tto = 'c>d@y.org'\r\nx=\"'>\"  ><x a='/>'/><body>></body ></message >"
             "<message to='e@y.org'><!-- </message> <body> --><body><![CDATA[]></a></a><message "
             "to='x@y'><body/></message>]]]></body>"
             "</message><!-- -- > -->"
             "<j:message xmlns:j='jabber:client' to='f@y.org'><j:body/></j:message>"
             "<message to='g\xc3\xbc@y.org'><?pi <a>?><body>\xc3\xbc</body></message>"
             "<message to='h@y.org'><a><a/><a></a></a><b xmlns:b='urn:x'/><body/></message>"));
}

Test(xmpp, senders)
{
    /* the client's address comes from the server's stanzas, as the capture joined late */
    EXPECT(IM("C", "", "", "", "ann@y.org", "0", "0") IM("C", "", "", "", "ann@y.org", "0", "2")
               OWN("ann@y.org", "4") IM("S", "joe@x.org", "", "", "joe@x.org/home", "0", "5")
                   OWN("ann@y.org", "7"),
           C(TO_ANN), S("<presence to='other@x.org'/>"), C(TO_ANN),
           S("<presence from='ann@y.org/pc' to='joe@x.org/home'/>"), C(TO_ANN),
           S("<message to='joe@x.org/home'><body/></message>"),
           S("<presence from='x' to='other@x.org/y'/>"), C(TO_ANN));
    /* a room; between servers */
    EXPECT_ON(5269,
              IM("S", "room@y.org", "", "ann", "joe@x.org/home", "0", "1")
                  IM("C", "joe@x.org", "", "home/2", "ann@y.org", "0", "2"),
              C("<stream:stream xmlns='jabber:server' "
                "xmlns:stream='http://etherx.jabber.org/streams' to='y.org'>"),
              S("<message type='groupchat' from='room@y.org/ann' to='joe@x.org/home'><body/>"
                "</message>"),
              C("<message from='joe@x.org/home/2' to='ann@y.org'><body/></message>"));
}

/* ---- incomplete captures ---- */

Test(xmpp, capture_joins_late)
{
    EXPECT(OWN("ann@y.org", "3"), S("rest of text</body></message>"), S(" "),
           S("<iq type='result' id='1' to='joe@x.org/home'/>"), C(TO_ANN));
    EXPECT_ON(7000, FOREIGN("joe@x.org/home", "2") OWN("ann@y.org", "3"),
              C("text</body></message>"), S("\x01\x02"), S(FROM_ANN), C("x>" TO_ANN));
    EXPECT(FOREIGN("joe@x.org/home", "1"), S("</stream:stream>"), S(FROM_ANN));
}

Test(xmpp, malformed_parts_are_skipped)
{
    EXPECT(OWN("ann@y.org", "3") OWN("ann@y.org", "4") OWN("ann@y.org", "5") OWN("ann@y.org", "6")
               OWN("ann@y.org", "7") OWN("ann@y.org", "8") OWN("ann@y.org", "9")
                   OWN("ann@y.org", "10"),
           OPEN, OPENED, BOUND, C("<!DOCTYPE x [<!ENTITY a 'b'>]>" TO_ANN),
           C("junk < <3 <a =<b <messages to='a@b'><body/>" TO_ANN),
           C("<message to='a'<body></message>" TO_ANN),
           C("</a></b><message to='<'><body/></message>" TO_ANN), C("<!D-" TO_ANN),
           C("<a <b>" TO_ANN), C("<x a='" TO_ANN), C("<iq><![CDAT[</iq><!-x></message/>" TO_ANN));
    /* entities and bytes that are not UTF-8 end the parsing; the elements before them count */
    EXPECT(OWN("ann@y.org", "3") OWN("ann@y.org", "4"), OPEN, OPENED, BOUND,
           C("<message to='ann@y.org'><body>&a;</body></message>"),
           C("<message to='ann@y.org'><body>\xff</body></message>"
             "<message to='\xff'><body>x</body></message>"));
}

/* The size of a stanza bounds the memory for levels, attributes and prefixes. */
Test(xmpp, deep_and_wide)
{
    enum { COUNT = 5000 };
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    fputs("<message to='ann@y.org'><body/><x", out);
    for (int i = 0; i < 1000; i++) {
        fprintf(out, " xmlns:p%d='u' a%d='b'", i, i);
    }
    fputc('>', out);
    for (int i = 0; i < COUNT; i++) {
        fputs("<a>", out);
    }
    for (int i = 0; i < COUNT; i++) {
        fputs("</a>", out);
    }
    fputs("</x></message>" TO_ANN, out);
    fclose(out);
    const struct dialog_step steps[] = {OPEN, BOUND, {P2I_FROM_INITIATOR, bytes, size}};
    struct dialog dialog = xmpp_dialog_of(steps, 3, 5222);
    char *messages = dialog_play(&dialog, 0);
    cr_assert_str_eq(messages, OWN("ann@y.org", "2") OWN("ann@y.org", "2"), "%s", messages);
    free(messages);
    free(bytes);
}

/* ---- after STARTTLS and compression ---- */

#define TLS " xmlns='urn:ietf:params:xml:ns:xmpp-tls'"

Test(xmpp, starttls)
{
    EXPECT(SECRET("C", "4") SECRET("S", "5"), OPEN, OPENED, C("<starttls" TLS "/>"),
           S("<proceed" TLS "/>"), C("\x16hello\n"), S("\x16hello\n"));
    /* the bytes behind it are recognised anew */
    EXPECT_ON(7000, "", OPEN, OPENED, S("<proceed" TLS "/>"),
              C("<message to='ann'><body/></message>"));
    /* refused */
    EXPECT(LOGIN("joe", "s3cret", "0", "4"), OPEN, OPENED, C("<starttls" TLS "/>"),
           S("<failure" TLS "/>"), AUTH("PLAIN", "AGpvZQBzM2NyZXQ="), SUCCESS);
    /* the server's answer was lost */
    EXPECT(SECRET("C", "3"), OPEN, C("<starttls" TLS "/>"), DIALOG_SERVER_LOSES(50),
           C("\x16hello\n"));
}

Test(xmpp, compression)
{
    EXPECT(LOGIN("joe", "s3cret", "0", "2"), OPEN, OPENED, AUTH("PLAIN", "AGpvZQBzM2NyZXQ="),
           C("<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method>"
             "</compress>"),
           S("<compressed xmlns='http://jabber.org/protocol/compress'/>"), C(TO_ANN));
}

/* ---- recognition ---- */

static enum p2i_match probe(const char *text, uint16_t port)
{
    const struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, port}};
    char *copy = malloc(strlen(text));
    memcpy(copy, text, strlen(text));
    enum p2i_match match =
        p2i_xmpp.probe(&ends, P2I_FROM_INITIATOR, p2i_view_of(copy, strlen(text)));
    free(copy);
    return match;
}

/* No prefix of the text is refused. */
static void recognises(const char *text, uint16_t port)
{
    char part[400];
    for (size_t size = 1; size <= strlen(text); size++) {
        snprintf(part, sizeof part, "%.*s", (int)size, text);
        enum p2i_match match = probe(part, port);
        cr_assert(match == P2I_MATCH_YES || (match == P2I_MATCH_MORE && size < strlen(text)),
                  "%s: %d", part, (int)match);
    }
}

Test(xmpp, recognised)
{
    recognises("<?xml version='1.0'?>\r\n<stream:stream to='x'" STREAMS, 80);
    recognises("<stream:stream to='x'" STREAMS, 80);
    recognises("\t<iq id='1' type='get'>", 5223);
    recognises("<iq id='1' type='result'/>", 80);
    recognises("<message to='a@b'>", 80);
    recognises("<presence from=\"a@b/c\" />", 80);
    recognises("<presence>", 5222);
    recognises("<message>", 5269);
    recognises("<auth mechanism='PLAIN'" SASL " xmlns:ga='http://www.google.com/'>", 80);
    recognises("<a xmlns='urn:xmpp:sm:3' h='1'/>", 80);
    recognises("</stream:stream>", 80);
    recognises("<stream:features>", 80);
}

Test(xmpp, not_recognised)
{
    static const char *const others[] = {
        "GET / HTTP/1.1\r\n",
        "<?xml version='1.0'?><soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/'>",
        "<?xml version='1.0'?><presence to='a@b'>",
        "<?xml version='1.0'?>text",
        "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:a@b'>",
        "<body rid='1' xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'>",
        "<message to='ann'>",
        "<message>",
        "<iq>",
        "<iq type='query' id='1'>",
        "<html><body>",
        "<stream:stream xmlns:stream='urn:video'>",
        "<13>Jan 1 syslog",
        "<",
        "< message to='a@b'>",
        "<!DOCTYPE html>",
        "<policy-file-request/>",
        "text <message to='a@b'>",
        "   ",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        enum p2i_match wanted = strcmp(others[i], "<") == 0 ? P2I_MATCH_MORE : P2I_MATCH_NO;
        cr_assert_eq(probe(others[i], 80), wanted, "%s", others[i]);
    }
    cr_assert_eq(probe(" ", 5222), P2I_MATCH_MORE);
}

/* Recognition waits for a limited number of bytes. */
Test(xmpp, recognition_ends)
{
    static const char *const begins[] = {"<message to='a@b", "<?xml ", "<stream:stream a='"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        char text[3000];
        memset(text, ' ', sizeof text);
        memcpy(text, begins[i], strlen(begins[i]));
        text[sizeof text - 1] = '\0';
        cr_assert_eq(probe(text, 5222), P2I_MATCH_NO, "%s", begins[i]);
    }
    char blanks[100];
    memset(blanks, ' ', sizeof blanks);
    blanks[sizeof blanks - 1] = '\0';
    cr_assert_eq(probe(blanks, 5222), P2I_MATCH_NO);
}

Test(xmpp, other_protocols_do_not_recognise_it)
{
    const struct dialog_step steps[] = {OPEN, OPENED, BOUND, C(TO_ANN), S(FROM_ANN)};
    struct dialog dialog = xmpp_dialog_of(steps, sizeof steps / sizeof *steps, 7000);
    dialog.protocols = NULL;
    dialog_expect(&dialog, OWN("ann@y.org", "3") FOREIGN("joe@x.org/home", "4"));
}

/* ---- dormancy ---- */

static void ignore(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                   const struct p2i_packet_info *info, const void *message,
                   enum p2i_completeness completeness)
{
    (void)completeness;
    (void)context;
    (void)kind;
    (void)sender;
    (void)info;
    (void)message;
}

static bool is_dormant_after(const char *client, const char *server)
{
    const struct p2i_parse_settings settings = {0};
    const struct p2i_packet_info info = {0};
    struct p2i_account account = {0};
    struct p2i_message_sink sink = {ignore, NULL};
    struct p2i_stream_worker worker;
    cr_assert(p2i_stream_worker_open(&worker, protocols, &settings, &sink));
    struct p2i_stream stream = {0};
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 5222}};
    p2i_stream_start(&stream, ends, &account);
    p2i_stream_data(&stream, &worker, P2I_FROM_INITIATOR, p2i_view_of(client, strlen(client)),
                    &info);
    p2i_stream_data(&stream, &worker, P2I_FROM_RESPONDER, p2i_view_of(server, strlen(server)),
                    &info);
    bool dormant = p2i_stream_is_dormant(&stream, &worker);
    p2i_stream_end(&stream, &worker);
    p2i_stream_worker_close(&worker);
    return dormant;
}

Test(xmpp, is_dormant)
{
    cr_assert(is_dormant_after(TO_ANN, ""));
    cr_assert(is_dormant_after(TO_ANN " ", "<message from='ann@y.org/pc'><body/></message>"));
    /* inside a part, a large part or a skipped one; after a login; after a name was learned */
    cr_assert(!is_dormant_after(TO_ANN "<mess", ""));
    cr_assert(!is_dormant_after(TO_ANN "<presence>", "<message/>"));
    cr_assert(!is_dormant_after(TO_ANN "text", ""));
    cr_assert(!is_dormant_after("<iq type='set' id='1'><query xmlns='jabber:iq:auth'/></iq>", ""));
    cr_assert(!is_dormant_after(TO_ANN, FROM_ANN));
}
