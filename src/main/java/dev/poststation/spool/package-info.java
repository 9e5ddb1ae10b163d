/// The durable store of mail: the only place that makes a 250 true.
///
/// `intake` drafts and commits, `queue` loads and settles, `delivery` reads contents. What was
/// committed survives a kill, a power cut, a full disk and a failing one; what was settled survives
/// them after a second. Damage to the files costs what it hits, is reported, and keeps neither the
/// rest from being delivered nor the relay from starting.
@NullMarked
package dev.poststation.spool;

import org.jspecify.annotations.NullMarked;
