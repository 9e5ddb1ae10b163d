package dev.poststation.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An entry of `clients` as it is written: for lists that are made by programs. Immutable.
///
/// @param networks at least one
/// @param comment may be empty
/// @param owner may be empty
/// @param expires the last day; may be empty
public record ClientEntry(
    String name, List<String> networks, String comment, String owner, String expires) {
  public ClientEntry {
    networks = List.copyOf(networks);
  }

  /// What the configuration would say against a network; empty: nothing.
  public static Optional<String> networkFlaw(String text) {
    return flaw(Kinds.NETWORK, "network", text);
  }

  /// What it would say against the name of an entry.
  public static Optional<String> nameFlaw(String text) {
    return flaw(Kinds.NAME, "name", text);
  }

  /// What it would say against a last day.
  public static Optional<String> expiresFlaw(String text) {
    return flaw(ClientKinds.DATE, "expires", text);
  }

  private static Optional<String> flaw(Kind<?> kind, String key, String text) {
    return switch (kind.read(text, Origin.DEFAULT)) {
      case Parsed.Good<?> _ -> Optional.empty();
      case Parsed.Bad<?>(String fault, String remedy) ->
          Optional.of(key + " " + Kind.quoted(text) + " " + fault + ": " + remedy);
    };
  }

  /// The network that is meant by an accepted text.
  public static Cidr network(String text) {
    return Kinds.NETWORK.standard(text);
  }

  /// A part of a configuration file that adds these entries behind those that are there.
  ///
  /// @param terms keys with values that each entry gets beside its own, as they stand in a file; or
  ///   empty
  public static String text(List<ClientEntry> entries, String terms) {
    var text = new StringBuilder("clients = ${?clients} [\n");
    entries.forEach(entry -> text.append("  ").append(entry.written(terms)).append('\n'));
    return text.append("]\n").toString();
  }

  /// One object, on one line.
  private String written(String terms) {
    List<String> parts = new ArrayList<>();
    parts.add("name = " + Kind.quoted(name));
    parts.add(
        "networks = [" + String.join(", ", networks.stream().map(Kind::quoted).toList()) + "]");
    add(parts, "comment", comment);
    add(parts, "owner", owner);
    add(parts, "expires", expires);
    if (!terms.isEmpty()) {
      parts.add(terms);
    }
    return "{ " + String.join(", ", parts) + " }";
  }

  private static void add(List<String> parts, String key, String value) {
    if (!value.isBlank()) { // On one line, whatever it was before.
      parts.add(key + " = " + Kind.quoted(value.replaceAll("\\p{Cntrl}+", " ").strip()));
    }
  }
}
