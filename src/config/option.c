/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/option.h"

#include <stdio.h>
#include <string.h>

#include "pcap2ipfix/nearest.h"

void p2i_option_begin(struct p2i_option_scan *scan, const struct p2i_option_table *table,
                      unsigned groups, int argc, char **argv)
{
    *scan = (struct p2i_option_scan){
        .table = *table, .groups = groups, .argc = argc, .argv = argv, .next = 1};
}

/* The first option of these groups from `at` on; NULL: there is none. */
static const struct p2i_option *known_from(const struct p2i_option_scan *scan,
                                           const struct p2i_option *at)
{
    const struct p2i_option *end = scan->table.options + scan->table.count;
    while (at < end && (at->groups & scan->groups) == 0) {
        at++;
    }
    return at < end ? at : NULL;
}

static const struct p2i_option *first(const struct p2i_option_scan *scan)
{
    return known_from(scan, scan->table.options);
}

/* Number of options whose names begin with this text; *found is the last of them. The text itself
 * is unambiguous. */
static size_t count_options(const struct p2i_option_scan *scan, const char *text, size_t size,
                            const struct p2i_option **found)
{
    size_t count = 0;
    for (const struct p2i_option *at = first(scan); at != NULL; at = known_from(scan, at + 1)) {
        if (strncmp(at->name, text, size) != 0) {
            continue;
        }
        *found = at;
        count++;
        if (at->name[size] == '\0') {
            return 1;
        }
    }
    return count;
}

static enum p2i_result refuse_ambiguous(const struct p2i_option_scan *scan, const char *text,
                                        size_t size, struct p2i_error *error)
{
    char names[128] = "";
    size_t used = 0;
    for (const struct p2i_option *at = first(scan); at != NULL && used < sizeof names;
         at = known_from(scan, at + 1)) {
        if (strncmp(at->name, text, size) == 0) {
            int more = snprintf(names + used, sizeof names - used, "%s--%s", used > 0 ? ", " : "",
                                at->name);
            used += more > 0 ? (size_t)more : 0;
        }
    }
    return p2i_fail(error, P2I_USAGE, "option '--%.*s' is ambiguous: %s", (int)size, text, names);
}

static enum p2i_result refuse_unknown(const struct p2i_option_scan *scan, const char *text,
                                      size_t size, struct p2i_error *error)
{
    char name[80];
    (void)snprintf(name, sizeof name, "%.*s", size < sizeof name ? (int)size : (int)sizeof name - 1,
                   text);
    struct p2i_nearest nearest = p2i_nearest_to(name);
    for (const struct p2i_option *at = first(scan); at != NULL; at = known_from(scan, at + 1)) {
        p2i_nearest_offer(&nearest, at->name);
    }
    return nearest.name != NULL
               ? p2i_fail(error, P2I_USAGE, "unknown option '--%s'; did you mean '--%s'?", name,
                          nearest.name)
               : p2i_fail(error, P2I_USAGE, "unknown option '--%s'", name);
}

static bool is_value_optional(const struct p2i_option *option)
{
    return option->argument == P2I_ARGUMENT_NONE || option->argument == P2I_ARGUMENT_OPTIONAL_WORD;
}

/* `text` is the argument without its "--". */
static enum p2i_result read_long(struct p2i_option_scan *scan, const char *text,
                                 struct p2i_error *error)
{
    const struct p2i_option *option = NULL;
    size_t size = strcspn(text, "=");
    size_t count = count_options(scan, text, size, &option);
    if (count > 1) {
        return refuse_ambiguous(scan, text, size, error);
    }
    if (count == 0) {
        return refuse_unknown(scan, text, size, error);
    }
    bool has_value = text[size] == '=';
    if (has_value && option->argument == P2I_ARGUMENT_NONE) {
        return p2i_fail(error, P2I_USAGE, "option '--%s' takes no value", option->name);
    }
    scan->option = option;
    scan->value = has_value ? text + size + 1 : NULL;
    if (has_value || is_value_optional(option)) {
        return P2I_OK;
    }
    if (scan->next >= scan->argc) {
        return p2i_fail(error, P2I_USAGE, "option '--%s' needs a value", option->name);
    }
    scan->value = scan->argv[scan->next++];
    return P2I_OK;
}

/* `letters` may be meant as a long option: "-stats". */
static enum p2i_result refuse_letter(struct p2i_option_scan *scan, const char *letters,
                                     struct p2i_error *error)
{
    const struct p2i_option *found = NULL;
    const char *argument = scan->argv[scan->next - 1];
    size_t size = strcspn(argument + 1, "=");
    scan->unknown_letter = *letters;
    if (size > 1 && count_options(scan, argument + 1, size, &found) == 1) {
        return p2i_fail(error, P2I_USAGE, "unknown option '-%c'; did you mean '--%s'?", *letters,
                        found->name);
    }
    return p2i_fail(error, P2I_USAGE, "unknown option '-%c'", *letters);
}

static enum p2i_result read_letter(struct p2i_option_scan *scan, const char *letters,
                                   struct p2i_error *error)
{
    const struct p2i_option *option = first(scan);
    while (option != NULL && option->letter != *letters) {
        option = known_from(scan, option + 1);
    }
    scan->letters = letters[1] != '\0' ? letters + 1 : NULL;
    if (option == NULL) {
        return refuse_letter(scan, letters, error);
    }
    scan->option = option;
    scan->value = NULL;
    if (is_value_optional(option)) {
        return P2I_OK;
    }
    scan->value = scan->letters;
    scan->letters = NULL;
    if (scan->value == NULL && scan->next >= scan->argc) {
        return p2i_fail(error, P2I_USAGE, "option '-%c' needs a value", *letters);
    }
    if (scan->value == NULL) {
        scan->value = scan->argv[scan->next++];
    }
    return P2I_OK;
}

enum p2i_result p2i_option_next(struct p2i_option_scan *scan, struct p2i_error *error)
{
    scan->unknown_letter = '\0';
    if (scan->letters != NULL) {
        return read_letter(scan, scan->letters, error);
    }
    const char *argument = scan->next < scan->argc ? scan->argv[scan->next++] : NULL;
    if (argument != NULL && !scan->only_arguments && strcmp(argument, "--") == 0) {
        scan->only_arguments = true;
        argument = scan->next < scan->argc ? scan->argv[scan->next++] : NULL;
    }
    if (argument == NULL) {
        return P2I_END;
    }
    if (scan->only_arguments || argument[0] != '-' || argument[1] == '\0') {
        scan->option = NULL;
        scan->value = argument;
        return P2I_OK;
    }
    return argument[1] == '-' ? read_long(scan, argument + 2, error)
                              : read_letter(scan, argument + 1, error);
}
