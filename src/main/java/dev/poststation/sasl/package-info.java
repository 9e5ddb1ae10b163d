/// The mechanisms by which a client shows who it is (RFC 4422): at the server's end ([Exchange]),
/// with what they ask of whoever knows the users, and at our own end when we are the client
/// ([Proof]).
///
/// Nothing here reads or writes a connection: a mechanism takes octets and answers octets.
@NullMarked
package dev.poststation.sasl;

import org.jspecify.annotations.NullMarked;
