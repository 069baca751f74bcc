// What the C++ programs check with: one line per check, and a number of failures for the end.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <casegraph.hpp>

#include <iostream>

static int count = 0;
static int failures = 0;

static void ok(bool good, const char *name) {
    count++;
    failures += good ? 0 : 1;
    std::cout << (good ? "ok " : "not ok ") << count << " - " << name << "\n";
}

/// The code of what `act` throws; 0 for nothing.
template <typename Act> static int thrown(Act act) {
    try {
        act();
    } catch (const casegraph::Error &error) {
        return static_cast<int>(error.code());
    }
    return 0;
}

#endif // CHECK_HPP
