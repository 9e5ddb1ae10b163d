/// The only door to time, network, disk, threads and chance; each has a simulated twin in the
/// tests.
///
/// Nothing outside this package reads a clock, waits for a time, starts a thread, opens a socket or
/// a file, or draws a random number (a test keeps it so).
@NullMarked
package dev.poststation.os;

import org.jspecify.annotations.NullMarked;
