/// The mechanisms by which a client shows who it is (RFC 4422), at the server's end, and what they
/// ask of whoever knows the users.
///
/// Nothing here reads or writes a connection: a mechanism takes octets and answers octets.
@NullMarked
package dev.poststation.sasl;

import org.jspecify.annotations.NullMarked;
