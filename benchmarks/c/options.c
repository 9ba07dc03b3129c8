/* What a farm is started with. */
#include "farm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = {.base_port = 20000, .devices = 200, .control_port = 19999, .scan_bits = 16,
                          .scan_registers = 8, .travel_ns = 50 * 1000 * 1000ull, .slow_ns = 400 * 1000 * 1000ull};

void options_take(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!strcmp(name, "--base")) options.base_port = atoi(value);
        else if (!strcmp(name, "--count")) options.devices = atoi(value);
        else if (!strcmp(name, "--control")) options.control_port = atoi(value);
        else if (!strcmp(name, "--travel-ms")) options.travel_ns = strtoull(value, NULL, 10) * 1000000;
        else if (!strcmp(name, "--slow-ms")) options.slow_ns = strtoull(value, NULL, 10) * 1000000;
        else if (!strcmp(name, "--change-ms")) options.change_ns = strtoull(value, NULL, 10) * 1000000;
        else if (!strcmp(name, "--gateway")) options.gateway = atoi(value);
        else if (!strcmp(name, "--link")) options.link = value;
        else if (!strcmp(name, "--scan-bits")) options.scan_bits = atoi(value);
        else if (!strcmp(name, "--scan-registers")) options.scan_registers = atoi(value);
        else {
            fprintf(stderr, "responder: %s: no such option\n", name);
            exit(2);
        }
    }
    if (options.devices < 1 || options.devices > MOST_DEVICES) {
        fprintf(stderr, "responder: --count must be from 1 to %d\n", MOST_DEVICES);
        exit(2);
    }
}
