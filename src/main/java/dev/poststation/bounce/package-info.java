/// Composes delivery status notifications (RFC 3464); the queue stores them.
@NullMarked
package dev.poststation.bounce;

import org.jspecify.annotations.NullMarked;
