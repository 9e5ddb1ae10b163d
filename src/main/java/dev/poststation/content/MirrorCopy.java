package dev.poststation.content;

import dev.poststation.message.Octets;
import dev.poststation.smtp.Address;

/// A copy of a mail for a filter that learns from it. Immutable.
///
/// @param service whose it is: its name in the configuration
/// @param to the address at the filter
/// @param messageId that of the mail, with angle brackets
/// @param content the fields that tell of the envelope, and the mail as it is
public record MirrorCopy(String service, Address to, String messageId, Octets content)
    implements Companion {}
