/// May this client send this mail? Who may relay is decided here, on its own, and closed by
/// default.
@NullMarked
package dev.poststation.policy;

import org.jspecify.annotations.NullMarked;
