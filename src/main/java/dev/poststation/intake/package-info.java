/// The one way in for every mail: checks and counts the stream, adds the trace headers, hands it to
/// the spool.
@NullMarked
package dev.poststation.intake;

import org.jspecify.annotations.NullMarked;
