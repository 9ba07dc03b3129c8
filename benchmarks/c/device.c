/* One device of the farm: its steel, its registers, and what is counted of the requests to it. */
#include "farm.h"

#include <stdlib.h>
#include <string.h>

struct counts counts;
struct device *devices;
struct arrival *arrivals;
uint32_t *gap_buckets;

unsigned get16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

void put16(uint8_t *at, unsigned value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void devices_make(void) {
    devices = calloc((size_t)options.devices, sizeof *devices);
    arrivals = malloc(sizeof *arrivals * MOST_ARRIVALS);
    gap_buckets = malloc(sizeof *gap_buckets * GAPS);
    counts_reset();
}

void counts_reset(void) {
    int connections = counts.connections;
    memset(&counts, 0, sizeof counts);
    memset(gap_buckets, 0, sizeof *gap_buckets * GAPS);
    counts.connections = connections;
    counts.since = now_ns();
    for (int i = 0; i < options.devices; i++) {
        struct device *it = &devices[i];
        it->bits = it->registers = it->scans = it->first_end = it->last_end = 0;
        it->seen = 0;
    }
}

static void settle(struct device *it, uint64_t now) {
    if (it->drive != NONE && now >= it->arrives) {
        it->position = it->drive == UP ? RAISED : LOWERED;
        it->drive = NONE;
    }
}

static void drive(struct device *it, unsigned coil, int on, uint64_t now) {
    if (coil > 1) return;
    enum drive wanted = coil == 0 ? UP : DOWN;
    settle(it, now);
    if (!on) {
        if (it->drive == wanted) it->drive = NONE; /* let go in mid travel: it stands where it is */
    } else if (it->position != (wanted == UP ? RAISED : LOWERED) && it->drive != wanted) {
        it->position = BETWEEN;
        it->drive = wanted;
        it->arrives = now + options.travel_ns;
    }
}

/* Discrete inputs 0-7 are the raised limits of the eight members, 8-15 their lowered ones. */
static unsigned limits(struct device *it, uint64_t now) {
    settle(it, now);
    return it->position == RAISED ? 0x00FF : it->position == LOWERED ? 0xFF00 : 0;
}

/* Small numbers: register 0 is read as the speed of a radar that sees nobody. */
static unsigned held(int number, unsigned address, uint64_t now) {
    uint64_t turn = options.change_ns ? now / options.change_ns : 0;
    return (unsigned)((uint64_t)number + address + turn) % 4;
}

/* A scan is over when enough inputs and registers were read since the last one, in however many requests. */
static void progress(struct device *it, uint64_t now) {
    if (it->bits < (uint64_t)options.scan_bits || it->registers < (uint64_t)options.scan_registers) return;
    it->bits = it->registers = 0;
    it->scans++;
    counts.scans++;
    if (!it->seen) {
        it->seen = 1;
        if (++counts.seen == options.devices) counts.full_at = now;
    }
    if (!it->first_end) it->first_end = now;
    if (it->last_end && it->health == WELL) {
        uint64_t gap = now - it->last_end, bucket = gap / 1000 / GAP_US;
        gap_buckets[bucket < GAPS ? bucket : GAPS - 1]++;
        counts.gaps++;
        counts.gap_sum += gap;
        if (gap > counts.gap_max) counts.gap_max = gap;
    }
    it->last_end = now;
}

static int read_bits(int number, const uint8_t *asked, uint8_t *answer, uint64_t now) {
    struct device *it = &devices[number];
    unsigned first = get16(asked + 8), count = get16(asked + 10), bytes = (count + 7) / 8;
    unsigned shown = asked[7] == 2 ? limits(it, now) : (it->drive == UP) | (it->drive == DOWN) << 1;
    memset(answer + 9, 0, bytes);
    for (unsigned i = 0; i < count && first + i < 16; i++)
        if (shown >> (first + i) & 1) answer[9 + i / 8] |= (uint8_t)(1 << i % 8);
    answer[8] = (uint8_t)bytes;
    put16(answer + 4, 3 + bytes);
    if (asked[7] == 2) it->bits += count; /* coils are no part of the scan */
    progress(it, now);
    return (int)(9 + bytes);
}

static int read_registers(int number, const uint8_t *asked, uint8_t *answer, uint64_t now) {
    unsigned first = get16(asked + 8), count = get16(asked + 10);
    for (unsigned i = 0; i < count; i++) put16(answer + 9 + 2 * i, held(number, first + i, now));
    answer[8] = (uint8_t)(2 * count);
    put16(answer + 4, 3 + 2 * count);
    devices[number].registers += count;
    progress(&devices[number], now);
    return (int)(9 + 2 * count);
}

/* The value recorded is that of the frame for one coil or register, and the first sixteen bits for more coils. */
static int take_write(int number, const uint8_t *asked, int length, uint8_t *answer, uint64_t now) {
    unsigned function = asked[7], address = get16(asked + 8), value = get16(asked + 10);
    if (function == 5) {
        drive(&devices[number], address, value == 0xFF00, now);
    } else if (function == 15) {
        unsigned count = value;
        value = length > 13 ? asked[13] : 0;
        if (length > 14) value |= (unsigned)asked[14] << 8;
        for (unsigned i = 0; i < count && i < 16; i++) drive(&devices[number], address + i, value >> i & 1, now);
    }
    if (counts.arrivals < MOST_ARRIVALS)
        arrivals[counts.arrivals++] = (struct arrival){
            now, (uint16_t)number, (uint16_t)address, (uint16_t)value, (uint8_t)function};
    memcpy(answer, asked, 12);
    put16(answer + 4, 6);
    return 12;
}

int device_answer(int number, const uint8_t *asked, int length, uint8_t *answer, uint64_t now) {
    unsigned function = asked[7], count = length >= 12 ? get16(asked + 10) : 0;
    counts.requests++;
    counts.by_function[function]++;
    if (!counts.first_request) counts.first_request = now;
    memcpy(answer, asked, 8);
    if (length >= 12) {
        if ((function == 1 || function == 2) && count >= 1 && count <= 2000)
            return read_bits(number, asked, answer, now);
        if ((function == 3 || function == 4) && count >= 1 && count <= 125)
            return read_registers(number, asked, answer, now);
        if (function == 5 || function == 6 || function == 15 || function == 16)
            return take_write(number, asked, length, answer, now);
    }
    counts.exceptions++;
    answer[7] = (uint8_t)(function | 0x80);
    answer[8] = function >= 1 && function <= 16 ? 3 : 1;
    put16(answer + 4, 3);
    return 9;
}
