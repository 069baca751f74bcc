/* What the C programs check with: one line per check, and a number of failures for the end. */
#ifndef CHECK_H
#define CHECK_H

#include <casegraph.h>

#include <stdio.h>
#include <string.h>

#define TEXT(s) (s), strlen(s)

static int count = 0;
static int failures = 0;

static void ok(int good, const char *name) {
    count++;
    if (!good) {
        failures++;
    }
    printf("%sok %d - %s\n", good ? "" : "not ", count, name);
}

static inline int equal(cg_str text, const char *expected) {
    return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

/* Does `text` hold `part`? Borrowed texts do not end with NUL, so strstr would not do. */
static inline int holds(const char *ptr, size_t len, const char *part) {
    size_t i, size = strlen(part);
    for (i = 0; i + size <= len; i++) {
        if (memcmp(ptr + i, part, size) == 0) {
            return 1;
        }
    }
    return 0;
}

#endif
