package dev.poststation.config;

import dev.poststation.smtp.AddressParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A line of an address map: `OLD NEW`. Immutable.
///
/// @param old an address, `@domain`, or `.domain` for all domains below it
/// @param fresh an address, or `@domain`: then the local part stays
public record AddressMapping(String old, String fresh, Origin origin) {
  /// What is wrong in a map, by line.
  ///
  /// @param message one sentence
  public record Flaw(Origin origin, String message, String remedy) {}

  /// A map that was read.
  public record Read(List<AddressMapping> mappings, List<Flaw> flaws) {
    public Read {
      mappings = List.copyOf(mappings);
      flaws = List.copyOf(flaws);
    }
  }

  private static final String FORM =
      "write OLD NEW: user@domain, @domain or .domain, and user@domain or @domain";

  /// Whether the local part stays.
  public boolean keepsLocal() {
    return fresh.startsWith("@");
  }

  /// The same in the other direction; empty where several addresses become one.
  public Optional<AddressMapping> reversed() {
    boolean whole = old.indexOf('@') > 0;
    if (old.startsWith(".") || (!whole && !keepsLocal())) {
      return Optional.empty();
    }
    String back = whole && keepsLocal() ? old.substring(0, old.lastIndexOf('@')) + fresh : fresh;
    return Optional.of(new AddressMapping(back, old, origin));
  }

  /// Reads a file: a mapping in each line, empty lines, and comments that begin with `#`.
  ///
  /// @param name what the file is called in messages
  public static Read file(String text, String name) {
    List<AddressMapping> mappings = new ArrayList<>();
    List<Flaw> flaws = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      String bare = line.strip();
      if (!bare.isEmpty() && !bare.startsWith("#")) {
        line(bare, new Origin(name, number), mappings, flaws);
      }
    }
    return new Read(mappings, flaws);
  }

  /// Reads one line.
  static void line(String line, Origin origin, List<AddressMapping> mappings, List<Flaw> flaws) {
    String[] words = line.split("[ \t]+", -1);
    if (words.length != 2) {
      flaws.add(new Flaw(origin, "\"" + line + "\" has " + words.length + " words, not two", FORM));
      return;
    }
    String old = words[0];
    String fresh = words[1];
    boolean domain = old.startsWith("@") || old.startsWith(".");
    if (domain ? !Names.isDomain(old.substring(1)) : AddressParser.parse(old).isEmpty()) {
      flaws.add(new Flaw(origin, "\"" + old + "\" is no address, @domain or .domain", FORM));
    } else if (fresh.startsWith("@")
        ? !Names.isDomain(fresh.substring(1)) || !isAscii(fresh)
        : AddressParser.parse(fresh).isEmpty() || !isAscii(fresh)) {
      flaws.add(new Flaw(origin, "\"" + fresh + "\" is no address or @domain in ASCII", FORM));
    } else {
      mappings.add(new AddressMapping(old, fresh, origin));
    }
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  /// By which two of the same kind are one.
  String key() {
    return old.toLowerCase(Locale.ROOT);
  }
}
