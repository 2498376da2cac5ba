/* SPDX-License-Identifier: MIT */
#include "report/chart.h"

#include <inttypes.h>

enum {
    WIDTH = 960,
    HEIGHT = 300,
    LEFT = 64, /* of the bars: room for the scale */
    RIGHT = 12,
    TOP = 12,
    BOTTOM = 40, /* room for the times */
    SHOWN = 6,   /* kinds with a colour of their own; the others share one */
    TICKS = 5,
    LABELS = 6,
    DAY_S = 86400,
};

/* Which kinds have a colour of their own. */
struct ranks {
    size_t kinds[P2I_REPORT_KINDS]; /* most records first */
    size_t count;                   /* that there are */
    uint64_t totals[P2I_REPORT_KINDS];
};

static struct ranks rank(const struct p2i_bars *bars)
{
    struct ranks ranks = {.count = 0};
    for (size_t i = 0; i < bars->count; i++) {
        for (size_t kind = 0; kind < P2I_REPORT_KINDS; kind++) {
            ranks.totals[kind] += bars->counts[i][kind];
        }
    }
    for (size_t kind = 0; kind < P2I_REPORT_KINDS; kind++) {
        size_t at = ranks.count;
        if (ranks.totals[kind] == 0) {
            continue;
        }
        for (; at > 0 && ranks.totals[ranks.kinds[at - 1]] < ranks.totals[kind]; at--) {
            ranks.kinds[at] = ranks.kinds[at - 1];
        }
        ranks.kinds[at] = kind;
        ranks.count++;
    }
    return ranks;
}

static size_t shown_count(const struct ranks *ranks)
{
    return ranks->count > SHOWN ? SHOWN : ranks->count;
}

static uint64_t bar_total(const struct p2i_bars *bars, size_t bar)
{
    uint64_t sum = 0;
    for (size_t kind = 0; kind < P2I_REPORT_KINDS; kind++) {
        sum += bars->counts[bar][kind];
    }
    return sum;
}

/* The least round number of which TICKS are at least `most`: 1, 2 or 5 times a power of 10. A scale
 * has as many as it needs. */
static uint64_t tick_of(uint64_t most)
{
    static const unsigned steps[] = {1, 2, 5};
    uint64_t power = 1;
    for (;; power *= 10) {
        for (size_t i = 0; i < 3; i++) {
            if (steps[i] * power * TICKS >= most) {
                return steps[i] * power;
            }
        }
    }
}

static void print_scale(struct p2i_html *html, uint64_t tick, int ticks)
{
    int height = HEIGHT - TOP - BOTTOM;
    for (int i = 0; i <= ticks; i++) {
        int y = HEIGHT - BOTTOM - height * i / ticks;
        p2i_html_format(html, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
                        LEFT, WIDTH - RIGHT, y, y);
        p2i_html_format(html, "<text class=\"scale\" x=\"%d\" y=\"%d\">", LEFT - 6, y + 4);
        p2i_html_number(html, tick * (uint64_t)i);
        p2i_html_put(html, "</text>");
    }
}

/* Times below the bars: with the day where the range is long. */
static void print_times(struct p2i_html *html, const struct p2i_bars *bars)
{
    size_t step = (bars->count + LABELS - 1) / LABELS;
    double width = (double)(WIDTH - LEFT - RIGHT) / (double)bars->count;
    for (size_t i = 0; i < bars->count; i += step) {
        double x = LEFT + width * (double)i;
        p2i_html_format(html, "<text class=\"time\" x=\"%.1f\" y=\"%d\">", x, HEIGHT - BOTTOM + 18);
        p2i_html_time(html, bars->begin_s + i * bars->width_s);
        p2i_html_put(html, "</text>");
    }
}

