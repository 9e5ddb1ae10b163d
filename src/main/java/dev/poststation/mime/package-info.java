/// What a mail is made of (RFC 2045, RFC 2046): its parts, each with the place of its octets, so
/// that one can be read, or changed, and all others stay as they are.
///
/// Values; each can be read by any thread.
@NullMarked
package dev.poststation.mime;

import org.jspecify.annotations.NullMarked;
