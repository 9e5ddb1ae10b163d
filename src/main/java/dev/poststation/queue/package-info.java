/// What is due, when, for which destination; retry, holds, settlement.
@NullMarked
package dev.poststation.queue;

import org.jspecify.annotations.NullMarked;
