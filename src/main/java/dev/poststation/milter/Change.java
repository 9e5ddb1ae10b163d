package dev.poststation.milter;

/// What a milter changes of a mail, at its end. The texts are as the milter sent them: nobody has
/// looked whether they make sense. Immutable.
public sealed interface Change {
  /// A field at the end of the header.
  ///
  /// @param value one octet per character
  record AddField(String name, String value) implements Change {}

  /// A field before others.
  ///
  /// @param index how many stand before it
  /// @param value one octet per character
  record InsertField(int index, String name, String value) implements Change {}

  /// A field becomes another.
  ///
  /// @param index which of those of that name, from 1
  /// @param value one octet per character; empty: it is removed
  record ChangeField(int index, String name, String value) implements Change {}

  /// Another sender.
  ///
  /// @param parameters of MAIL
  record ChangeSender(String path, String parameters) implements Change {}

  /// One more recipient.
  ///
  /// @param parameters of RCPT
  record AddRecipient(String path, String parameters) implements Change {}

  /// One recipient less.
  record RemoveRecipient(String path) implements Change {}

  /// It is to wait for an administrator.
  record Quarantine(String reason) implements Change {}

  /// Another body, or more of it.
  record ReplaceBody(byte[] octets) implements Change {}
}
