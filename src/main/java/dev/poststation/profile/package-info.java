/// How devices are known: what each has always done, and how unlike itself it is now. Knows nothing
/// of SMTP sessions: `server` tells it what was seen, and asks.
@NullMarked
package dev.poststation.profile;

import org.jspecify.annotations.NullMarked;
