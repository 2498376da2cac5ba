/* SPDX-License-Identifier: MIT */
/* XMPP dialogues for the tests, and the lines of their records. */
#ifndef TEST_XMPP_TALK_H
#define TEST_XMPP_TALK_H

#include "dialog.h"

/* XMPP, and a stand-in for the protocol behind STARTTLS: 0x16, a name and a line end give a reply
 * with that location. NULL-terminated. */
extern const struct p2i_protocol *const protocols[];

struct dialog xmpp_dialog_of(const struct dialog_step *steps, size_t count, uint16_t port);

#define EXPECT_ON(port, expected, ...)                                                             \
    do {                                                                                           \
        const struct dialog_step steps[] = {__VA_ARGS__};                                          \
        struct dialog dialog = xmpp_dialog_of(steps, sizeof steps / sizeof *steps, port);          \
        dialog_expect(&dialog, expected);                                                          \
    } while (0)
#define EXPECT(expected, ...) EXPECT_ON(5222, expected, __VA_ARGS__)

#define IM_OF(side, login, password, name, to, code, cut, at)                                      \
    "im " side " login=\"" login "\" password=\"" password "\" screen_name=\"" name                \
    "\" uin=\"\" receivers=\"" to "\" result_code=" code " protocol=7" cut " @" at "\n"
#define IM(side, login, password, name, to, code, at)                                              \
    IM_OF(side, login, password, name, to, code, "", at)
#define LOGIN(login, password, code, at) IM("C", login, password, "", "", code, at)
#define CUT_LOGIN(login, password, code, at) IM_OF("C", login, password, "", "", code, " cut", at)
#define CUT_OWN(to, at) IM_OF("C", "joe@x.org", "", "home", to, "0", " cut", at)
#define OWN(to, at) IM("C", "joe@x.org", "", "home", to, "0", at)
#define FOREIGN(to, at) IM("S", "ann@y.org", "", "pc", to, "0", at)
#define SECRET(side, at)                                                                           \
    "http_reply " side " content_type=\"\" location=\"hello\" content_length=0 result_code=0 @" at \
    "\n"

#define C DIALOG_CLIENT
#define S DIALOG_SERVER
#define STREAMS " xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
#define SASL " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define OPEN C("<?xml version='1.0'?><stream:stream to='x.org' version='1.0'" STREAMS)
#define OPENED S("<?xml version='1.0'?><stream:stream from='x.org' id='1'" STREAMS)
#define SUCCESS S("<success" SASL "/>")
#define FAILURE S("<failure" SASL "><not-authorized/><text>no</text></failure>")
#define AUTH(mechanism, text) C("<auth" SASL " mechanism='" mechanism "'>" text "</auth>")
#define RESPONSE(text) C("<response" SASL ">" text "</response>")
#define CHALLENGE S("<challenge" SASL ">eHg=</challenge>")
#define TO_ANN "<message to='ann@y.org' type='chat'><body>hi</body></message>"
#define FROM_ANN "<message from='ann@y.org/pc' to='joe@x.org/home'><body>hi</body></message>"
#define BIND "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
#define BOUND S("<iq type='result' id='b1'>" BIND "<jid>joe@x.org/home</jid></bind></iq>")
#define IQ_AUTH(type, id, inner)                                                                   \
    C("<iq type='" type "' id='" id "'><query xmlns='jabber:iq:auth'>" inner "</query></iq>")
#define NAME "<username>joe</username>"

#endif
