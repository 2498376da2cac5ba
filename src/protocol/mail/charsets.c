/* SPDX-License-Identifier: MIT */
#include "protocol/mail/charsets.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"

enum {
    SLOTS = 2048,             /* a power of two; iconv has about 1,200 names */
    KEPT_MAX = SLOTS / 4 * 3, /* so that a slot is always free */
};

struct slot {
    char name[P2I_CHARSET_MAX + 1]; /* lower case; empty: the slot is free */
    iconv_t to_utf8;
};

struct p2i_charsets {
    size_t count;
    struct slot slots[SLOTS];
};

struct p2i_charsets *p2i_charsets_new(void)
{
    return calloc(1, sizeof(struct p2i_charsets));
}

void p2i_charsets_free(struct p2i_charsets *charsets)
{
    for (size_t i = 0; charsets != NULL && i < SLOTS; i++) {
        if (charsets->slots[i].name[0] != '\0') {
            iconv_close(charsets->slots[i].to_utf8);
        }
    }
    free(charsets);
}

/* Superset to use for a name: mail names the smaller set and uses the larger one. */
static struct p2i_view larger_charset(struct p2i_view name)
{
    static const char *const pairs[][2] = {
        {"gb2312", "gb18030"},          {"gbk", "gb18030"},     {"x-gbk", "gb18030"},
        {"shift_jis", "cp932"},         {"shift-jis", "cp932"}, {"x-sjis", "cp932"},
        {"ks_c_5601-1987", "cp949"},    {"euc-kr", "cp949"},    {"iso-8859-8-i", "iso-8859-8"},
        {"unicode-1-1-utf-7", "utf-7"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (p2i_view_equals_nocase(name, p2i_view_of(pairs[i][0], strlen(pairs[i][0])))) {
            return p2i_view_of(pairs[i][1], strlen(pairs[i][1]));
        }
    }
    return name;
}

/* Charset names consist of letters, digits and a few signs. Other bytes have a special meaning
 * to iconv, or none, and would make the number of names infinite. INTERNAL is iconv's own memory
 * layout. */
static bool copy_name(struct p2i_view name, char copy[P2I_CHARSET_MAX + 1])
{
    if (name.size == 0 || name.size > P2I_CHARSET_MAX ||
        p2i_view_equals_nocase(name, P2I_VIEW("INTERNAL"))) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = p2i_lower(name.data[i]);
        bool well = p2i_is_letter(byte) || p2i_is_digit(byte) || byte == '-' || byte == '_' ||
                    byte == '.' || byte == ':';
        if (!well) {
            return false;
        }
        copy[i] = (char)byte;
    }
    copy[name.size] = '\0';
    return true;
}

/* Returns the slot of this name, or a free one where it belongs. */
static struct slot *find_slot(struct p2i_charsets *charsets, const char *name)
{
    uint64_t hash = 0;
    for (const char *at = name; *at != '\0'; at++) {
        hash = p2i_mix(hash, (uint8_t)*at);
    }
    size_t index = (size_t)hash % SLOTS;
    while (charsets->slots[index].name[0] != '\0' &&
           strcmp(charsets->slots[index].name, name) != 0) {
        index = (index + 1) % SLOTS;
    }
    return &charsets->slots[index];
}

bool p2i_charset_open(struct p2i_charsets *charsets, struct p2i_view name,
                      struct p2i_charset *charset)
{
    char copy[P2I_CHARSET_MAX + 1];
    if (!copy_name(larger_charset(name), copy)) {
        return false;
    }
    struct slot *slot = charsets != NULL ? find_slot(charsets, copy) : NULL;
    if (slot != NULL && slot->name[0] != '\0') {
        *charset = (struct p2i_charset){slot->to_utf8, true};
        (void)iconv(charset->to_utf8, NULL, NULL, NULL, NULL);
        return true;
    }
    *charset = (struct p2i_charset){.to_utf8 = iconv_open("UTF-8", copy)};
    if ((intptr_t)charset->to_utf8 == -1) {
        return false;
    }
    if (slot != NULL && charsets->count < KEPT_MAX) {
        charset->kept = true;
        charsets->count++;
        slot->to_utf8 = charset->to_utf8;
        memcpy(slot->name, copy, sizeof copy);
    }
    return true;
}

void p2i_charset_close(const struct p2i_charset *charset)
{
    if (!charset->kept) {
        iconv_close(charset->to_utf8);
    }
}
