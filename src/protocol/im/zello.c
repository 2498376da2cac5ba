/* SPDX-License-Identifier: MIT */
#include "protocol/im/zello.h"

#include "base/ascii.h"
#include "base/json.h"
#include "protocol/message.h"

enum {
    IM_ZELLO = 106,
    REFUSED = 401,
};

/* Members that are read from a message. */
enum member {
    COMMAND,
    SEQ,
    SUCCESS,
    ERROR,
    USERNAME,
    PASSWORD,
    CHANNEL,
    CHANNELS,
    FROM,
    FOR,
    TEXT,
    MEMBERS,
};

/* The last logon. Its strings follow it. */
struct logon {
    struct p2i_im message;
    struct p2i_packet_info info;
    uint64_t seq;
    size_t capacity;
    enum p2i_completeness completeness;
    uint8_t sender; /* enum p2i_direction */
    bool waits;     /* for its answer */
};

struct zello {
    struct logon *logon; /* from the pool; NULL none yet */
};

/* The values of a message's members. */
struct words {
    struct p2i_json_member member[MEMBERS];
    enum p2i_completeness completeness;
};

static bool read_words(struct p2i_view text, enum p2i_completeness completeness,
                       struct words *words)
{
    *words = (struct words){
        .member =
            {
                [COMMAND] = {.name = P2I_VIEW("command")},
                [SEQ] = {.name = P2I_VIEW("seq")},
                [SUCCESS] = {.name = P2I_VIEW("success")},
                [ERROR] = {.name = P2I_VIEW("error")},
                [USERNAME] = {.name = P2I_VIEW("username")},
                [PASSWORD] = {.name = P2I_VIEW("password")},
                [CHANNEL] = {.name = P2I_VIEW("channel")},
                [CHANNELS] = {.name = P2I_VIEW("channels")},
                [FROM] = {.name = P2I_VIEW("from")},
                [FOR] = {.name = P2I_VIEW("for")},
                [TEXT] = {.name = P2I_VIEW("text")},
            },
        .completeness = completeness,
    };
    return completeness == P2I_WHOLE ? p2i_json_object(text, words->member, MEMBERS)
                                     : p2i_json_part(text, words->member, MEMBERS);
}

static const struct p2i_json_value *value_of(const struct words *words, enum member member)
{
    return &words->member[member].value;
}

static bool is_command(const struct words *words, struct p2i_view name)
{
    return p2i_json_is(value_of(words, COMMAND), name);
}

/* ---- Strings ---- */

/* Writes a string at `*room` and moves `*room` behind it. A string never takes more bytes here than
 * it took in the message. */
static struct p2i_view put_string(uint8_t **room, const struct p2i_json_value *value)
{
    struct p2i_view string = p2i_view_of(*room, p2i_json_string(value, *room));
    *room += string.size;
    return string;
}

/* Writes the strings of an array, separated by commas. */
static struct p2i_view put_list(uint8_t **room, const struct p2i_json_value *array)
{
    uint8_t *begin = *room;
    struct p2i_view rest = array->raw;
    struct p2i_json_value value;
    while (p2i_json_next(&rest, &value)) {
        if (value.type == P2I_JSON_STRING && value.raw.size > 0) {
            if (*room > begin) {
                *(*room)++ = ',';
            }
            (void)put_string(room, &value);
        }
    }
    return p2i_view_of(begin, (size_t)(*room - begin));
}

static struct p2i_view put_channels(uint8_t **room, const struct words *words)
{
    const struct p2i_json_value *channels = value_of(words, CHANNELS);
    if (channels->type == P2I_JSON_ARRAY) {
        return put_list(room, channels);
    }
    return put_string(room, value_of(words, CHANNEL));
}

/* ---- Logons ---- */

static void emit_logon(const struct p2i_parser *parser, const struct zello *zello, uint32_t result)
{
    struct logon *logon = zello->logon;
    if (logon != NULL && logon->waits) {
        logon->waits = false;
        logon->message.result_code = result;
        p2i_emit_part(parser, P2I_RECORD_IM, (enum p2i_direction)logon->sender, &logon->info,
                      &logon->message, logon->completeness);
    }
}

