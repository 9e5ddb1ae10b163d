/// One attempt: connection, TLS, transaction; diagnosis into an outcome per recipient.
@NullMarked
package dev.poststation.delivery;

import org.jspecify.annotations.NullMarked;
