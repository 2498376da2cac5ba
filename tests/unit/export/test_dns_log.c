/* SPDX-License-Identifier: MIT */
/* Lines of the DNS log, and its files: one by one, and one after another. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "export/dns_log.h"
#include "export/rotating.h"
#include "helpers/folder.h"
#include "helpers/samples.h"

#define ALL_COLUMNS                                                                                \
    "ts:ssid:login:ipsrc:ipdst:psrc:pdst:transport:host:rrtype:rrclass:ttl:rdlen:rdata"

/* What a line is made of. */
struct line {
    struct p2i_view login, domain, rdata;
    uint16_t rr_type;
    uint8_t ip_version;
    uint8_t transport;
    uint32_t time_s;
};

static const struct line plain = {.login = {(const uint8_t *)"anna", 4},
                                  .domain = {(const uint8_t *)"www.example", 11},
                                  .rdata = {(const uint8_t *)"\xc0\0\2\7", 4},
                                  .rr_type = 1,
                                  .ip_version = 4,
                                  .transport = P2I_PROTO_UDP,
                                  .time_s = 1000000000};

/* The encoded record; its bytes are those of the buffer. */
static struct p2i_record record_of(struct p2i_buffer *buffer, const struct line *line)
{
    static const struct p2i_address source = {.bytes = {0x20, 1, 0x0d, 0xb8, [15] = 1}};
    static const struct p2i_address destination = {.bytes = {0x20, 1, 0x0d, 0xb8, [15] = 2}};
    static const struct p2i_encoding encoding = {.string_limit = 4096};
    struct p2i_packet_info info = {.time_ns = line->time_s * UINT64_C(1000000000)};
    struct p2i_record_facts facts = {.source = &source,
                                     .destination = &destination,
                                     .info = &info,
                                     .login = line->login,
                                     .session_id = UINT64_C(18446744073709551615),
                                     .source_port = 53,
                                     .destination_port = 40000,
                                     .ip_version = line->ip_version,
                                     .transport = line->transport};
    struct p2i_dns dns = {.domain = line->domain,
                          .rdata = line->rdata,
                          .ttl = 4294967295,
                          .rr_class = 1,
                          .rr_type = line->rr_type};
    struct p2i_encode_counts counts = {0};
    buffer->size = 0;
    cr_assert(p2i_encode(&encoding, P2I_RECORD_DNS, &facts, &dns, buffer, &counts));
    return (struct p2i_record){.bytes = p2i_view_of(buffer->data, buffer->size),
                               .time_s = line->time_s,
                               .kind = P2I_RECORD_DNS,
                               .ip_version = line->ip_version};
}

static enum p2i_result put(struct p2i_exporter *exporter, const struct line *line,
                           struct p2i_error *error)
{
    struct p2i_buffer buffer = {0};
    struct p2i_record record = record_of(&buffer, line);
    enum p2i_result result = exporter->methods->write(exporter, &record, error);
    p2i_buffer_free(&buffer);
    return result;
}

/* A file with that one line. */
static void expect_line(const char *format, const struct line *line, const char *expected)
{
    struct folder folder = folder_make();
    struct p2i_exporter *log;
    struct p2i_error error;
    cr_assert_eq(p2i_dns_log_open(&log, folder.file, format, NULL, &error), P2I_OK, "%s",
                 error.text);
    cr_assert_eq(put(log, line, &error), P2I_OK);
    cr_expect_eq(log->records_written, 1);
    cr_expect_eq(log->bytes_written, strlen(expected));
    cr_assert_eq(access(folder.file, F_OK), -1, "it has its name too early");
    cr_assert_eq(log->methods->finish(log, 0, &error), P2I_OK);
    log->methods->free(log);
    expect_file(folder.file, expected);
    folder_remove(&folder);
}

Test(dns_log, all_columns_in_the_documented_order)
{
    expect_line(ALL_COLUMNS, &plain,
                "1000000000\t18446744073709551615\tanna\t32.1.13.184\t32.1.13.184\t53\t40000\t0\t"
                "www.example\t1\t1\t4294967295\t4\t192.0.2.7\n");
    struct line line = plain;
    line.ip_version = 6;
    line.transport = P2I_PROTO_TCP;
    line.rr_type = 28;
    line.rdata = P2I_VIEW("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7");
    expect_line(ALL_COLUMNS, &line,
                "1000000000\t18446744073709551615\tanna\t2001:db8::1\t2001:db8::2\t53\t40000\t1\t"
                "www.example\t28\t1\t4294967295\t16\t2001:db8::7\n");
}

Test(dns_log, columns_in_any_order_and_number)
{
    expect_line("rdata", &plain, "192.0.2.7\n");
    expect_line("host:ts:host", &plain, "www.example\t1000000000\twww.example\n");
    expect_line("ttl:rrclass:rrtype", &plain, "4294967295\t1\t1\n");
    struct line query = plain;
    query.rdata = query.login = (struct p2i_view){0};
    expect_line("login:rdlen:rdata", &query, "\t0\t\n");
}

