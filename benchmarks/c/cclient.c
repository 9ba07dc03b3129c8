/* cclient: the near-physical limit. One thread, one epoll set, hand-made frames, no error handling worth the name.
 *
 *   cclient BASE COUNT HZ CONTROL
 *
 * Each scan reads 16 discrete inputs, then 8 holding registers. HZ 0 scans flat out; at a fixed rate the devices are spread
 * over the period in steps of 1 ms. On 127.0.0.1:CONTROL it takes orders, one line each: "DEVICE COIL\n" switches a coil of a
 * device on, "-1 COIL\n" that coil of every device.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { TICK = -1, DOOR = -2, ORDERS = -3 };

struct device { int fd, length, busy; uint16_t transaction, bits, registers[8]; uint64_t due; uint8_t in[1024]; };

static struct device *devices;
static int count, epoll;
static double hz;

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(int fd, int which) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(int64_t)which};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
}

static void ask(struct device *it, int function, int address, int value) {
    uint16_t t = ++it->transaction;
    uint8_t frame[12] = {(uint8_t)(t >> 8), (uint8_t)t, 0, 0, 0, 6, 1, (uint8_t)function,
                         (uint8_t)(address >> 8), (uint8_t)address, (uint8_t)(value >> 8), (uint8_t)value};
    if (send(it->fd, frame, sizeof frame, MSG_NOSIGNAL) != (ssize_t)sizeof frame) die("send");
}

static void scan(struct device *it) {
    it->busy = 1;
    ask(it, 2, 0, 16);
}

static void take(struct device *it, const uint8_t *frame) {
    if (frame[7] == 2) {
        it->bits = (uint16_t)(frame[9] | frame[10] << 8);
        ask(it, 3, 0, 8);
    } else if (frame[7] == 3) {
        for (int i = 0; i < 8; i++) it->registers[i] = (uint16_t)(frame[9 + 2 * i] << 8 | frame[10 + 2 * i]);
        it->busy = 0;
        if (hz == 0) scan(it);
    }
}

static void hear(struct device *it) {
    ssize_t n = recv(it->fd, it->in + it->length, sizeof it->in - (size_t)it->length, 0);
    if (n <= 0) die("recv");
    it->length += (int)n;
    int done = 0;
    while (it->length - done >= 8) {
        int length = 6 + (it->in[done + 4] << 8 | it->in[done + 5]);
        if (it->length - done < length) break;
        take(it, it->in + done);
        done += length;
    }
    if (done) memmove(it->in, it->in + done, (size_t)(it->length - done));
    it->length -= done;
}

static void obey(int fd) {
    char lines[4096];
    ssize_t n = recv(fd, lines, sizeof lines - 1, 0);
    if (n <= 0) {
        close(fd);
        return;
    }
    lines[n] = 0;
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        int device, coil;
        if (sscanf(line, "%d %d", &device, &coil) != 2 || device >= count) continue;
        for (int i = device < 0 ? 0 : device; i <= (device < 0 ? count - 1 : device); i++)
            ask(&devices[i], 5, coil, 0xFF00);
    }
}

/* Devices are due in ring order. */
static void tick(int fd, uint64_t now) {
    static int next;
    uint64_t ticks, period = (uint64_t)(1e9 / hz);
    if (read(fd, &ticks, sizeof ticks) < 0) return;
    for (int i = 0; i < count && devices[next].due <= now; i++) {
        struct device *it = &devices[next];
        if (!it->busy) scan(it);
        while (it->due <= now) it->due += period;
        next = (next + 1) % count;
    }
}

static int tcp(int port, int listening) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (listening) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(fd, (void *)&address, sizeof address) || listen(fd, 8)) die("bind");
    } else {
        if (connect(fd, (void *)&address, sizeof address)) die("connect");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: cclient BASE COUNT HZ CONTROL\n");
        return 2;
    }
    int base = atoi(argv[1]);
    count = atoi(argv[2]);
    hz = atof(argv[3]);
    devices = calloc((size_t)count, sizeof *devices);
    epoll = epoll_create1(0);
    for (int i = 0; i < count; i++) watch(devices[i].fd = tcp(base + i, 0), i);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), door = tcp(atoi(argv[4]), 1), orders[64];
    struct itimerspec every = {{0, 1000000}, {0, 1000000}};
    if (hz > 0) timerfd_settime(timer, 0, &every, NULL);
    watch(timer, TICK);
    watch(door, DOOR);
    uint64_t start = now_ns();
    for (int i = 0; i < count; i++) {
        if (hz > 0) devices[i].due = start + (uint64_t)(1e9 / hz * i / count);
        else scan(&devices[i]);
    }
    for (struct epoll_event events[256];;) {
        int n = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < n; i++) {
            int which = (int)(int64_t)events[i].data.u64;
            if (which >= 0) hear(&devices[which]);
            else if (which == TICK) tick(timer, now_ns());
            else if (which == DOOR) {
                static int open;
                if (open == 64) die("orders");
                orders[open] = accept(door, NULL, NULL);
                watch(orders[open], ORDERS - open);
                open++;
            } else obey(orders[ORDERS - which]);
        }
    }
}
