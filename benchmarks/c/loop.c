/* The turns of a farm: what is waited for, and the lines of its control port. */
#define _GNU_SOURCE
#include "farm.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int epoll;

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

void die(const char *what) {
    perror(what);
    exit(1);
}

void watch(struct watched *it) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = it};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, it->fd, &event)) die("epoll_ctl");
}

int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (void *)&address, sizeof address) || listen(fd, 128)) {
        fprintf(stderr, "port %d: ", port);
        die("bind");
    }
    return fd;
}

void unwatch(const struct watched *it) { epoll_ctl(epoll, EPOLL_CTL_DEL, it->fd, NULL); }

void arm(int timer, uint64_t due) {
    struct itimerspec at = {.it_value = {(time_t)(due / 1000000000ull), (long)(due % 1000000000ull)}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

void answer_control(struct watched *it) {
    char line[256];
    ssize_t n = recv(it->fd, line, sizeof line - 1, 0);
    if (n <= 0) {
        close(it->fd);
        free(it);
        return;
    }
    line[n] = 0;
    char *answer = control_answer(line);
    if (!answer) exit(0);
    for (size_t left = strlen(answer), done = 0; left;) {
        ssize_t sent = send(it->fd, answer + done, left, MSG_NOSIGNAL);
        if (sent <= 0) break;
        done += (size_t)sent;
        left -= (size_t)sent;
    }
    free(answer);
}

void admit_control(const struct watched *listener) {
    struct watched *it = calloc(1, sizeof *it);
    *it = (struct watched){CONTROL, accept(listener->fd, NULL, NULL), 0};
    if (it->fd < 0) free(it);
    else watch(it);
}
