/// Listeners, sessions, transactions: from connect to the final reply.
@NullMarked
package dev.poststation.server;

import org.jspecify.annotations.NullMarked;
