/* bus: COUNT Modbus RTU units on one line, a pseudo-terminal that takes as long as 19200 baud with parity would.
 *
 * The port is found at --link. Units have the addresses from 1 on; the control port is that of the responder. A frame counts as
 * arrived when it is handed to the port, which is when its first bit is on the wire. Its answer is there when all of both would
 * have passed the line: request, silence, the unit's thinking, answer. Who speaks while an answer is under way garbles both.
 */
#define _GNU_SOURCE
#include "farm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

#define CHARACTER_NS (11 * 1000000000ull / 19200) /* start, 8 data, parity, stop */
#define SILENCE_NS (CHARACTER_NS * 7 / 2)         /* Modbus over Serial Line V1.02, 2.5.1.1 */
#define THINKING_NS 1000000ull

static int line, timer;
static uint8_t heard[FRAME_MAX], owed[FRAME_MAX];
static int heard_length, owed_length;

static unsigned checksum(const uint8_t *bytes, int length) {
    unsigned sum = 0xFFFF;
    for (int i = 0; i < length; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) sum = sum & 1 ? sum >> 1 ^ 0xA001 : sum >> 1;
    }
    return sum;
}

static int open_line(void) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (master < 0 || grantpt(master) || unlockpt(master)) die("pseudo-terminal");
    /* Held open, so that the port stays when the client closes it. */
    int held = open(ptsname(master), O_RDWR | O_NOCTTY);
    struct termios raw;
    if (held < 0 || tcgetattr(held, &raw)) die("pseudo-terminal");
    cfmakeraw(&raw);
    tcsetattr(held, TCSANOW, &raw);
    unlink(options.link);
    if (symlink(ptsname(master), options.link)) die(options.link);
    return master;
}

void device_fall_ill(int number, enum health health) { devices[number].health = health; }

/* The length of the request that has begun; 0 while it cannot be told yet. */
static int expected(void) {
    if (heard_length < 2) return 0;
    if (heard[1] != 15 && heard[1] != 16) return 8;
    return heard_length < 7 ? 0 : 9 + heard[6];
}

static void take(int length, uint64_t now) {
    uint8_t asked[FRAME_MAX + 6] = {0}, answer[FRAME_MAX + 6];
    int number = heard[0] - 1;
    if (checksum(heard, length - 2) != (unsigned)(heard[length - 2] | heard[length - 1] << 8)) {
        counts.exceptions++;
        return;
    }
    if (number < 0 || number >= options.devices) return;
    enum health health = devices[number].health;
    if (health == SILENT || (health == WRITES_ONLY && heard[1] <= 4)) return;
    put16(asked + 4, (unsigned)length - 2);
    memcpy(asked + 6, heard, (size_t)length - 2);
    int answered = device_answer(number, asked, length + 4, answer, now) - 6;
    memcpy(owed, answer + 6, (size_t)answered);
    unsigned sum = checksum(owed, answered);
    owed[answered] = (uint8_t)sum;
    owed[answered + 1] = (uint8_t)(sum >> 8);
    owed_length = answered + 2;
    arm(timer, now + (uint64_t)(length + owed_length) * CHARACTER_NS + SILENCE_NS + THINKING_NS);
}

static void hear(void) {
    ssize_t n = read(line, heard + heard_length, sizeof heard - (size_t)heard_length);
    if (n <= 0) return;
    uint64_t now = now_ns();
    heard_length += (int)n;
    if (owed_length) {
        counts.exceptions++;
        owed_length = heard_length = 0;
        return;
    }
    int length = expected();
    if (!length || heard_length < length) {
        if (length > (int)sizeof heard) heard_length = 0;
        return;
    }
    take(length, now);
    heard_length = 0;
}

static void pay(void) {
    uint64_t ticks;
    if (read(timer, &ticks, sizeof ticks) < 0 || !owed_length) return;
    if (write(line, owed, (size_t)owed_length) != owed_length) counts.exceptions++;
    owed_length = 0;
}

int main(int argc, char **argv) {
    options_take(argc, argv);
    if (!options.link || options.devices > 247) {
        fprintf(stderr, "bus: expected --link PATH, and at most 247 units\n");
        return 2;
    }
    epoll = epoll_create1(0);
    devices_make();
    struct watched port = {LINE, line = open_line(), 0};
    struct watched control = {CONTROL_LISTENER, listen_on(options.control_port), 0};
    struct watched clock = {TIMER, timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), 0};
    watch(&port);
    watch(&control);
    watch(&clock);
    for (struct epoll_event events[16];;) {
        int n = epoll_wait(epoll, events, 16, -1);
        for (int i = 0; i < n; i++) {
            struct watched *it = events[i].data.ptr;
            switch (it->kind) {
            case LINE: hear(); break;
            case TIMER: pay(); break;
            case CONTROL: answer_control(it); break;
            default: admit_control(it);
            }
        }
    }
}
