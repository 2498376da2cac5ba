/* SPDX-License-Identifier: MIT */
#include "protocol/im/xmpp_stanza.h"

#include "base/ascii.h"
#include "base/hash_secret.h"

#include <expat.h>
#include <stdlib.h>

enum {
    LEVELS = 3,       /* depth of the elements that are examined */
    PREFIXES_MAX = 8, /* prefixes declared in them */
};

/* Namespaces. */
enum space {
    UNDECLARED = 0, /* the stream's namespace */
    OTHER,
    JABBER,
    STREAMS,
    SASL,
    TLS,
    COMPRESS,
    BIND,
    IQ_AUTH,
};

/* Kinds of the examined elements. */
enum element {
    ANY = 0,
    MESSAGE,
    IQ,
    BINDING,
    LOGIN,
    ERROR,
};

struct prefix {
    struct p2i_view name;
    unsigned level; /* level of the element that declares the prefix */
    enum space space;
};

struct reader {
    struct p2i_xmpp_stanza *stanza;
    size_t used;               /* used bytes of the stanza's memory */
    unsigned depth;            /* open elements */
    enum element at[LEVELS];   /* the examined ones among them */
    enum space spaces[LEVELS]; /* default namespace of each */
    struct prefix prefixes[PREFIXES_MAX];
    size_t prefix_count;
    struct p2i_view *gather; /* gets the text of the innermost element; NULL: nothing does */
    bool gathers_text;       /* `gather` is &stanza->text */
};

/* A view of a string from Expat; call. */
static struct p2i_view view_of(const XML_Char *string)
{
    return p2i_view_of(string, strlen(string));
}

#define IS(view, literal) p2i_view_equals(view, P2I_VIEW(literal))

/* Copies bytes behind those already copied into the stanza's memory. They are never more than in
 * the stanza itself, so the memory is large enough. */
static struct p2i_view keep(struct reader *reader, struct p2i_view bytes)
{
    struct p2i_xmpp_stanza *stanza = reader->stanza;
    bytes = p2i_view_first(bytes, stanza->memory_size - reader->used);
    struct p2i_view kept = p2i_view_of(stanza->memory + reader->used, bytes.size);
    if (bytes.size > 0) {
        memcpy(stanza->memory + reader->used, bytes.data, bytes.size);
    }
    reader->used += bytes.size;
    return kept;
}

/* Value of an attribute; the view lives for the call. */
static struct p2i_view attribute(const XML_Char **attributes, const char *name)
{
    for (; *attributes != NULL; attributes += 2) {
        if (strcmp(attributes[0], name) == 0) {
            return view_of(attributes[1]);
        }
    }
    return (struct p2i_view){0};
}

/* ---- namespaces ---- */

static enum space space_named(struct p2i_view name)
{
    static const struct {
        const char *name;
        enum space space;
    } known[] = {
        {"jabber:client", JABBER},
        {"jabber:server", JABBER},
        {"jabber:component:accept", JABBER},
        {"jabber:component:connect", JABBER},
        {"http://etherx.jabber.org/streams", STREAMS},
        {"urn:ietf:params:xml:ns:xmpp-sasl", SASL},
        {"urn:ietf:params:xml:ns:xmpp-tls", TLS},
        {"http://jabber.org/protocol/compress", COMPRESS},
        {"urn:ietf:params:xml:ns:xmpp-bind", BIND},
        {"jabber:iq:auth", IQ_AUTH},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (p2i_view_equals(name, p2i_view_of(known[i].name, strlen(known[i].name)))) {
            return known[i].space;
        }
    }
    return OTHER;
}

/* Stores the namespace declarations among the attributes of the element at this level. */
static void declare(struct reader *reader, const XML_Char **attributes)
{
    unsigned level = reader->depth;
    reader->spaces[level] = level > 0 ? reader->spaces[level - 1] : UNDECLARED;
    for (; *attributes != NULL; attributes += 2) {
        struct p2i_view name = view_of(attributes[0]);
        if (IS(name, "xmlns")) {
            reader->spaces[level] = space_named(view_of(attributes[1]));
        } else if (p2i_view_starts(name, P2I_VIEW("xmlns:")) &&
                   reader->prefix_count < PREFIXES_MAX) {
            reader->prefixes[reader->prefix_count++] =
                (struct prefix){.name = keep(reader, p2i_view_from(name, 6)),
                                .level = level,
                                .space = space_named(view_of(attributes[1]))};
        }
    }
}

/* Returns the namespace of an element at this level and removes the prefix from `*name`. */
static enum space resolve(const struct reader *reader, struct p2i_view *name)
{
    size_t colon = p2i_view_find(*name, ':');
    if (colon == name->size) {
        return reader->spaces[reader->depth];
    }
    struct p2i_view prefix = p2i_view_first(*name, colon);
    *name = p2i_view_from(*name, colon + 1);
    for (size_t i = reader->prefix_count; i > 0; i--) {
        if (p2i_view_equals(reader->prefixes[i - 1].name, prefix)) {
            return reader->prefixes[i - 1].space;
        }
    }
    return IS(prefix, "stream") ? STREAMS : OTHER;
}

