/* responder: a cheap farm of Modbus TCP devices (Linux, epoll, one thread).
 *
 * One process plays COUNT devices, device i listening on 127.0.0.1:BASE+i, or with --gateway 1 all behind BASE, as units from 1 on. Each is a row of eight bollards behind one
 * I/O module (device.c). The arrival of each write is recorded on CLOCK_MONOTONIC. The control port tells and commands:
 *
 *   reset            forget everything counted and recorded
 *   stats            counts, scans, gaps between the scans of one device
 *   writes           [[arrival ns, device, function, address, value], ...] since the last reset
 *   scans            scans by device
 *   positions        where the steel of each device is
 *   dead FIRST COUNT HEALTH    make devices ill, or well again (enum health in farm.h)
 *   delay US         delay of every answer from now on
 *   quit
 *
 * A "scan" is over when --scan-bits discrete inputs and --scan-registers registers of a device were read since its last
 * one, in however many requests; the time between the ends of two scans of a device is its "gap".
 */
#define _GNU_SOURCE
#include "farm.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LATER (1 << 16) /* answers that may be owed at once */

struct later { uint64_t due; struct connection *to; int length; uint8_t frame[FRAME_MAX]; };

static struct later *later;
static struct connection *gone;
static uint32_t later_head, later_tail;
static int timer = -1;

