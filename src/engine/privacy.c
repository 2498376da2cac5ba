/* SPDX-License-Identifier: MIT */
#include "engine/privacy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
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

static enum p2i_result refuse(const char *path, int system_error, struct p2i_error *error)
{
    if (system_error != 0) {
        (void)p2i_fail(error, P2I_USAGE, "cannot read the key: %s", strerror(system_error));
    } else {
        (void)p2i_fail(error, P2I_USAGE, "the key has neither 32 bytes nor 64 hexadecimal digits");
    }
    error->file = path;
    error->system_error = system_error;
    return P2I_USAGE;
}

enum p2i_result p2i_privacy_read(struct p2i_privacy_rules *rules,
                                 const struct p2i_settings *settings, struct p2i_error *error)
{
    const char *path = settings->anonymise_key;
    *rules = (struct p2i_privacy_rules){.keep_passwords = settings->keep_passwords,
                                        .keep_addresses = path == NULL};
    if (path == NULL) {
        return P2I_OK;
    }
    enum p2i_result result = p2i_crypto_pan_check(error);
    if (result != P2I_OK) {
        return result;
    }
    uint8_t content[FILE_MAX + 1];
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return refuse(path, errno, error);
    }
    errno = 0;
    size_t size = fread(content, 1, sizeof content, file);
    int system_error = ferror(file) ? errno : 0;
    (void)fclose(file);
    if (system_error != 0 || !read_key(p2i_view_of(content, size), rules->key)) {
        return refuse(path, system_error, error);
    }
    return P2I_OK;
}

bool p2i_privacy_new(struct p2i_privacy **privacy, const struct p2i_privacy_rules *rules)
{
    *privacy = NULL;
    if (rules->keep_passwords && rules->keep_addresses) {
        return true;
    }
    struct p2i_privacy *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL) {
        return false;
    }
    fresh->redacts = !rules->keep_passwords;
    fresh->pan = rules->keep_addresses ? NULL : p2i_crypto_pan_new(rules->key);
    if (fresh->pan == NULL && !rules->keep_addresses) {
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
