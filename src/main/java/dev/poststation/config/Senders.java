package dev.poststation.config;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which addresses a client may send as. Immutable.
///
/// @param any all of them
/// @param own those of the user that it authenticated as
/// @param patterns these, as in `routes`
public record Senders(boolean any, boolean own, List<String> patterns) {
  /// All of them.
  public static final Senders ANY = new Senders(true, false, List.of());

  public Senders {
    patterns = List.copyOf(patterns);
  }

  /// The first of the patterns that is a whole address, which any mail may have: in ASCII.
  public Optional<Address> firstAddress() {
    return patterns.stream()
        .filter(pattern -> pattern.indexOf('@') > 0)
        .flatMap(pattern -> AddressParser.parse(pattern).stream())
        .filter(address -> !address.isInternational())
        .findFirst();
  }

  static Senders of(List<String> words) {
    List<String> patterns = new ArrayList<>(words);
    boolean own = patterns.removeIf(word -> word.equals("own"));
    boolean any = patterns.removeIf(word -> word.equals("any"));
    return new Senders(any, own, patterns);
  }

  /// As it is written in the file.
  @Override
  public String toString() {
    if (any) {
      return "any";
    }
    List<String> all = new ArrayList<>();
    if (own) {
      all.add("own");
    }
    all.addAll(patterns);
    return String.join(", ", all);
  }
}