/* No captured byte ends a column or a line. */
Test(dns_log, no_line_can_be_forged)
{
    struct line line = plain;
    line.login = P2I_VIEW("a\tb\nc\rd\\te\x1b[0m\x7f");
    expect_line("login:ts", &line, "a\\tb\\nc\\rd\\\\te\\x1b[0m\\x7f\t1000000000\n");
    line.login = P2I_VIEW("\xc2\x85 \xc3\xa9\xe2\x82\xac"); /* a control character of C1 */
    expect_line("login:ts", &line, "\\xc2\\x85 \xc3\xa9\xe2\x82\xac\t1000000000\n");
    line.domain = P2I_VIEW("a\\009b\\.c"); /* as the parser gives a tab and a dot in a label */
    expect_line("host:ts", &line, "a\\009b\\.c\t1000000000\n");
    line.domain = P2I_VIEW("a\tb\nc d\xc3\xa9"); /* as it never does */
    expect_line("host:ts", &line, "a\\009b\\010c\\032d\\195\\169\t1000000000\n");
    line.rr_type = 16;
    line.rdata = P2I_VIEW("\5\t\n\\\"\xff");
    expect_line("rdata:rdlen", &line, "\"\\009\\010\\\\\\\"\\255\"\t6\n");
    line.rr_type = 5;
    line.rdata = P2I_VIEW("\3\t\n.\0");
    expect_line("rdata:rdlen", &line, "\\009\\010\\.\t5\n");
    line.rr_type = 65280;
    line.rdata = P2I_VIEW("\t\n");
    expect_line("rdata:rdlen", &line, "\\# 2 090a\t2\n");
}

/* Whatever bytes there are: as many tabs as columns want, one newline. */
Test(dns_log, every_byte_in_every_text)
{
    static const uint16_t types[] = {1, 5, 16, 64, 257, 65280};
    struct folder folder = folder_make();
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t text[] = {3, 'a', (uint8_t)byte, 'b', 0};
        struct line line = plain;
        struct p2i_exporter *log;
        struct p2i_error error;
        line.login = line.domain = p2i_view_of(text + 1, 3);
        line.rdata = p2i_view_of(text, sizeof text);
        line.rr_type = types[byte % 6];
        cr_assert_eq(p2i_dns_log_open(&log, folder.file, ALL_COLUMNS, NULL, &error), P2I_OK);
        cr_assert_eq(put(log, &line, &error), P2I_OK);
        cr_assert_eq(log->methods->finish(log, 0, &error), P2I_OK);
        log->methods->free(log);
        struct p2i_view seen = file_read(folder.file);
        size_t tabs = 0;
        for (size_t i = 0; i < seen.size; i++) {
            tabs += seen.data[i] == '\t';
            cr_expect(seen.data[i] >= 0x20 || seen.data[i] == '\t' || i + 1 == seen.size);
        }
        cr_expect_eq(tabs, 13);
        cr_expect_eq(seen.data[seen.size - 1], '\n');
        free((void *)(uintptr_t)seen.data);
        cr_assert_eq(unlink(folder.file), 0);
    }
    folder_remove(&folder);
}

static void expect_refusal(const char *format, const char *where, enum p2i_result result,
                           const char *text)
{
    struct p2i_dns_log_settings settings = {.folder = where, .format = format};
    struct p2i_error error = {0};
    cr_expect_eq(p2i_dns_log_check(&settings, &error), result);
    cr_expect_str_eq(error.text, text);
    cr_expect_eq(error.file, result == P2I_OUTPUT ? where : NULL);
}

Test(dns_log, formats_and_folders_are_looked_at_first)
{
    static const char no_folder[] = "cannot write the DNS log there";
    char many[33 * 3];
    for (size_t i = 0; i < 33; i++) {
        memcpy(many + 3 * i, i < 32 ? "ts:" : "ts", i < 32 ? 3 : 3);
    }
    expect_refusal("ts:", ".", P2I_USAGE, "the DNS log has no column ''");
    expect_refusal("", ".", P2I_USAGE, "the DNS log has no column ''");
    expect_refusal("ts:TTL", ".", P2I_USAGE, "the DNS log has no column 'TTL'");
    expect_refusal(many, ".", P2I_USAGE, "the DNS log has more than 32 columns");
    many[32 * 3 - 1] = '\0';
    struct p2i_dns_log_settings settings = {.folder = ".", .format = many};
    struct p2i_error error;
    cr_expect_eq(p2i_dns_log_check(&settings, &error), P2I_OK);
    expect_refusal("ts", "/no/such/folder", P2I_OUTPUT, no_folder);
    expect_refusal("ts", "/dev/null", P2I_OUTPUT, no_folder);
    expect_refusal("ts", "", P2I_OUTPUT, no_folder);
}

static enum p2i_result open_file(void *context, struct p2i_exporter **exporter, const char *path,
                                 struct p2i_error *error)
{
    return p2i_dns_log_open(exporter, path, context, NULL, error);
}

