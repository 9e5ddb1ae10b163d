package dev.poststation.delivery;

import dev.poststation.message.Content;
import dev.poststation.message.Octets;
import dev.poststation.message.SevenBitForm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// Converts an entity of MIME as a mail is converted for a next hop without 8BITMIME: what is to be
/// signed must not be converted afterwards (RFC 8551 3.1.3). Pure functions.
public final class SevenBitEntity {
  /// More is not converted in memory.
  public static final long SIZE_MAX = 50_000_000;

  private SevenBitEntity() {}

  /// The entity, encoded where it has to be; itself where it has not.
  ///
  /// @throws IOException when the spool cannot read it
  public static SevenBitForm of(Octets entity) throws IOException {
    var content = new Chunks(entity);
    var survey = MimeSurvey.of(content, new Downgrade.Need(true, true, true));
    String problem = survey.problem();
    if (problem != null) {
      return new SevenBitForm.Impossible("it cannot be made 7bit: " + problem);
    }
    if (!survey.changes()) {
      return new SevenBitForm.Ready(entity);
    }
    if (entity.size() > SIZE_MAX) {
      return new SevenBitForm.Impossible(
          "it has to be made 7bit, and is larger than " + SIZE_MAX / 1_000_000 + " MB");
    }
    var out = new ByteArrayOutputStream(Math.toIntExact(entity.size()) + 1024);
    MimeRewrite.run(content, survey, out::write);
    return new SevenBitForm.Ready(Octets.of(out.toByteArray()));
  }

  private record Chunks(Octets octets) implements Content {
    @Override
    public int chunks() {
      return (int) ((octets.size() + CHUNK_OCTETS - 1) / CHUNK_OCTETS);
    }

    @Override
    public byte[] chunk(int number) throws IOException {
      long from = (long) number * CHUNK_OCTETS;
      return octets.slice(from, Math.min(octets.size(), from + CHUNK_OCTETS)).bytes();
    }
  }
}
