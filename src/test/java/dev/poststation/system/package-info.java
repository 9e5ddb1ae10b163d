/// Tests of the packaged program against programs of others: real clients, real next hops, real
/// system calls.
///
/// `system/peers` brings the peers; a missing one fails, it never skips. Every process that is
/// started here is ended here, by its id. All traffic stays on loopback addresses.
@NullMarked
package dev.poststation.system;

import org.jspecify.annotations.NullMarked;
