/* SPDX-License-Identifier: MIT */
/* Writes a YAML document, value by value. After an error all further values are dropped. */
#ifndef P2I_CONFIG_YAML_PRINT_H
#define P2I_CONFIG_YAML_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "pcap2ipfix/error.h"

struct p2i_yaml_printer;

/* NULL: out of memory. */
struct p2i_yaml_printer *p2i_yaml_printer_new(FILE *file);
void p2i_yaml_open_map(struct p2i_yaml_printer *printer);
void p2i_yaml_close_map(struct p2i_yaml_printer *printer);
void p2i_yaml_open_list(struct p2i_yaml_printer *printer);
void p2i_yaml_close_list(struct p2i_yaml_printer *printer);
/* Prints a word that needs no quotes, or a key of a map. */
void p2i_yaml_print_word(struct p2i_yaml_printer *printer, const char *word);
void p2i_yaml_print_text(struct p2i_yaml_printer *printer, const char *text); /* in quotes */
void p2i_yaml_print_number(struct p2i_yaml_printer *printer, uint64_t number);
/* Ends the document and frees the printer. P2I_OK; P2I_OUTPUT: it cannot be written; P2I_USAGE: a
 * text is not UTF-8, which YAML does not allow. */
enum p2i_result p2i_yaml_printer_end(struct p2i_yaml_printer *printer, struct p2i_error *error);

#endif
