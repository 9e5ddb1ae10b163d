package dev.poststation.content;

import dev.poststation.message.Octets;
import dev.poststation.smtp.Address;

/// A report of a mail for a journal mailbox. Immutable.
///
/// @param service whose it is: its name in the configuration
/// @param to the journal mailbox
/// @param messageId its own, with angle brackets
/// @param content its header, and the mail that it is about
public record JournalReport(String service, Address to, String messageId, Octets content)
    implements Companion {}
