/// The durable store of mail: the only place that makes a 250 true.
@NullMarked
package dev.poststation.spool;

import org.jspecify.annotations.NullMarked;