/* As the converter makes it. */
static struct p2i_exporter *begin_log(const struct folder *folder, uint64_t bytes, uint32_t seconds)
{
    static char format[] = "ts";
    struct p2i_exporter *log;
    struct p2i_error error;
    struct p2i_rotation rotation = {.folder = folder->path,
                                    .pattern = P2I_DNS_LOG_PATTERN,
                                    .bytes = bytes,
                                    .seconds = seconds,
                                    .from_first = true,
                                    .kinds = UINT32_C(1) << P2I_RECORD_DNS,
                                    .open = open_file,
                                    .context = format};
    cr_assert_eq(p2i_rotating_open(&log, &rotation, &error), P2I_OK);
    return log;
}

static enum p2i_result put_at(struct p2i_exporter *log, uint32_t time_s, struct p2i_error *error)
{
    struct line line = plain;
    line.time_s = time_s;
    return put(log, &line, error);
}

/* Path of a file of the log; until the next call. */
static const char *path_of(const struct folder *folder, const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    return path;
}

static void expect_and_remove(const struct folder *folder, const char *name, const char *text)
{
    expect_file(path_of(folder, name), text);
    (void)unlink(path_of(folder, name));
}

Test(dns_log, files_follow_by_size_and_by_time)
{
    struct folder folder = folder_make();
    struct p2i_error error;
    struct p2i_exporter *log = begin_log(&folder, 22, 60); /* two lines of 11 bytes */
    static const uint32_t times[] = {1000000000, 1000000001, 1000000001, 1000000061, 0};
    for (const uint32_t *time = times; *time != 0; time++) {
        cr_assert_eq(put_at(log, *time, &error), P2I_OK);
    }
    cr_expect_eq(access(path_of(&folder, "dns_20010909T014640Z.log"), F_OK), 0);
    cr_expect_eq(access(path_of(&folder, "dns_20010909T014641Z.log"), F_OK), 0);
    cr_expect_eq(access(path_of(&folder, "dns_20010909T014741Z.log"), F_OK), -1);
    cr_assert_eq(log->methods->finish(log, 0, &error), P2I_OK);
    cr_expect_eq(log->bytes_written, 44);
    log->methods->free(log);
    expect_and_remove(&folder, "dns_20010909T014640Z.log", "1000000000\n1000000001\n");
    expect_and_remove(&folder, "dns_20010909T014641Z.log", "1000000001\n");
    expect_and_remove(&folder, "dns_20010909T014741Z.log", "1000000061\n");
    folder_remove(&folder);
}

Test(dns_log, unfinished_files_leave_nothing)
{
    struct folder folder = folder_make();
    struct p2i_error error;
    struct p2i_exporter *log = begin_log(&folder, 0, 0);
    cr_assert_eq(put_at(log, 1000000000, &error), P2I_OK);
    log->methods->free(log);
    log = begin_log(&folder, 0, 0);
    cr_assert_eq(log->methods->finish(log, 1, &error), P2I_OK);
    log->methods->free(log);
    folder_remove(&folder);
}

Test(dns_log, no_file_is_replaced)
{
    struct folder folder = folder_make();
    struct p2i_error error;
    const char *name = "dns_20010909T014640Z.log";
    file_write(path_of(&folder, name), "kept\n");
    struct p2i_exporter *log = begin_log(&folder, 0, 0);
    cr_expect_eq(put_at(log, 1000000000, &error), P2I_OUTPUT);
    log->methods->free(log);
    cr_expect_str_eq(error.text, "dns_20010909T014640Z.log: already exists");
    cr_expect_eq(error.file, folder.path);
    expect_and_remove(&folder, name, "kept\n");
    folder_remove(&folder);
}

/* A file that may not grow is like a disk that is full. */
Test(dns_log, a_full_disk_leaves_only_complete_files)
{
    struct folder folder = folder_make();
    struct p2i_error error = {0};
    struct rlimit limit = {512 * 1024, 512 * 1024};
    (void)signal(SIGXFSZ, SIG_IGN);
    struct p2i_exporter *log = begin_log(&folder, 0, 10);
    cr_assert_eq(put_at(log, 1000000000, &error), P2I_OK);
    cr_assert_eq(put_at(log, 1000000010, &error), P2I_OK);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum p2i_result result = P2I_OK;
    for (unsigned i = 0; i < 100000 && result == P2I_OK; i++) {
        result = put_at(log, 1000000010, &error);
    }
    cr_expect_eq(result, P2I_OUTPUT);
    cr_expect_str_eq(error.text, "dns_20010909T014650Z.log: cannot write");
    cr_expect_eq(error.file, folder.path);
    cr_expect_neq(error.system_error, 0);
    log->methods->free(log);
    expect_and_remove(&folder, "dns_20010909T014640Z.log", "1000000000\n");
    folder_remove(&folder);
}

Test(dns_log, a_folder_that_goes_away)
{
    struct folder folder = folder_make();
    struct p2i_error error = {0};
    struct p2i_exporter *log = begin_log(&folder, 0, 0);
    folder_remove(&folder);
    cr_expect_eq(put_at(log, 1000000000, &error), P2I_OUTPUT);
    cr_expect_eq(error.file, folder.path);
    log->methods->free(log);
}
