/// The resolver: names to addresses and mail exchangers, with the difference between "no" and "not
/// now".
///
/// Routing asks it for mail exchangers, delivery for addresses. It asks name servers through `os`,
/// so that its waits have a bound and its clock is the one of everybody else; dnsjava writes and
/// reads the messages.
@NullMarked
package dev.poststation.dns;

import org.jspecify.annotations.NullMarked;