static void forget_logon(struct p2i_parser *parser, struct zello *zello)
{
    emit_logon(parser, zello, 0);
    if (zello->logon != NULL) {
        p2i_pool_put(parser->pool, parser->account, zello->logon, zello->logon->capacity);
        zello->logon = NULL;
    }
}

static void take_logon(struct p2i_parser *parser, struct zello *zello, const struct words *words,
                       enum p2i_direction direction, const struct p2i_packet_info *info)
{
    size_t size = sizeof(struct logon) + value_of(words, USERNAME)->raw.size +
                  value_of(words, PASSWORD)->raw.size + value_of(words, CHANNEL)->raw.size +
                  value_of(words, CHANNELS)->raw.size;
    size_t capacity = 0;
    forget_logon(parser, zello);
    if (words->completeness != P2I_WHOLE && value_of(words, USERNAME)->type != P2I_JSON_STRING) {
        return; /* the user is unknown */
    }
    struct logon *logon = p2i_pool_get(parser->pool, parser->account, size, &capacity);
    if (logon == NULL) {
        return;
    }
    uint8_t *room = (uint8_t *)(logon + 1);
    *logon = (struct logon){
        .info = *info,
        .capacity = capacity,
        .sender = (uint8_t)direction,
        .waits = true,
        .completeness = words->completeness,
        .message = {.protocol = IM_ZELLO},
    };
    (void)p2i_json_whole(value_of(words, SEQ), &logon->seq);
    logon->message.login = put_string(&room, value_of(words, USERNAME));
    logon->message.screen_name = logon->message.login;
    logon->message.password = put_string(&room, value_of(words, PASSWORD));
    logon->message.receivers = put_channels(&room, words);
    zello->logon = logon;
}

/* Reads an answer to the logon, or an error of the session in its place. */
static void take_answer(const struct p2i_parser *parser, const struct zello *zello,
                        const struct words *words, enum p2i_direction direction)
{
    uint64_t seq = 0;
    bool numbered = p2i_json_whole(value_of(words, SEQ), &seq);
    if (zello->logon == NULL || direction == (enum p2i_direction)zello->logon->sender ||
        (numbered && seq != zello->logon->seq)) {
        return;
    }
    if (value_of(words, SUCCESS)->type == P2I_JSON_TRUE) {
        emit_logon(parser, zello, 0);
    } else if (value_of(words, SUCCESS)->type == P2I_JSON_FALSE ||
               value_of(words, ERROR)->type == P2I_JSON_STRING) {
        emit_logon(parser, zello, REFUSED);
    }
}

/* ---- Text messages ---- */

/* Returns true if the names of a text message are complete. In a cut message `for` may be in the
 * missing part, so that it must have been seen. */
static bool has_names(const struct words *words, bool received)
{
    return words->completeness == P2I_WHOLE ||
           ((!received || value_of(words, FROM)->type == P2I_JSON_STRING) &&
            (value_of(words, FOR)->type == P2I_JSON_STRING ||
             (value_of(words, FOR)->type != P2I_JSON_NONE &&
              value_of(words, CHANNEL)->type == P2I_JSON_STRING)));
}

static void take_text(struct p2i_parser *parser, const struct zello *zello,
                      const struct words *words, enum p2i_direction direction,
                      const struct p2i_packet_info *info, bool received)
{
    if (!has_names(words, received)) {
        return;
    }
    const struct p2i_json_value *to = value_of(words, FOR);
    if (to->type != P2I_JSON_STRING || to->raw.size == 0) {
        to = value_of(words, CHANNEL);
    }
    size_t size = value_of(words, FROM)->raw.size + to->raw.size;
    uint8_t *block = p2i_pool_get(parser->pool, parser->account, size, NULL);
    if (block == NULL) {
        return;
    }
    uint8_t *room = block;
    struct p2i_im message = {.protocol = IM_ZELLO};
    if (received) {
        message.login = put_string(&room, value_of(words, FROM));
    } else if (zello->logon != NULL) {
        message.login = zello->logon->message.login;
    }
    message.screen_name = message.login;
    message.receivers = put_string(&room, to);
    if (message.receivers.size == 0 && zello->logon != NULL) {
        message.receivers = zello->logon->message.receivers;
    }
    p2i_emit_part(parser, P2I_RECORD_IM, direction, info, &message, words->completeness);
    p2i_pool_put(parser->pool, parser->account, block, size);
}

