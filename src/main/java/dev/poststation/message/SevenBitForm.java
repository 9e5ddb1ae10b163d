package dev.poststation.message;

/// What became of an entity of MIME that had to be made 7bit. Immutable; used by the threads of
/// S/MIME.
public sealed interface SevenBitForm {
  /// It is.
  ///
  /// @param entity encoded where it had to be; itself where it had not
  record Ready(Octets entity) implements SevenBitForm {}

  /// It cannot be, however often somebody tries.
  ///
  /// @param why a clause
  record Impossible(String why) implements SevenBitForm {}
}