/* ---- elements ---- */

static enum p2i_xmpp_kind kind_of(enum space space, struct p2i_view name)
{
    static const struct {
        enum space space;
        enum p2i_xmpp_kind kind;
        const char *name;
    } kinds[] = {
        {STREAMS, P2I_XMPP_STREAM, "stream"},    {JABBER, P2I_XMPP_MESSAGE, "message"},
        {JABBER, P2I_XMPP_PRESENCE, "presence"}, {JABBER, P2I_XMPP_IQ, "iq"},
        {SASL, P2I_XMPP_AUTH, "auth"},           {SASL, P2I_XMPP_RESPONSE, "response"},
        {SASL, P2I_XMPP_SUCCESS, "success"},     {SASL, P2I_XMPP_FAILURE, "failure"},
        {TLS, P2I_XMPP_PROCEED, "proceed"},      {COMPRESS, P2I_XMPP_COMPRESSED, "compressed"},
    };
    space = space == UNDECLARED ? JABBER : space;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (space == kinds[i].space &&
            p2i_view_equals(name, p2i_view_of(kinds[i].name, strlen(kinds[i].name)))) {
            return kinds[i].kind;
        }
    }
    return P2I_XMPP_ELSE;
}

static void begin_outermost(struct reader *reader, enum space space, struct p2i_view name,
                            const XML_Char **attributes)
{
    struct p2i_xmpp_stanza *stanza = reader->stanza;
    stanza->kind = kind_of(space, name);
    stanza->from = keep(reader, attribute(attributes, "from"));
    stanza->to = keep(reader, attribute(attributes, "to"));
    stanza->id = keep(reader, attribute(attributes, "id"));
    stanza->type = keep(reader, attribute(attributes, "type"));
    stanza->mechanism = keep(reader, attribute(attributes, "mechanism"));
    reader->gathers_text = stanza->kind == P2I_XMPP_AUTH || stanza->kind == P2I_XMPP_RESPONSE;
    reader->at[0] = stanza->kind == P2I_XMPP_MESSAGE ? MESSAGE
                    : stanza->kind == P2I_XMPP_IQ    ? IQ
                                                     : ANY;
}

static uint32_t number(struct p2i_view digits)
{
    enum { DIGITS_MAX = 4 };
    uint64_t value = 0;
    return digits.size <= DIGITS_MAX && p2i_parse_decimal(digits, UINT32_MAX, &value)
               ? (uint32_t)value
               : 0;
}

static void begin_child(struct reader *reader, enum space space, struct p2i_view name,
                        const XML_Char **attributes)
{
    struct p2i_xmpp_stanza *stanza = reader->stanza;
    bool native = space == UNDECLARED || space == JABBER;
    enum element *now = &reader->at[1];
    if (reader->at[0] == MESSAGE) {
        stanza->has_body = stanza->has_body || (native && IS(name, "body"));
    } else if (reader->at[0] == IQ && space == BIND && IS(name, "bind")) {
        stanza->binds = true;
        *now = BINDING;
    } else if (reader->at[0] == IQ && space == IQ_AUTH && IS(name, "query")) {
        stanza->logs_in = true;
        *now = LOGIN;
    } else if (reader->at[0] == IQ && native && IS(name, "error")) {
        stanza->code = number(attribute(attributes, "code"));
        *now = ERROR;
    }
}

/* Code of an error condition (XEP-0086), for servers that send no code. */
static uint32_t code_of(struct p2i_view condition)
{
    static const struct {
        const char *condition;
        uint32_t code;
    } codes[] = {
        {"bad-request", 400},           {"not-authorized", 401}, {"forbidden", 403},
        {"item-not-found", 404},        {"not-allowed", 405},    {"not-acceptable", 406},
        {"registration-required", 407}, {"conflict", 409},       {"feature-not-implemented", 501},
        {"service-unavailable", 503},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (p2i_view_equals(condition,
                            p2i_view_of(codes[i].condition, strlen(codes[i].condition)))) {
            return codes[i].code;
        }
    }
    return 500;
}

static void begin_grandchild(struct reader *reader, struct p2i_view name)
{
    struct p2i_xmpp_stanza *stanza = reader->stanza;
    if (reader->at[1] == BINDING && IS(name, "jid")) {
        reader->gather = &stanza->jid;
    } else if (reader->at[1] == LOGIN && IS(name, "username")) {
        reader->gather = &stanza->username;
    } else if (reader->at[1] == LOGIN && IS(name, "password")) {
        reader->gather = &stanza->password;
    } else if (reader->at[1] == LOGIN && IS(name, "resource")) {
        reader->gather = &stanza->resource;
    } else if (reader->at[1] == ERROR && stanza->code == 0 && !IS(name, "text")) {
        stanza->code = code_of(name);
    }
    if (reader->gather != NULL && reader->gather->size > 0) {
        reader->gather = NULL; /* only the first one counts */
    }
}

