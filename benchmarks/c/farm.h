/* What the parts of the device farm share: devices, their connections, and what is counted. */
#ifndef FARM_H
#define FARM_H

#include <stddef.h>
#include <stdint.h>

#define MOST_DEVICES 4096
#define FRAME_MAX 300

/* How a device is ill. The numbers are those of the control port's `dead`. */
enum health {
    WELL = 0,
    SILENT = 1,      /* takes everything, answers nothing */
    WRITES_ONLY = 2, /* reads hang, writes are taken and answered */
    HALF_OPEN = 3,   /* the connection stands, nobody reads it; new ones are not accepted */
    REFUSING = 4,    /* connections are reset, new ones refused */
    SLOW = 5         /* answers everything, late */
};

enum kind { LISTENER, CONNECTION, CONTROL_LISTENER, CONTROL, TIMER, LINE };

struct watched { enum kind kind; int fd, device; };

struct connection {
    struct watched watched;
    struct connection *next; /* of the same device */
    int in_length, out_length, wants_out, closed, owed;
    uint8_t in[4096], out[16384];
};

/* A row of eight members: coil 0 raises, coil 1 lowers, and travel takes options.travel_ns. */
enum position { LOWERED, RAISED, BETWEEN };
enum drive { NONE, UP, DOWN };

struct device {
    uint64_t bits, registers, scans, first_end, last_end;
    uint64_t arrives;
    enum position position;
    enum drive drive;
    enum health health;
    int seen;
    struct watched listener;
    struct connection *connections;
};

struct arrival { uint64_t at; uint16_t device, address, value; uint8_t function; };

struct options {
    int base_port, devices, control_port, scan_bits, scan_registers, gateway;
    uint64_t travel_ns, delay_ns, slow_ns, change_ns;
    const char *link; /* bus: the path at which its port is found */
};

#define GAP_US 20                             /* width of a bucket of gaps */
#define GAPS (30 * 1000 * 1000 / GAP_US)      /* up to 30 s */
#define MOST_ARRIVALS (1 << 20)

struct counts {
    uint64_t since, requests, scans, exceptions, first_request, full_at, by_function[256];
    uint64_t gaps, gap_sum, gap_max;
    uint32_t arrivals;
    int seen, connections;
};

extern struct options options;
extern struct counts counts;
extern struct device *devices;
extern struct arrival *arrivals;
extern uint32_t *gap_buckets;

/* loop.c */
extern int epoll;
uint64_t now_ns(void);
void die(const char *what);
void watch(struct watched *it);
void unwatch(const struct watched *it);
int listen_on(int port);
void arm(int timer, uint64_t due);
void admit_control(const struct watched *listener);
void answer_control(struct watched *it);

/* device.c */
unsigned get16(const uint8_t *at);
void put16(uint8_t *at, unsigned value);
void devices_make(void);
void counts_reset(void);
/* Answer the whole MBAP frame `asked`; the answer goes to `answer`, its length is returned. */
int device_answer(int number, const uint8_t *asked, int length, uint8_t *answer, uint64_t now);

/* options.c: leaves the process where one is not understood */
void options_take(int argc, char **argv);

/* control.c: the answer to one line of the control port, to be freed; NULL for `quit`. */
char *control_answer(const char *line);

/* responder.c, bus.c */
void device_fall_ill(int number, enum health health);

#endif
