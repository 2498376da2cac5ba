/* SPDX-License-Identifier: MIT */
/* Writes the records of readers, with their templates, to an IPFIX file (RFC 5655) or to a
 * collector (RFC 7011 section 10). A copy of a file:
 *
 *     struct p2i_writer *writer;
 *     enum p2i_result result = p2i_writer_open_file(&writer, "copy.ipfix", 0, NULL, &error);
 *     while (result == P2I_OK && (result = p2i_reader_next(reader, &record, &error)) == P2I_OK) {
 *         if (!p2i_describes_its_file(&record)) {
 *             result = p2i_writer_put(writer, reader, &error);
 *         }
 *     }
 *     if (result == P2I_END) {
 *         result = p2i_writer_finish(writer, time_s, &error);
 *     }
 *     p2i_writer_free(writer);
 *
 * A writer belongs to one thread at a time, and its readers to the same. */
#ifndef PCAP2IPFIX_WRITER_H
#define PCAP2IPFIX_WRITER_H

#include "pcap2ipfix/collector.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/reader.h"
#include "pcap2ipfix/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

struct p2i_writer;

/* Opens an IPFIX file; path, flags, mode and results are those of p2i_output_file_open(). */
enum p2i_result p2i_writer_open_file(struct p2i_writer **writer, const char *path,
                                     unsigned flags /* enum p2i_output_flag */,
                                     const struct p2i_output_mode *mode, struct p2i_error *error);

/* Opens a collector by its URL, which has the form of p2i_collector_check() without channels; the
 * first message connects. Of the settings it uses those of the delivery (rate, pace, retry, spool,
 * sync ...) and the callbacks; they must outlive the writer. Writing may wait for the collector.
 * P2I_OK: the caller frees *writer; P2I_USAGE: the URL or a file named in it is wrong;
 * P2I_INTERNAL: out of memory. *writer is NULL after an error. */
enum p2i_result p2i_writer_open_collector(struct p2i_writer **writer, const char *url,
                                          const struct p2i_settings *settings,
                                          struct p2i_error *error);

/* Writes the record that p2i_reader_next() returned last. Its template is written before it: under
 * its own id, or under a free one when another template has that id; likewise those that its lists
 * (RFC 6313) use. The records of any number of readers may be mixed. P2I_OK; P2I_USAGE: the reader
 * has no record, or the record is too long for a UDP message; P2I_DAMAGED: too many domains or
 * templates; P2I_OUTPUT: a file cannot be written; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_writer_put(struct p2i_writer *writer, const struct p2i_reader *reader,
                               struct p2i_error *error);

/* Completes the output: a file gets its name, a collector everything. `time_s` is the export time
 * (Unix time) of a file without records. Nothing may be written afterwards. P2I_OK; P2I_COLLECTOR:
 * the collector did not take all records, the rest is spooled, and the text says where;
 * P2I_OUTPUT: the file or the spool cannot be written; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_writer_finish(struct p2i_writer *writer, uint32_t time_s,
                                  struct p2i_error *error);

/* The counters of a collector, which live as long as the writer and change with its calls. NULL:
 * the writer has a file. */
const struct p2i_collector_summary *p2i_writer_summary(const struct p2i_writer *writer);

/* Frees the writer. An unfinished file leaves nothing under its name. NULL is fine. */
void p2i_writer_free(struct p2i_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