static void print_part(struct p2i_html *html, double x, double y, double width, double height,
                       size_t colour)
{
    p2i_html_format(html,
                    "<rect class=\"k%zu\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                    colour, x, y, width, height);
}

static void print_bar_title(struct p2i_html *html, const struct p2i_bars *bars, size_t bar,
                            const struct ranks *ranks, const char *const names[P2I_REPORT_KINDS])
{
    p2i_html_put(html, "<title>");
    p2i_html_time(html, bars->begin_s + bar * bars->width_s);
    for (size_t i = 0; i < ranks->count; i++) {
        uint64_t count = bars->counts[bar][ranks->kinds[i]];
        if (count > 0) {
            p2i_html_format(html, "\n%s: %" PRIu64, names[ranks->kinds[i]], count);
        }
    }
    p2i_html_put(html, "</title>");
}

static void print_bar(struct p2i_html *html, const struct p2i_bars *bars, size_t bar,
                      const struct ranks *ranks, const char *const names[P2I_REPORT_KINDS],
                      uint64_t most)
{
    double width = (double)(WIDTH - LEFT - RIGHT) / (double)bars->count;
    double scale = (double)(HEIGHT - TOP - BOTTOM) / (double)most;
    double x = LEFT + width * (double)bar;
    double gap = width > 4 ? 1 : 0;
    double y = HEIGHT - BOTTOM;
    double others = 0;
    if (bar_total(bars, bar) == 0) {
        return;
    }
    p2i_html_put(html, "<g>");
    print_bar_title(html, bars, bar, ranks, names);
    for (size_t i = 0; i < ranks->count; i++) {
        double height = (double)bars->counts[bar][ranks->kinds[i]] * scale;
        if (i >= SHOWN) {
            others += height;
        } else if (height > 0) {
            y -= height;
            print_part(html, x, y, width - gap, height, i);
        }
    }
    if (others > 0) {
        print_part(html, x, y - others, width - gap, others, SHOWN);
    }
    p2i_html_put(html, "</g>\n");
}

static void print_legend(struct p2i_html *html, const struct ranks *ranks,
                         const char *const names[P2I_REPORT_KINDS])
{
    p2i_html_put(html, "<ul class=\"legend\">");
    for (size_t i = 0; i < shown_count(ranks); i++) {
        p2i_html_format(html,
                        "<li><svg class=\"key\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect "
                        "class=\"k%zu\" width=\"10\" height=\"10\"/></svg> %s</li>",
                        i, names[ranks->kinds[i]]);
    }
    if (ranks->count > SHOWN) {
        p2i_html_format(html,
                        "<li><svg class=\"key\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect "
                        "class=\"k%d\" width=\"10\" height=\"10\"/></svg> others</li>",
                        SHOWN);
    }
    p2i_html_put(html, "</ul>\n");
}

/* The same as a table, for whoever does not see the picture. */
static void print_table(struct p2i_html *html, const struct p2i_bars *bars,
                        const struct ranks *ranks, const char *const names[P2I_REPORT_KINDS])
{
    p2i_html_put(html, "<details><summary>The same as a table</summary><div class=\"scroll\" "
                       "role=\"region\" tabindex=\"0\" aria-label=\"Records over time\"><table>"
                       "<thead><tr><th scope=\"col\">from, UTC</th>");
    for (size_t i = 0; i < ranks->count; i++) {
        p2i_html_format(html, "<th scope=\"col\" class=\"n\">%s</th>", names[ranks->kinds[i]]);
    }
    p2i_html_put(html, "</tr></thead><tbody>\n");
    for (size_t bar = 0; bar < bars->count; bar++) {
        p2i_html_put(html, "<tr><td>");
        p2i_html_time(html, bars->begin_s + bar * bars->width_s);
        p2i_html_put(html, "</td>");
        for (size_t i = 0; i < ranks->count; i++) {
            p2i_html_put(html, "<td class=\"n\">");
            p2i_html_number(html, bars->counts[bar][ranks->kinds[i]]);
            p2i_html_put(html, "</td>");
        }
        p2i_html_put(html, "</tr>\n");
    }
    p2i_html_put(html, "</tbody></table></div></details>\n");
}

static void print_width(struct p2i_html *html, uint64_t width_s)
{
    uint64_t count = width_s % DAY_S == 0  ? width_s / DAY_S
                     : width_s % 3600 == 0 ? width_s / 3600
                     : width_s % 60 == 0   ? width_s / 60
                                           : width_s;
    const char *unit = width_s % DAY_S == 0  ? "day"
                       : width_s % 3600 == 0 ? "hour"
                       : width_s % 60 == 0   ? "minute"
                                             : "second";
    p2i_html_format(html, "<p>Each bar is %" PRIu64 " %s%s; times are UTC.", count, unit,
                    count == 1 ? "" : "s");
}

void p2i_chart_print(struct p2i_html *html, const struct p2i_bars *bars,
                     const char *const names[P2I_REPORT_KINDS])
{
    struct ranks ranks = rank(bars);
    uint64_t most = 1;
    for (size_t i = 0; i < bars->count; i++) {
        uint64_t total = bar_total(bars, i);
        most = total > most ? total : most;
    }
    uint64_t tick = tick_of(most);
    int ticks = (int)((most + tick - 1) / tick);
    print_width(html, bars->width_s);
    if (bars->outside > 0) {
        p2i_html_format(html, " %" PRIu64 " records of far away times are not in it.",
                        bars->outside);
    }
    p2i_html_put(html, "</p>\n");
    print_legend(html, &ranks, names);
    p2i_html_format(html,
                    "<div class=\"scroll\"><svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" "
                    "aria-label=\"Records over time by kind; the table below has the numbers\">\n",
                    WIDTH, HEIGHT);
    print_scale(html, tick, ticks);
    for (size_t i = 0; i < bars->count; i++) {
        print_bar(html, bars, i, &ranks, names, tick * (uint64_t)ticks);
    }
    print_times(html, bars);
    p2i_html_put(html, "</svg></div>\n");
    print_table(html, bars, &ranks, names);
}
