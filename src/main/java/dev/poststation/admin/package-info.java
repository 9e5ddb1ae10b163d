/// The local HTTP API: status, queue, trace, explain, reload, metrics. Used by the commands of the
/// program and by monitoring; whoever has the token of the data directory may do everything.
@NullMarked
package dev.poststation.admin;

import org.jspecify.annotations.NullMarked;
