/* The control port of the farm: one line asks, one line answers, JSON where there is something to tell. */
#include "farm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

typedef unsigned long long big;

static double gap_ms(double quantile) {
    uint64_t wanted = (uint64_t)(quantile * (double)counts.gaps), seen = 0;
    if (!counts.gaps) return 0;
    for (uint64_t i = 0; i < GAPS; i++) {
        seen += gap_buckets[i];
        if (seen > wanted) return ((double)i + 0.5) * GAP_US / 1000.0;
    }
    return (double)counts.gap_max / 1e6;
}

static char *stats(void) {
    struct rusage used;
    uint64_t least = UINT64_MAX, most = 0, now = now_ns(), oldest = 0;
    char *out = malloc(2048);
    getrusage(RUSAGE_SELF, &used);
    for (int i = 0; i < options.devices; i++) {
        struct device *it = &devices[i];
        if (it->health != WELL) continue;
        uint64_t age = now - (it->last_end ? it->last_end : counts.since);
        if (it->scans < least) least = it->scans;
        if (it->scans > most) most = it->scans;
        if (age > oldest) oldest = age;
    }
    if (least == UINT64_MAX) least = 0;
    snprintf(out, 2048,
             "{\"elapsed_s\":%.6f,\"requests\":%llu,\"scans\":%llu,\"writes\":%u,\"exceptions\":%llu,\"connections\":%d,"
             "\"seen\":%d,\"scans_least\":%llu,\"scans_most\":%llu,\"gap_ms\":{\"n\":%llu,\"mean\":%.4f,\"p50\":%.2f,"
             "\"p99\":%.2f,\"max\":%.2f},\"oldest_ms\":%.1f,\"first_request\":%llu,\"full_at\":%llu,\"cpu_s\":%.6f}\n",
             (double)(now - counts.since) / 1e9, (big)counts.requests, (big)counts.scans, counts.arrivals,
             (big)counts.exceptions, counts.connections, counts.seen, (big)least, (big)most, (big)counts.gaps,
             counts.gaps ? (double)counts.gap_sum / (double)counts.gaps / 1e6 : 0.0, gap_ms(.5), gap_ms(.99),
             (double)counts.gap_max / 1e6, (double)oldest / 1e6, (big)counts.first_request, (big)counts.full_at,
             (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return out;
}

static char *writes(void) {
    char *out = malloc(64 + (size_t)counts.arrivals * 64);
    size_t length = (size_t)sprintf(out, "[");
    for (uint32_t i = 0; i < counts.arrivals; i++) {
        struct arrival *it = &arrivals[i];
        length += (size_t)sprintf(out + length, "%s[%llu,%u,%u,%u,%u]", i ? "," : "", (big)it->at, it->device,
                                  it->function, it->address, it->value);
    }
    sprintf(out + length, "]\n");
    return out;
}

static char *scans(void) {
    char *out = malloc(64 + (size_t)options.devices * 24);
    size_t length = (size_t)sprintf(out, "[");
    for (int i = 0; i < options.devices; i++)
        length += (size_t)sprintf(out + length, "%s%llu", i ? "," : "", (big)devices[i].scans);
    sprintf(out + length, "]\n");
    return out;
}

static char *positions(void) {
    static const char *const words[] = {"lowered", "raised", "between"};
    char *out = malloc(64 + (size_t)options.devices * 16);
    size_t length = (size_t)sprintf(out, "[");
    uint64_t now = now_ns();
    for (int i = 0; i < options.devices; i++) {
        struct device *it = &devices[i];
        enum position shown = it->position;
        if (it->drive != NONE && now >= it->arrives) shown = it->drive == UP ? RAISED : LOWERED;
        length += (size_t)sprintf(out + length, "%s\"%s\"", i ? "," : "", words[shown]);
    }
    sprintf(out + length, "]\n");
    return out;
}

char *control_answer(const char *line) {
    int first, count, health;
    long us;
    if (!strncmp(line, "quit", 4)) return NULL;
    if (!strncmp(line, "stats", 5)) return stats();
    if (!strncmp(line, "writes", 6)) return writes();
    if (!strncmp(line, "scans", 5)) return scans();
    if (!strncmp(line, "positions", 9)) return positions();
    if (!strncmp(line, "reset", 5)) {
        counts_reset();
    } else if (sscanf(line, "dead %d %d %d", &first, &count, &health) == 3 && health >= WELL && health <= SLOW) {
        for (int i = first; i < first + count; i++)
            if (i >= 0 && i < options.devices) device_fall_ill(i, (enum health)health);
    } else if (sscanf(line, "delay %ld", &us) == 1) {
        options.delay_ns = (uint64_t)us * 1000;
    } else {
        return strdup("\"what?\"\n");
    }
    return strdup("\"ok\"\n");
}
