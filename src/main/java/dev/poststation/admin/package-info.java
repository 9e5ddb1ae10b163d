/// The local HTTP API: status, queue, trace, explain, reload, metrics.
@NullMarked
package dev.poststation.admin;

import org.jspecify.annotations.NullMarked;
