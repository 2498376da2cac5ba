/* SPDX-License-Identifier: MIT */
/* OSCAR, the protocol of ICQ and AIM. There is no RFC; the facts are from AOL's "OSCAR Protocol"
 * pages and from A. Shutko's "OSCAR (ICQ v7/v8/v9) protocol documentation". Emits one message for
 * each login and for each instant message with a text.
 *
 * A login is a sign-on frame with a name and a roasted password, answered by a sign-off frame, or
 * SNAC 17/02 with a hash of the password, answered by 17/03. Its message is emitted when the answer
 * comes, or else when the server hangs up or the next login begins. With the cookie from the answer
 * the client signs on at another server in a session of its own; that is not a login.
 *
 * Names: `login` is always the account of the sender, `receivers` the account of the receiver. One
 * of them is the session's own account, which is known from a login or from the server's SNAC
 * 01/0f, and otherwise empty. `screen_name` is the sender's nick if the traffic has one, else the
 * account again; `uin` is the account if it is a number.
 *
 * A cut frame gives the content of its whole TLVs and the present bytes of a password: a login
 * needs its name, a message the beginning of its text. A login is marked cut when its own frame is
 * cut or the frame of its answer; its result is then 0 unless the answer has one. */
#include "base/ascii.h"
#include "protocol/im/oscar_flap.h"
#include "protocol/im/oscar_snac.h"
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "protocol/stream.h"

enum {
    ICQ = 0,        /* p2i_im.protocol */
    NAME_MAX = 255, /* longest name or password, in bytes */
};

struct name {
    uint8_t size;
    uint8_t bytes[NAME_MAX];
};

struct login {
    struct p2i_packet_info info;
    struct name name;
    struct name password;
    enum p2i_completeness completeness;
    uint8_t client; /* enum p2i_direction */
    bool waits;     /* for its answer */
    bool seen;      /* a login has begun in this session */
};

struct oscar {
    struct name account; /* the client's own account */
    struct name nick;
    struct login login;
    uint32_t rest[2]; /* bytes of a cut frame that are still to come, per direction */
    bool lost[2];     /* the start of the direction's next frame is unknown */
};

/* A frame, or the present bytes of a cut one. */
struct frame {
    enum p2i_direction sender;
    const struct p2i_packet_info *info;
    struct p2i_view payload;
    enum p2i_completeness completeness;
};

static enum p2i_completeness worse(enum p2i_completeness a, enum p2i_completeness b)
{
    return a == P2I_WHOLE ? b : a;
}

static void set_bytes(struct name *name, struct p2i_view value)
{
    value = p2i_view_first(value, NAME_MAX);
    name->size = (uint8_t)value.size;
    if (value.size > 0) {
        memcpy(name->bytes, value.data, value.size);
    }
}

/* A name longer than NAME_MAX is dropped: its beginning would be another account's name. */
static void set_name(struct name *name, struct p2i_view value)
{
    set_bytes(name, value.size <= NAME_MAX ? value : (struct p2i_view){0});
}

static struct p2i_view view_of_name(const struct name *name)
{
    return p2i_view_of(name->bytes, name->size);
}

static struct p2i_view first_known(struct p2i_view a, struct p2i_view b)
{
    return a.size > 0 ? a : b;
}

/* The name if it is a number, as in ICQ; else empty. */
static struct p2i_view uin_of(struct p2i_view name)
{
    return p2i_digits(name) == name.size ? name : (struct p2i_view){0};
}

/* ---- logins ---- */

