/// What is carried: queue id, envelope, recipient, content; and what became of it: outcome.
///
/// Values only: immutable, safe for any thread.
@NullMarked
package dev.poststation.message;

import org.jspecify.annotations.NullMarked;
