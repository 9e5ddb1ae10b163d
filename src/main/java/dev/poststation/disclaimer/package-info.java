/// Puts a text of the sender's company into mail: which parts get it, where in them, and how it is
/// written in their charset and encoding.
///
/// Pure functions and values; safe for any thread.
@NullMarked
package dev.poststation.disclaimer;

import org.jspecify.annotations.NullMarked;
