package dev.poststation.dns;

/// Whom a lookup asks. Safe for any thread; blocking.
interface Asking {
  /// What is said to one question, aliases not followed.
  Inquiry.Said ask(Question question);
}
