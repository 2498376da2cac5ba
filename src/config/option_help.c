/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "pcap2ipfix/option.h"

enum { HELP_COLUMN = 27, WIDTH = 80 };

/* Gives the columns that were printed. */
static int print_head(FILE *out, const struct p2i_option *option, const char *words)
{
    bool optional = option->argument == P2I_ARGUMENT_OPTIONAL_WORD;
    const char *value = option->placeholder[0] != '\0' ? option->placeholder : words;
    char letter[8] = "    ";
    if (option->letter != '\0') {
        (void)snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    if (option->argument == P2I_ARGUMENT_NONE) {
        return fprintf(out, "  %s--%s", letter, option->name);
    }
    return fprintf(out, optional ? "  %s--%s[=%s]" : "  %s--%s %s", letter, option->name, value);
}

/* Words of the text from `column` on; lines that follow begin at HELP_COLUMN. */
static void print_folded(FILE *out, const char *text, int column)
{
    if (column >= HELP_COLUMN) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", HELP_COLUMN - column, "");
    column = HELP_COLUMN;
    while (*text != '\0') {
        int size = (int)strcspn(text, " ");
        if (column > HELP_COLUMN && column + 1 + size > WIDTH) {
            fprintf(out, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        column += fprintf(out, column > HELP_COLUMN ? " %.*s" : "%.*s", size, text);
        text += size;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

void p2i_option_print(FILE *out, const struct p2i_option *option, const char *words)
{
    print_folded(out, option->help, print_head(out, option, words));
}