/* ---- Interface ---- */

/* Other programs may use the names of the commands too. Together with the other members of a
 * client's or server's message they are Zello's. */
static bool probe(struct p2i_view text, enum p2i_completeness completeness)
{
    static const char *const on_channels[] = {"on_channel_status", "on_stream_start",
                                              "on_text_message",   "on_image",
                                              "on_location",       "send_text_message"};
    struct words words;
    if (!read_words(text, completeness, &words) ||
        value_of(&words, COMMAND)->type != P2I_JSON_STRING) {
        return false;
    }
    bool channel = value_of(&words, CHANNEL)->type == P2I_JSON_STRING ||
                   value_of(&words, CHANNELS)->type == P2I_JSON_ARRAY;
    bool numbered = value_of(&words, SEQ)->type == P2I_JSON_NUMBER;
    if (is_command(&words, P2I_VIEW("logon"))) {
        return numbered || channel;
    }
    for (size_t i = 0; i < sizeof on_channels / sizeof *on_channels && channel; i++) {
        if (is_command(&words, p2i_view_of(on_channels[i], strlen(on_channels[i])))) {
            return true;
        }
    }
    return false;
}

static void take_message(struct p2i_parser *parser, void *state, enum p2i_direction direction,
                         const struct p2i_packet_info *info, struct p2i_view text,
                         enum p2i_completeness completeness)
{
    struct zello *zello = state;
    struct words words;
    if (!read_words(text, completeness, &words)) {
        return;
    }
    if (value_of(&words, COMMAND)->type != P2I_JSON_STRING ||
        is_command(&words, P2I_VIEW("on_error"))) {
        take_answer(parser, zello, &words, direction);
    } else if (is_command(&words, P2I_VIEW("logon"))) {
        take_logon(parser, zello, &words, direction, info);
    } else if (is_command(&words, P2I_VIEW("send_text_message"))) {
        take_text(parser, zello, &words, direction, info, false);
    } else if (is_command(&words, P2I_VIEW("on_text_message"))) {
        take_text(parser, zello, &words, direction, info, true);
    }
}

static void at_end(struct p2i_parser *parser, void *state)
{
    forget_logon(parser, state);
}

const struct p2i_text_protocol p2i_zello = {
    .name = "zello",
    .state_size = sizeof(struct zello),
    .probe = probe,
    .message = take_message,
    .free = at_end,
};

/* ---- Hosts ---- */

static bool is_below(struct p2i_view host, struct p2i_view domain)
{
    if (host.size < domain.size ||
        !p2i_view_equals_nocase(p2i_view_from(host, host.size - domain.size), domain)) {
        return false;
    }
    return host.size == domain.size || host.data[host.size - domain.size - 1] == '.';
}

bool p2i_zello_is_host(struct p2i_view host)
{
    if (host.size > 0 && host.data[host.size - 1] == '.') {
        host.size--;
    }
    return is_below(host, P2I_VIEW("zello.com")) || is_below(host, P2I_VIEW("zello.io")) ||
           is_below(host, P2I_VIEW("zellowork.com")) || is_below(host, P2I_VIEW("zellowork.io"));
}

bool p2i_zello_session(const struct p2i_parser *parser, enum p2i_direction client,
                       const struct p2i_packet_info *info, struct p2i_view host)
{
    bool zello = p2i_zello_is_host(host);
    if (zello) {
        struct p2i_im message = {.protocol = IM_ZELLO};
        p2i_emit(parser, P2I_RECORD_IM, client, info, &message);
    }
    return zello;
}
