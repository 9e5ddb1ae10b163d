package dev.poststation.bounce;

import dev.poststation.message.Mail;

/// A notice, ready for the queue.
///
/// @param mail with the null reverse-path and the one recipient that is told
/// @param content not to be changed
/// @param messageId of the notice, with its angle brackets
public record Composed(Mail mail, byte[] content, String messageId) {}
