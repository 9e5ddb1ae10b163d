/// The mail log, the trace of each mail, metrics: one call site per event, so they cannot disagree.
@NullMarked
package dev.poststation.log;

import org.jspecify.annotations.NullMarked;
