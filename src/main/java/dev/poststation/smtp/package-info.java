/// The protocol's words, for both ends: commands, replies, enhanced status, addresses, extensions,
/// line and data codecs.
///
/// Used by `server` and `delivery`; knows nothing of mail that is stored or routed.
@NullMarked
package dev.poststation.smtp;

import org.jspecify.annotations.NullMarked;
