package dev.poststation.mime;

import dev.poststation.message.Octets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A change of a mail: the octets from `start` to before `end` become others. Immutable.
public record Splice(long start, long end, Octets octets) {
  /// The same with octets in memory.
  public Splice(long start, long end, byte[] octets) {
    this(start, end, Octets.of(octets));
  }

  /// A whole with some changes; all other octets stay where they are.
  ///
  /// @param splices none within another; those at one place follow each other as they stand here
  public static Octets apply(Octets whole, List<Splice> splices) {
    List<Splice> ordered = new ArrayList<>(splices);
    ordered.sort(Comparator.comparingLong(Splice::start));
    List<Octets> pieces = new ArrayList<>(2 * ordered.size() + 1);
    long at = 0;
    for (Splice splice : ordered) {
      pieces.add(whole.slice(at, splice.start));
      pieces.add(splice.octets);
      at = splice.end;
    }
    pieces.add(whole.slice(at, whole.size()));
    return Octets.joined(pieces);
  }
}
