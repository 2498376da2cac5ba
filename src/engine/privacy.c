/* SPDX-License-Identifier: MIT */
#include "engine/privacy.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/secret.h"
#include "pcap2ipfix/error.h"
#include "privacy/redact.h"

enum { HEX_KEY = 2 * P2I_CRYPTO_PAN_KEY, FILE_MAX = HEX_KEY + 2 /* a newline, CR LF */ };

struct p2i_privacy {
    bool redacts;
    struct p2i_crypto_pan *pan; /* NULL: addresses are kept */
    union p2i_any_message message;
    struct p2i_anonymous_facts facts;
    struct p2i_texts texts;
};

static bool read_hex(struct p2i_view text, uint8_t key[P2I_CRYPTO_PAN_KEY])
{
    bool good = text.size == HEX_KEY;
    for (size_t i = 0; good && i < P2I_CRYPTO_PAN_KEY; i++) {
        int high = p2i_hex_value(text.data[2 * i]);
        int low = p2i_hex_value(text.data[2 * i + 1]);
        good = high >= 0 && low >= 0;
        key[i] = (uint8_t)(good ? high * 16 + low : 0);
    }
    return good;
}

/* Accepts 32 raw bytes, or 64 hexadecimal digits with an optional line end. */
static bool read_key(struct p2i_view content, uint8_t key[P2I_CRYPTO_PAN_KEY])
{
    if (content.size == P2I_CRYPTO_PAN_KEY) {
        memcpy(key, content.data, P2I_CRYPTO_PAN_KEY);
        return true;
    }
    return read_hex(p2i_view_trim(content), key);
}

enum p2i_result p2i_privacy_read(struct p2i_privacy_rules *rules,
                                 const struct p2i_settings *settings, struct p2i_error *error)
{
    const char *path = settings->anonymise_key;
    uint8_t *content = NULL;
    size_t size = 0;
    *rules = (struct p2i_privacy_rules){.keep_passwords = settings->keep_passwords};
    if (path == NULL) {
        return P2I_OK;
    }
    enum p2i_result result = p2i_crypto_pan_check(error);
    if (result != P2I_OK) {
        return result;
    }
    result = p2i_secret_read(&content, &size, path, FILE_MAX, error);
    if (result == P2I_OK) {
        rules->key = p2i_secret_new(P2I_CRYPTO_PAN_KEY);
        result = rules->key != NULL ? P2I_OK : p2i_fail_memory(error);
    }
    if (result == P2I_OK && rules->key != NULL &&
        !read_key(p2i_view_of(content, size), rules->key)) {
        result =
            p2i_fail(error, P2I_USAGE, "the key has neither 32 bytes nor 64 hexadecimal digits");
    }
    p2i_secret_free(content, FILE_MAX + 1);
    if (result != P2I_OK) {
        p2i_privacy_forget(rules);
        error->file = path;
    }
    return result;
}

void p2i_privacy_forget(struct p2i_privacy_rules *rules)
{
    p2i_secret_free(rules->key, P2I_CRYPTO_PAN_KEY);
    rules->key = NULL;
}

bool p2i_privacy_new(struct p2i_privacy **privacy, const struct p2i_privacy_rules *rules)
{
    *privacy = NULL;
    if (rules->keep_passwords && rules->key == NULL) {
        return true;
    }
    struct p2i_privacy *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL) {
        return false;
    }
    fresh->redacts = !rules->keep_passwords;
    fresh->pan = rules->key != NULL ? p2i_crypto_pan_new(rules->key) : NULL;
    if (fresh->pan == NULL && rules->key != NULL) {
        p2i_privacy_free(fresh);
        return false;
    }
    *privacy = fresh;
    return true;
}

void p2i_privacy_free(struct p2i_privacy *privacy)
{
    if (privacy != NULL) {
        p2i_crypto_pan_free(privacy->pan);
        p2i_texts_free(&privacy->texts);
        free(privacy);
    }
}

bool p2i_privacy_apply(struct p2i_privacy *privacy, enum p2i_record_kind kind,
                       struct p2i_record_facts *facts, const void **message)
{
    if (privacy == NULL) {
        return true;
    }
    p2i_texts_reset(&privacy->texts);
    p2i_any_message_copy(&privacy->message, kind, *message);
    *message = &privacy->message;
    if (privacy->redacts && !p2i_redact(kind, &privacy->message, &privacy->texts)) {
        return false;
    }
    return privacy->pan == NULL ||
           (p2i_anonymise_facts(privacy->pan, facts, &privacy->facts, &privacy->texts) &&
            p2i_anonymise(privacy->pan, kind, &privacy->message, &privacy->texts));
}
