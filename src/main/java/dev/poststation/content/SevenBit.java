package dev.poststation.content;

import dev.poststation.message.Octets;
import dev.poststation.message.SevenBitForm;
import java.io.IOException;

/// Makes an entity of MIME that every relay takes as it is: no octet above 127, no long lines (RFC
/// 8551 3.1.3). What is signed must not be converted on its way any more. Safe for any thread.
@FunctionalInterface
public interface SevenBit {
  /// The same entity, encoded where it has to be; itself where it has not.
  ///
  /// @throws IOException when the spool cannot read it
  SevenBitForm of(Octets entity) throws IOException;
}
