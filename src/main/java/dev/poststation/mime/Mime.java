package dev.poststation.mime;

import dev.poststation.config.MimeLimits;
import dev.poststation.message.Octets;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// A mail and its parts. To change a part, make a [Splice] of its place: all other octets stay as
/// they are. Immutable, safe for any thread.
///
/// @param octets all of the mail
/// @param root the part that is the mail; the places of all parts are those in `octets`
public record Mime(Octets octets, Part root) {
  /// Reads the structure of a mail; its octets pass by once.
  ///
  /// @param header the fields of its header
  /// @param gap the empty line behind them
  /// @throws TooComplexException when it has more than the limits allow
  /// @throws IOException when the spool cannot read it
  public static Mime of(byte[] header, byte[] gap, Octets body, MimeLimits limits)
      throws IOException, TooComplexException {
    var whole = Octets.joined(List.of(Octets.of(header), Octets.of(gap), body));
    return new Mime(whole, new Walk(whole, limits).run(header, (long) header.length + gap.length));
  }

  /// All parts, the mail itself first, in the order of their octets.
  public List<Part> parts() {
    return root.all().toList();
  }

  /// A part with its header, as RFC 8551 and RFC 3156 sign it.
  public Octets whole(Part part) {
    return octets.slice(part.start(), part.end());
  }

  /// The body of a part as it stands there.
  public Octets body(Part part) {
    return octets.slice(part.body(), part.end());
  }

  /// The body of a part without its transfer encoding; of one that nobody knows, as it stands there
  /// (RFC 2045 6.4).
  ///
  /// @throws IOException when the spool cannot read it
  public InputStream decoded(Part part) throws IOException {
    return Transfer.decode(body(part), part.encoding());
  }

  /// The same in memory, where its length is bounded.
  ///
  /// @throws IOException when the spool cannot read it
  public byte[] content(Part part) throws IOException {
    try (var in = decoded(part)) {
      return in.readAllBytes();
    }
  }
}
