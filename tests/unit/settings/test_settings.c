/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "pcap2ipfix/fields.h"
#include "settings/settings.h"

static struct p2i_settings *settings;

static void begin(void)
{
    settings = p2i_settings_new();
    cr_assert_not_null(settings);
}

static void done(void)
{
    p2i_settings_free(settings);
}

Test(settings, new_ones_have_the_defaults_of_the_manual, .init = begin, .fini = done)
{
    cr_expect_eq(settings->threads, 1);
    cr_expect_eq(settings->memory_bytes, UINT64_C(1) << 30);
    cr_expect_eq(settings->string_limit, 4096);
    cr_expect_eq(settings->delivery.retry_s, 300);
    cr_expect_eq(settings->capture_count, 0);
    cr_expect_null(settings->ipfix_path);
    cr_expect_null(settings->json_path);
    cr_expect(settings->sync && settings->element_types && !settings->strict);
    cr_expect_eq(settings->records >> P2I_RECORD_FLOW, 0, "neither flow nor biflow");
    for (int kind = 0; p2i_record_name((enum p2i_record_kind)kind) != NULL; kind++) {
        cr_expect_eq(settings->domains[kind],
                     p2i_template_of((enum p2i_record_kind)kind, 4)->domain);
    }
}

Test(settings, none_can_be_freed)
{
    p2i_settings_free(NULL);
}

Test(settings, captures_are_copied, .init = begin, .fini = done)
{
    char path[32];
    for (int i = 0; i < 100; i++) {
        (void)snprintf(path, sizeof path, "%d.pcap", i);
        cr_assert(p2i_settings_add_capture(settings, path, i % 3 == 0));
    }
    cr_assert_eq(settings->capture_count, 100);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(path, sizeof path, "%d.pcap", i);
        cr_expect_str_eq(settings->captures[i], path);
        cr_expect_eq(settings->captures_found[i], i % 3 == 0);
    }
}

Test(settings, zero_threads_are_one_per_core, .init = begin, .fini = done)
{
    settings->threads = 7;
    cr_expect_eq(p2i_settings_threads(settings), 7);
    settings->threads = 0;
    cr_expect(p2i_settings_threads(settings) >= 1 && p2i_settings_threads(settings) <= 64);
}

static void report(void *context, const struct p2i_error *error)
{
    (void)context;
    (void)error;
}

static bool is_stopped(void *context)
{
    return context != NULL;
}

static void report_delivery(void *context, bool usual, const char *text)
{
    (void)context;
    (void)usual;
    (void)text;
}

Test(settings, callbacks_are_copied, .init = begin, .fini = done)
{
    int context = 0;
    struct p2i_settings_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = &context,
        .report = report,
        .is_stopped = is_stopped,
        .delivery = report_delivery,
    };
    p2i_settings_set_callbacks(settings, &callbacks);
    memset(&callbacks, 0xff, sizeof callbacks);
    cr_expect_eq(settings->context, (void *)&context);
    cr_expect_eq(settings->report, report);
    cr_expect_eq(settings->is_stopped, is_stopped);
    cr_expect_null(settings->progress);
    cr_expect_eq(settings->delivery.context, (void *)&context);
    cr_expect_eq(settings->delivery.report, report_delivery);
    cr_expect_eq(settings->delivery.is_stopped, is_stopped);
    cr_expect_null(settings->delivery.log);
}

/* A program that was built with an older header has fewer callbacks, one that was built with a
 * newer header more. */
Test(settings, callbacks_of_any_version, .init = begin, .fini = done)
{
    struct {
        struct p2i_settings_callbacks known;
        void (*unknown)(void);
    } newer;
    memset(&newer, 0xff, sizeof newer);
    newer.known = (struct p2i_settings_callbacks){.struct_size = sizeof newer, .report = report};
    p2i_settings_set_callbacks(settings, &newer.known);
    cr_expect_eq(settings->report, report);
    cr_expect_null(settings->progress);
    struct p2i_settings_callbacks older;
    memset(&older, 0xff, sizeof older);
    older.struct_size = offsetof(struct p2i_settings_callbacks, progress);
    older.context = NULL;
    older.report = report;
    p2i_settings_set_callbacks(settings, &older);
    cr_expect_eq(settings->report, report);
    cr_expect_null(settings->progress);
    cr_expect_null(settings->is_stopped);
    cr_expect_null(settings->delivery.report);
    cr_expect_null(settings->delivery.log);
}