static bool is_printable(struct p2i_view text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < 0x20 || text.data[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

/* The password of a sign-on is XORed with a constant string. Bytes that are printable ASCII as sent
 * were not XORed: the first typed byte would not be printable then. */
static void set_password(struct name *password, struct p2i_view roasted)
{
    static const uint8_t roast[16] = {0xf3, 0x26, 0x81, 0xc4, 0x39, 0x86, 0xdb, 0x92,
                                      0x71, 0xa3, 0xb9, 0xe6, 0x53, 0x7a, 0x95, 0x7c};
    set_bytes(password, roasted);
    if (is_printable(roasted)) {
        return;
    }
    for (size_t i = 0; i < password->size; i++) {
        password->bytes[i] ^= roast[i % sizeof roast];
    }
}

/* Emits the waiting login with its result. `answer` is the completeness of the answer's frame. */
static void emit_login(struct p2i_parser *parser, uint32_t result, enum p2i_completeness answer)
{
    struct oscar *oscar = parser->state;
    struct login *login = &oscar->login;
    struct p2i_view name = view_of_name(&login->name);
    struct p2i_view account = view_of_name(&oscar->account);
    struct p2i_im message = {
        .login = first_known(name, account),
        .password = view_of_name(&login->password),
        .screen_name = account,
        .uin = uin_of(account),
        .result_code = result,
        .protocol = ICQ,
    };
    p2i_emit_part(parser, P2I_RECORD_IM, (enum p2i_direction)login->client, &login->info, &message,
                  worse(login->completeness, answer));
    login->waits = false;
}

static void emit_unanswered(struct p2i_parser *parser)
{
    const struct oscar *oscar = parser->state;
    if (oscar->login.waits) {
        emit_login(parser, 0, P2I_WHOLE);
    }
}

static void begin_login(struct p2i_parser *parser, enum p2i_direction client,
                        const struct frame *frame, struct p2i_view tlvs)
{
    enum { NAME = 0x01, PASSWORD = 0x02 };
    struct oscar *oscar = parser->state;
    struct login *login = &oscar->login;
    struct p2i_oscar_tlv password = {0};
    emit_unanswered(parser);
    struct p2i_view name = p2i_oscar_tlv_value(tlvs, NAME);
    bool there = p2i_oscar_tlv_find(tlvs, PASSWORD, &password) &&
                 (password.whole || frame->completeness != P2I_WHOLE);
    if (!there) {
        password.value = (struct p2i_view){0};
    }
    bool fits = name.size <= NAME_MAX && password.value.size <= NAME_MAX;
    login->info = *frame->info;
    login->completeness = worse(frame->completeness, fits ? P2I_WHOLE : P2I_LIMITED);
    login->client = (uint8_t)client;
    login->waits = login->seen = true;
    set_name(&login->name, name);
    set_password(&login->password, password.value);
    oscar->account = login->name;
    oscar->nick.size = 0;
}

/* Reads the server's answer: the account's name as the server writes it, and either address and
 * cookie for the next server or an error. If the login itself was not captured, the answer stands
 * for it. */
static void take_answer(struct p2i_parser *parser, const struct frame *frame, struct p2i_view tlvs)
{
    enum { NAME = 0x01, COOKIE = 0x06, ERROR = 0x08 };
    struct oscar *oscar = parser->state;
    struct p2i_view name = p2i_oscar_tlv_value(tlvs, NAME);
    struct p2i_oscar_tlv tlv;
    bool is_answer =
        p2i_oscar_tlv_find(tlvs, COOKIE, &tlv) || p2i_oscar_tlv_find(tlvs, ERROR, &tlv);
    if (!oscar->login.seen && name.size > 0 && is_answer) {
        begin_login(parser, (enum p2i_direction) !frame->sender, frame, (struct p2i_view){0});
    }
    if (!oscar->login.waits || oscar->login.client == (uint8_t)frame->sender) {
        return;
    }
    if (name.size > 0 && name.size <= NAME_MAX) {
        set_name(&oscar->account, name);
    }
    emit_login(parser, p2i_oscar_tlv_number(p2i_oscar_tlv_value(tlvs, ERROR)), frame->completeness);
}

/* SNAC xx/01: error number, then TLVs. */
static void take_refusal(struct p2i_parser *parser, const struct frame *frame, struct p2i_view body)
{
    enum { NUMBER_SIZE = 2 };
    const struct login *login = &((const struct oscar *)parser->state)->login;
    if (login->waits && login->client != (uint8_t)frame->sender) {
        size_t size = body.size < NUMBER_SIZE ? 0 : NUMBER_SIZE;
        emit_login(parser, p2i_oscar_tlv_number(p2i_view_first(body, size)), frame->completeness);
    }
}

/* ---- instant messages ---- */

static void take_icbm(struct p2i_parser *parser, const struct frame *frame, struct p2i_view body,
                      bool incoming)
{
    const struct oscar *oscar = parser->state;
    struct p2i_oscar_user own = {view_of_name(&oscar->account), view_of_name(&oscar->nick)};
    struct p2i_icbm icbm;
    if (!p2i_icbm_read(body, incoming, &icbm) || !icbm.is_text) {
        return;
    }
    const struct p2i_oscar_user *from = incoming ? &icbm.peer : &own;
    const struct p2i_oscar_user *to = incoming ? &own : &icbm.peer;
    struct p2i_im message = {
        .login = from->name,
        .screen_name = first_known(from->nick, from->name),
        .uin = uin_of(from->name),
        .receivers = to->name,
        .protocol = ICQ,
    };
    p2i_emit_part(parser, P2I_RECORD_IM, frame->sender, frame->info, &message, frame->completeness);
}

static void take_own_info(struct p2i_parser *parser, struct p2i_view body)
{
    struct oscar *oscar = parser->state;
    struct p2i_cursor at = p2i_cursor_of(body);
    struct p2i_oscar_user user;
    if (p2i_oscar_user_read(&at, &user) && user.name.size > 0) {
        set_name(&oscar->account, user.name);
        set_name(&oscar->nick, user.nick);
    }
}

/* ---- frames ---- */

static void take_snac(struct p2i_parser *parser, const struct frame *frame)
{
    struct p2i_snac snac;
    if (!p2i_snac_read(frame->payload, &snac)) {
        return;
    }
    switch (snac.kind) {
    case P2I_SNAC_ICBM_OUT:
    case P2I_SNAC_ICBM_IN:
        take_icbm(parser, frame, snac.body, snac.kind == P2I_SNAC_ICBM_IN);
        break;
    case P2I_SNAC_OWN_INFO:
        take_own_info(parser, snac.body);
        break;
    case P2I_SNAC_LOGIN:
        begin_login(parser, frame->sender, frame, snac.body);
        break;
    case P2I_SNAC_LOGIN_RESULT:
        take_answer(parser, frame, snac.body);
        break;
    case P2I_SNAC_LOGIN_ERROR:
        take_refusal(parser, frame, snac.body);
        break;
    default:
        break;
    }
}

/* A version, then the TLVs of a login or of a client that has a cookie already. */
static void take_sign_on(struct p2i_parser *parser, const struct frame *frame)
{
    enum { NAME = 0x01, PASSWORD = 0x02, COOKIE = 0x06, VERSION_SIZE = 4 };
    struct p2i_view tlvs = p2i_view_from(frame->payload, VERSION_SIZE);
    struct p2i_oscar_tlv tlv;
    if (!p2i_oscar_tlv_find(tlvs, COOKIE, &tlv) && (p2i_oscar_tlv_value(tlvs, NAME).size > 0 ||
                                                    p2i_oscar_tlv_value(tlvs, PASSWORD).size > 0)) {
        begin_login(parser, frame->sender, frame, tlvs);
    }
}

/* Reads the frame at `at`, or the part of it that the segment has. */
static void take_frame(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                       size_t at, const struct p2i_flap *flap, enum p2i_completeness completeness)
{
    struct frame frame = {
        .sender = segment->direction,
        .info = p2i_packet_info_at(segment, at),
        .payload =
            p2i_view_first(p2i_view_from(segment->bytes, at + P2I_FLAP_HEAD_SIZE), flap->length),
        .completeness = completeness,
    };
    if (flap->channel == P2I_FLAP_SNAC) {
        take_snac(parser, &frame);
    } else if (flap->channel == P2I_FLAP_SIGN_ON) {
        take_sign_on(parser, &frame);
    } else if (flap->channel == P2I_FLAP_SIGN_OFF) {
        take_answer(parser, &frame, frame.payload);
    }
}

/* Bytes of a frame that are needed to read it, or to see that it is of no interest; `bytes` are its
 * present bytes. The last three bytes of the largest possible frame cannot be buffered. */
static size_t bytes_to_take(struct p2i_view bytes, const struct p2i_flap *flap)
{
    size_t whole = P2I_FLAP_HEAD_SIZE + (size_t)flap->length;
    size_t most = whole < P2I_HEAD_MAX ? whole : P2I_HEAD_MAX;
    struct p2i_snac snac;
    if (flap->channel == P2I_FLAP_SIGN_ON || flap->channel == P2I_FLAP_SIGN_OFF) {
        return most;
    }
    if (flap->channel != P2I_FLAP_SNAC || flap->length < P2I_SNAC_HEAD_SIZE) {
        return P2I_FLAP_HEAD_SIZE;
    }
    if (!p2i_snac_read(p2i_view_from(bytes, P2I_FLAP_HEAD_SIZE), &snac)) {
        return P2I_FLAP_HEAD_SIZE + P2I_SNAC_HEAD_SIZE;
    }
    switch (snac.kind) {
    case P2I_SNAC_OWN_INFO:
    case P2I_SNAC_ICBM_OUT:
    case P2I_SNAC_ICBM_IN:
    case P2I_SNAC_LOGIN_ERROR:
    case P2I_SNAC_LOGIN:
    case P2I_SNAC_LOGIN_RESULT:
        return most;
    default:
        return P2I_FLAP_HEAD_SIZE + P2I_SNAC_HEAD_SIZE;
    }
}

/* ---- the stream ---- */

/* Returns the first offset from `at` on at which a frame begins (`*need` is 0) or may begin
 * (`*need` is the number of bytes from there that decide it); the end of the segment if there is
 * none. */
static size_t find_frame(const struct p2i_stream_segment *segment, size_t at, size_t *need)
{
    for (;;) {
        at += p2i_view_find(p2i_view_from(segment->bytes, at), '*');
        struct p2i_view rest = p2i_view_from(segment->bytes, at);
        enum p2i_match match = p2i_flap_match(rest, need);
        if (match == P2I_MATCH_YES) {
            *need = 0;
        }
        if (match != P2I_MATCH_NO || rest.size == 0) {
            return at;
        }
        at++;
    }
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct oscar *oscar = parser->state;
    bool *lost = &oscar->lost[segment->direction];
    uint32_t *behind_cut = &oscar->rest[segment->direction];
    size_t at = 0;
    if (*behind_cut > 0) {
        struct p2i_step step = {.consumed = *behind_cut};
        *behind_cut = 0;
        return step;
    }
    while (at < segment->bytes.size) {
        size_t need = 0;
        struct p2i_flap flap = {0};
        if (*lost) {
            at = find_frame(segment, at, &need);
            *lost = need > 0;
        }
        struct p2i_view rest = p2i_view_from(segment->bytes, at);
        if (!*lost && rest.size >= P2I_FLAP_HEAD_SIZE && !p2i_flap_read(rest, &flap)) {
            *lost = true;
            continue;
        }
        if (!*lost) {
            need = rest.size < P2I_FLAP_HEAD_SIZE ? P2I_FLAP_HEAD_SIZE : bytes_to_take(rest, &flap);
        }
        if (need > rest.size) {
            return (struct p2i_step){.consumed = at, .need = need};
        }
        size_t whole = P2I_FLAP_HEAD_SIZE + (size_t)flap.length;
        take_frame(parser, segment, at, &flap, whole > P2I_HEAD_MAX ? P2I_LIMITED : P2I_WHOLE);
        at += whole;
    }
    return p2i_consume(at);
}

/* Reads a frame of which only the buffered bytes will ever come. Returns how many bytes of the
 * frame follow them; 0 if that is unknown. */
static size_t take_cut_frame(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    const struct oscar *oscar = parser->state;
    struct p2i_flap flap;
    if (oscar->lost[segment->direction] || !p2i_flap_read(segment->bytes, &flap)) {
        return 0;
    }
    take_frame(parser, segment, 0, &flap, P2I_CUT);
    return P2I_FLAP_HEAD_SIZE + (size_t)flap.length - segment->bytes.size;
}

static void gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing)
{
    struct oscar *oscar = parser->state;
    uint32_t *rest = &oscar->rest[segment->direction];
    size_t behind = *rest > 0 ? *rest : take_cut_frame(parser, segment);
    bool within = missing > 0 && missing <= behind;
    *rest = within ? (uint32_t)(behind - missing) : 0;
    oscar->lost[segment->direction] = !within;
}

static void at_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    const struct oscar *oscar = parser->state;
    (void)take_cut_frame(parser, segment);
    if (oscar->login.client != (uint8_t)segment->direction) {
        emit_unanswered(parser);
    }
}

/* Has no is_dormant(): even between frames the state may hold a name that a new parser could not
 * learn. */
const struct p2i_protocol p2i_oscar = {
    .id = P2I_ID_ICQ,
    .state_size = sizeof(struct oscar),
    .over = {[P2I_OVER_TCP] = true},
    .probe = p2i_oscar_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = emit_unanswered,
};