/* Events of the same turn of the loop, and answers that are owed, may still name it: `bury` frees it. */
static void hang_up(struct connection *it, int reset) {
    if (it->closed) return;
    struct connection **link = &devices[it->watched.device].connections;
    while (*link != it) link = &(*link)->next;
    *link = it->next;
    if (reset) {
        struct linger now = {1, 0};
        setsockopt(it->watched.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    it->closed = 1;
    close(it->watched.fd);
    counts.connections--;
    it->next = gone;
    gone = it;
}

static void bury(void) {
    for (struct connection **link = &gone; *link;) {
        struct connection *it = *link;
        if (it->owed) {
            link = &it->next;
        } else {
            *link = it->next;
            free(it);
        }
    }
}

static void flush(struct connection *it) {
    int done = 0;
    while (done < it->out_length) {
        ssize_t n = send(it->watched.fd, it->out + done, (size_t)(it->out_length - done), MSG_NOSIGNAL);
        if (n > 0) {
            done += (int)n;
        } else if (errno == EAGAIN || errno == EINTR) {
            break;
        } else {
            hang_up(it, 0);
            return;
        }
    }
    if (done) memmove(it->out, it->out + done, (size_t)(it->out_length - done));
    it->out_length -= done;
    if ((it->out_length > 0) != it->wants_out) {
        it->wants_out = it->out_length > 0;
        struct epoll_event event = {.events = EPOLLIN | (it->wants_out ? EPOLLOUT : 0u), .data.ptr = it};
        epoll_ctl(epoll, EPOLL_CTL_MOD, it->watched.fd, &event);
    }
}

/* Kept in the order in which they are due; nearly always the last place is the right one. */
static void owe(struct connection *to, int number, const uint8_t *asked, int length, uint64_t now, uint64_t delay) {
    if (later_tail - later_head >= LATER) return;
    uint64_t due = now + delay;
    uint32_t at = later_tail++;
    for (; at != later_head && later[(at - 1) % LATER].due > due; at--) later[at % LATER] = later[(at - 1) % LATER];
    struct later *it = &later[at % LATER];
    it->due = due;
    it->to = to;
    it->length = device_answer(number, asked, length, it->frame, now);
    to->owed++;
    if (at == later_head) arm(timer, due);
}

static void pay(void) {
    uint64_t ticks, now = now_ns();
    if (read(timer, &ticks, sizeof ticks) < 0) return;
    while (later_head != later_tail) {
        struct later *it = &later[later_head % LATER];
        if (it->due > now) {
            arm(timer, it->due);
            return;
        }
        later_head++;
        struct connection *to = it->to;
        to->owed--;
        if (to->closed || to->out_length > (int)sizeof to->out - FRAME_MAX) continue;
        memcpy(to->out + to->out_length, it->frame, (size_t)it->length);
        to->out_length += it->length;
        flush(to);
    }
}

/* Take one whole frame. Behind a gateway the unit id tells the device; one that is not there does not answer. */
static void take(struct connection *it, const uint8_t *frame, int length, uint64_t now) {
    int number = options.gateway ? frame[6] - 1 : it->watched.device;
    if (number < 0 || number >= options.devices) return;
    enum health health = devices[number].health;
    uint64_t delay = health == SLOW ? options.slow_ns : options.delay_ns;
    if (health == SILENT || (health == WRITES_ONLY && frame[7] <= 4)) return;
    if (delay)
        owe(it, number, frame, length, now, delay);
    else
        it->out_length += device_answer(number, frame, length, it->out + it->out_length, now);
}

static void hear(struct connection *it, uint32_t events) {
    if (it->closed) return;
    if (events & EPOLLOUT) flush(it);
    if (it->closed || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
    ssize_t n = recv(it->watched.fd, it->in + it->in_length, sizeof it->in - (size_t)it->in_length, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) hang_up(it, 0);
        return;
    }
    it->in_length += (int)n;
    uint64_t now = now_ns();
    int done = 0;
    while (it->in_length - done >= 8) {
        int length = 6 + (int)get16(it->in + done + 4);
        if (length < 8 || length > FRAME_MAX || it->out_length > (int)sizeof it->out - FRAME_MAX) {
            hang_up(it, 0);
            return;
        }
        if (it->in_length - done < length) break;
        take(it, it->in + done, length, now);
        done += length;
    }
    if (done) memmove(it->in, it->in + done, (size_t)(it->in_length - done));
    it->in_length -= done;
    if (it->out_length) flush(it);
}

void device_fall_ill(int number, enum health health) {
    struct device *it = &devices[number];
    enum health was = it->health;
    if (was == health) return;
    it->health = health;
    if (was == HALF_OPEN) { /* the backlog, and what was sent meanwhile, belong to a life that is over */
        while (it->connections) hang_up(it->connections, 1);
        close(it->listener.fd);
    }
    if (was == HALF_OPEN || was == REFUSING) {
        it->listener.fd = listen_on(options.base_port + number);
        watch(&it->listener);
    }
    if (health == HALF_OPEN) {
        unwatch(&it->listener);
        listen(it->listener.fd, 0); /* so that attempts to connect hang as well, after the first */
        for (struct connection *c = it->connections; c; c = c->next) unwatch(&c->watched);
    } else if (health == REFUSING) {
        close(it->listener.fd);
        while (it->connections) hang_up(it->connections, 1);
    }
}

static void admit(const struct watched *listener) {
    int one = 1, fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct connection *it = calloc(1, sizeof *it);
    it->watched = (struct watched){CONNECTION, fd, listener->device};
    it->next = devices[listener->device].connections;
    devices[listener->device].connections = it;
    counts.connections++;
    watch(&it->watched);
}

int main(int argc, char **argv) {
    options_take(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    epoll = epoll_create1(0);
    later = malloc(sizeof *later * LATER);
    devices_make();
    for (int i = 0; i < (options.gateway ? 1 : options.devices); i++) {
        devices[i].listener = (struct watched){LISTENER, listen_on(options.base_port + i), i};
        watch(&devices[i].listener);
    }
    struct watched control = {CONTROL_LISTENER, listen_on(options.control_port), 0};
    struct watched clock = {TIMER, timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), 0};
    watch(&control);
    watch(&clock);
    for (struct epoll_event events[256];;) {
        int n = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < n; i++) {
            struct watched *it = events[i].data.ptr;
            switch (it->kind) {
            case CONNECTION: hear((struct connection *)it, events[i].events); break;
            case TIMER: pay(); break;
            case CONTROL: answer_control(it); break;
            case CONTROL_LISTENER: admit_control(it); break;
            default: admit(it);
            }
        }
        bury();
    }
}
