/* SPDX-License-Identifier: MIT */
/* Width of text on a terminal, independent of the locale; and of the terminal. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/ipfixtool/table.h"
#include "pcap2ipfix/utf8.h"

struct range {
    uint32_t first, last;
};

/* Characters of two columns (Unicode TR 11: wide), roughly; and of none. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};
static const struct range narrow[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2069}, {0x20d0, 0x20f0}, {0xfe00, 0xfe0f},
};

static bool is_in(uint32_t character, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static uint32_t decode(const uint8_t *bytes, size_t size)
{
    uint32_t character = size == 1 ? bytes[0] : bytes[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        character = character << 6 | (bytes[i] & 0x3fU);
    }
    return character;
}

static size_t width_of(uint32_t character)
{
    if (character < 0x300) {
        return 1;
    }
    if (is_in(character, narrow, sizeof(narrow) / sizeof(narrow[0]))) {
        return 0;
    }
    return is_in(character, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

struct p2i_view p2i_tool_fit(struct p2i_view text, size_t width)
{
    size_t used = 0;
    struct p2i_view rest = text;
    while (rest.size > 0) {
        size_t size = p2i_utf8_sequence(rest);
        size = size > 0 ? size : 1;
        used += width_of(decode(rest.data, size));
        if (used > width) {
            break;
        }
        rest = p2i_view_from(rest, size);
    }
    return p2i_view_first(text, text.size - rest.size);
}

size_t p2i_tool_width(struct p2i_view text)
{
    size_t used = 0;
    while (text.size > 0) {
        size_t size = p2i_utf8_sequence(text);
        size = size > 0 ? size : 1;
        used += width_of(decode(text.data, size));
        text = p2i_view_from(text, size);
    }
    return used;
}

size_t p2i_tool_terminal_width(void)
{
    struct winsize size;
    bool terminal = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    return terminal ? size.ws_col : 0;
}
