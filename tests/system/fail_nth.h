// Allocations that fail, by /proc/thread-self/fail-nth (Documentation/fault-injection of Linux).
#pragma once

#include <string>

namespace hg::test {

inline constexpr const char* kFailNth = "/proc/thread-self/fail-nth";

// Makes the N-th allocation of this thread fail, once.
class FailNth {
public:
    FailNth();
    FailNth(const FailNth&) = delete;
    FailNth& operator=(const FailNth&) = delete;
    ~FailNth();

    void arm(int n) const { put(n); }

    // Ends it; whether it struck.
    [[nodiscard]] bool disarm() const;

    // Once: which allocations may fail, all of them, and that the kernel does not complain.
    static void prepare();

private:
    void put(int n) const;

    int fd_;
};

// Every kmalloc() of the unbound workers fails while this lives, but for those of workers that are
// newer than the last call of take_new().
class FailWorkers {
public:
    FailWorkers();
    FailWorkers(const FailWorkers&) = delete;
    FailWorkers& operator=(const FailWorkers&) = delete;
    ~FailWorkers();

    static void take_new();
};

} // namespace hg::test
