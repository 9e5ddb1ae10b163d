/// Directories (LDAP, RFC 4511): their servers, of which one that answers is asked, and what is
/// looked up there by mail address. Who logs in by a directory is a matter of `account`.
///
/// The library does its own I/O, as the DNS does behind `Resolver`.
@NullMarked
package dev.poststation.ldap;

import org.jspecify.annotations.NullMarked;