static void XMLCALL on_start(void *context, const XML_Char *tag, const XML_Char **attributes)
{
    struct reader *reader = context;
    reader->gather = NULL;
    reader->gathers_text = false;
    if (reader->depth < LEVELS) {
        struct p2i_view name = view_of(tag);
        reader->at[reader->depth] = ANY;
        declare(reader, attributes);
        enum space space = resolve(reader, &name);
        if (reader->depth == 0) {
            begin_outermost(reader, space, name, attributes);
        } else if (reader->depth == 1) {
            begin_child(reader, space, name, attributes);
        } else {
            begin_grandchild(reader, name);
        }
    }
    reader->depth++;
}

static void XMLCALL on_end(void *context, const XML_Char *tag)
{
    struct reader *reader = context;
    (void)tag;
    reader->gather = NULL;
    reader->gathers_text = false;
    reader->depth--;
    while (reader->prefix_count > 0 &&
           reader->prefixes[reader->prefix_count - 1].level >= reader->depth) {
        reader->prefix_count--;
    }
}

/* The text of one element comes in several calls; nothing else is copied to the stanza's memory
 * between them, so the copies are adjacent. */
static void XMLCALL on_text(void *context, const XML_Char *text, int size)
{
    struct reader *reader = context;
    struct p2i_xmpp_stanza *stanza = reader->stanza;
    if (reader->gather == NULL && !reader->gathers_text) {
        return;
    }
    struct p2i_view kept = keep(reader, p2i_view_of(text, (size_t)size));
    if (reader->gathers_text) {
        stanza->text = stanza->memory + reader->used - stanza->text_size - kept.size;
        stanza->text_size += kept.size;
    } else {
        *reader->gather =
            p2i_view_of(stanza->memory + reader->used - reader->gather->size - kept.size,
                        reader->gather->size + kept.size);
    }
}

struct expat {
    XML_Parser parser; /* NULL until the first part */
    uint64_t salt;     /* of its hash tables; otherwise it would ask for one for each part */
};

void *p2i_xmpp_open_reader(const struct p2i_parse_settings *settings)
{
    (void)settings;
    struct expat *expat = calloc(1, sizeof *expat);
    if (expat != NULL) {
        expat->salt = p2i_hash_secret();
    }
    return expat;
}

void p2i_xmpp_close_reader(void *reader)
{
    struct expat *expat = reader;
    if (expat->parser != NULL) {
        XML_ParserFree(expat->parser);
    }
    free(expat);
}

/* Makes the parser ready for another part. NULL: out of memory. */
static XML_Parser ready_parser(struct expat *expat, struct reader *reader)
{
    if (expat->parser == NULL) {
        expat->parser = XML_ParserCreate("UTF-8");
    } else if (!XML_ParserReset(expat->parser, "UTF-8")) {
        return NULL;
    }
    XML_Parser parser = expat->parser;
    if (parser != NULL) {
        (void)XML_SetHashSalt(parser, (unsigned long)expat->salt);
        XML_SetUserData(parser, reader);
        XML_SetElementHandler(parser, on_start, on_end);
        XML_SetCharacterDataHandler(parser, on_text);
    }
    return parser;
}

bool p2i_xmpp_read(const struct p2i_parser *parser, struct p2i_view bytes,
                   struct p2i_xmpp_stanza *stanza)
{
    *stanza = (struct p2i_xmpp_stanza){.memory_size = bytes.size};
    struct reader reader = {.stanza = stanza};
    stanza->memory = p2i_pool_get(parser->pool, parser->account, bytes.size, NULL);
    XML_Parser xml = stanza->memory != NULL ? ready_parser(parser->shared, &reader) : NULL;
    if (xml == NULL) {
        p2i_pool_note_refusal(parser->pool);
        p2i_xmpp_stanza_free(parser, stanza);
        return false;
    }
    stanza->whole =
        XML_Parse(xml, (const char *)bytes.data, (int)bytes.size, XML_TRUE) == XML_STATUS_OK;
    if (!stanza->whole && XML_GetErrorCode(xml) == XML_ERROR_NO_MEMORY) {
        p2i_pool_note_refusal(parser->pool);
    }
    if (reader.gather != NULL && reader.gather != &stanza->password) {
        /* The name is cut: the rest of its text is missing. */
        *reader.gather = (struct p2i_view){0};
    }
    if (stanza->kind == P2I_XMPP_ELSE) {
        p2i_xmpp_stanza_free(parser, stanza);
        return false;
    }
    return true;
}

void p2i_xmpp_stanza_free(const struct p2i_parser *parser, struct p2i_xmpp_stanza *stanza)
{
    p2i_pool_put(parser->pool, parser->account, stanza->memory, stanza->memory_size);
    stanza->memory = NULL;
}
