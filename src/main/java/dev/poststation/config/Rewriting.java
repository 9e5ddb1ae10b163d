package dev.poststation.config;

import dev.poststation.os.FileFault;
import dev.poststation.smtp.AddressParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which addresses become others when a mail comes in: `rewrite`, `masquerade` and `subaddress`.
/// Immutable.
///
/// @param rules in the order of the file: the first that has an address decides
/// @param masquerade null: none
/// @param subaddress what divides a local part from its detail; empty: nothing does
/// @param srs which recipients are rewritten senders that are put back; null: none
public record Rewriting(
    List<Rule> rules,
    @Nullable Masquerade masquerade,
    String subaddress,
    @Nullable SrsSettings srs) {
  /// Nothing is changed.
  public static final Rewriting NONE = new Rewriting(List.of(), null, "", null);

  /// Begins an item of `map` that names a file.
  private static final String FILE = "file:";

  private static final Kind<String> MAP =
      new Kind<>("`file:PATH` or mapping", Kind.Form.QUOTED, (text, _) -> map(text));

  private static final Kind<String> DELIMITER =
      new Kind<>("delimiter", Kind.Form.QUOTED, (text, _) -> delimiter(text));

  private static final Kind<String> EXCEPTION =
      new Kind<>("local part or address pattern", Kind.Form.QUOTED, (text, _) -> exception(text));

  /// Where an address stands.
  public enum Place {
    /// MAIL FROM.
    SENDER,
    /// RCPT TO.
    RECIPIENT,
    /// From, Sender and Reply-To, their Resent- fields, and whoever gets receipts and errors.
    HEADER_SENDER,
    /// To, Cc and Bcc, and their Resent- fields.
    HEADER_RECIPIENT;

    /// As it is written.
    public String word() {
      return Kinds.word(this);
    }
  }

  /// An entry of `rewrite`.
  ///
  /// @param client names of entries of `clients`; empty: any
  /// @param files maps
  /// @param written mappings that stand in the entry itself; they come before those of files
  /// @param in where OLD becomes NEW
  /// @param backIn where NEW becomes OLD
  /// @param lookup whom it asks instead of a map; null: nobody
  public record Rule(
      List<String> client,
      List<Path> files,
      List<AddressMapping> written,
      Set<Place> in,
      Set<Place> backIn,
      @Nullable RewriteLookup lookup,
      Origin origin) {
    public Rule {
      client = List.copyOf(client);
      files = List.copyOf(files);
      written = List.copyOf(written);
      in = Set.copyOf(in);
      backIn = Set.copyOf(backIn);
    }
  }

  /// Hosts that vanish behind their domain.
  ///
  /// @param domains with dot or not: what is below one of them becomes that domain
  /// @param except local parts and address patterns that stay
  public record Masquerade(
      List<String> domains, List<String> except, Set<Place> in, Origin origin) {
    public Masquerade {
      domains = List.copyOf(domains);
      except = List.copyOf(except);
      in = Set.copyOf(in);
    }
  }

  public Rewriting {
    rules = List.copyOf(rules);
  }

  static Rewriting read(
      Section in,
      List<String> clients,
      @Nullable SrsSettings srs,
      Map<String, DirectorySettings> directories) {
    List<Rule> rules =
        in.entries(
            "rewrite",
            "",
            "none; every address stays",
            """
            Addresses that become others when a mail comes in, in the envelope and in the header. For
            each address the first entry decides whose map has it. Who may relay, and to whom, is
            decided by the addresses as they came; routes see the new ones. See
            docs/manual/rewriting.md.
            """,
            section -> rule(section, clients, directories));
    var masquerade =
        in.optionalSection(
            "masquerade",
            """
            Hosts that vanish behind their domain: `anna@pc7.example.com` becomes
            `anna@example.com`. Comes after `rewrite`, which it leaves alone.
            """,
            Rewriting::masquerade);
    Optional<String> subaddress =
        in.optional(
            "subaddress",
            DELIMITER,
            Standard.none("none; the local part is looked up as a whole", "+"),
            """
            What divides a local part from its detail (RFC 5233), as in `anna+news@example.com`. Maps
            that do not have the whole address are asked for the one without the detail, which goes
            on behind the new local part.
            """);
    return new Rewriting(rules, masquerade.orElse(null), subaddress.orElse(""), srs);
  }

  private static Rule rule(
      Section in, List<String> clients, Map<String, DirectorySettings> directories) {
    List<String> client =
        in.list(
            "client",
            Kinds.NAME,
            Standard.emptyList("any client", "lan"),
            """
            Names of entries of `clients` whose mail the entry is for. What they sent is put back
            (`back-in`) by whomever the answer comes, unless `in` is empty.
            """);
    known(in, client, clients);
    List<String> map =
        in.list(
            "map",
            MAP,
            Standard.emptyList("none; it must be written", "file:/etc/poststation/addresses.map"),
            """
            Which address becomes which: `file:PATH`, a file with `OLD NEW` in each line, or such
            lines themselves. OLD is an address, `@domain`, or `.domain` for all domains below it;
            the narrowest counts. NEW is an address, or `@domain`, where the local part stays. A file
            that changes is read anew; one that cannot be used any more is told, and what was read
            before goes on to hold.
            """);
    var lookup = RewriteLookup.read(in, directories);
    Set<Place> forth =
        places(
            in,
            "in",
            "`[sender, header-sender]`",
            """
            Where OLD becomes NEW: `sender` (MAIL FROM), `recipient` (RCPT TO), `header-sender` (From,
            Sender, Reply-To, and where receipts and errors go), `header-recipient` (To, Cc, Bcc);
            Resent- fields likewise.
            """,
            EnumSet.of(Place.SENDER, Place.HEADER_SENDER));
    Set<Place> back =
        places(
            in,
            "back-in",
            "none",
            """
            Where NEW becomes OLD. With `recipient`, answers and notices that come to the new address
            find the old one; also notices of this relay itself.
            """,
            Set.of());
    List<Path> files = new ArrayList<>();
    List<AddressMapping> written = new ArrayList<>();
    List<AddressMapping> all = new ArrayList<>();
    for (String each : map) {
      if (each.startsWith(FILE)) {
        Path file = in.reading().base().resolve(each.substring(FILE.length()));
        files.add(file);
        all.addAll(file(in, file));
      } else {
        AddressMapping.line(each, in.origin("map"), written, new ArrayList<>());
      }
    }
    all.addAll(0, written);
    check(in, map, forth, back, all);
    if (!in.reading().documenting()) {
      RewriteLookup.check(in, lookup, !back.isEmpty());
    }
    return new Rule(client, files, written, forth, back, lookup, in.origin());
  }

  private static Set<Place> places(
      Section in, String key, String words, String doc, Set<Place> otherwise) {
    List<String> shown = otherwise.stream().map(Place::word).sorted().toList();
    var standard =
        new Standard<>(
            List.copyOf(otherwise),
            shown,
            shown.isEmpty() ? words : "",
            shown.isEmpty() ? List.of("recipient") : shown);
    return Set.copyOf(in.list(key, Kinds.choice(Place.class), standard, doc));
  }

  private static void known(Section in, List<String> names, List<String> clients) {
    if (in.reading().documenting()) {
      return;
    }
    for (String name : names) {
      if (!clients.contains(name)) {
        in.error(
            "client",
            in.path("client") + ": there is no client \"" + name + "\"",
            Nearest.remedy(
                name, new TreeSet<>(clients), "the clients are " + String.join(", ", clients)));
      }
    }
  }

  private static List<AddressMapping> file(Section in, Path file) {
    if (in.reading().documenting()) {
      return List.of();
    }
    try {
      byte[] octets = in.reading().os().disk().read(file);
      var read = AddressMapping.file(new String(octets, StandardCharsets.UTF_8), file.toString());
      for (var flaw : read.flaws()) {
        in.reading().problems().error(flaw.origin(), flaw.message(), flaw.remedy());
      }
      return read.mappings();
    } catch (NoSuchFileException _) {
      in.error("map", "file " + file + " does not exist", "make it, with a line OLD NEW for each");
    } catch (IOException e) {
      in.error(
          "map",
          "file " + file + " cannot be read: " + FileFault.why(e),
          FileFault.remedy(e, "name another one"));
    }
    return List.of();
  }

  private static void check(
      Section in, List<String> map, Set<Place> forth, Set<Place> back, List<AddressMapping> all) {
    if (in.reading().documenting()) {
      return;
    }
    if (map.isEmpty() && !in.refused("map") && !in.has("attribute")) {
      in.error(
          "map",
          in.where() + " has no map",
          "write, for example, map = \"file:/etc/poststation/addresses.map\"");
    }
    for (Place place : back) {
      if (forth.contains(place)) {
        in.error(
            "back-in",
            in.path("back-in") + " and in both have " + place.word() + ": it would stay as it was",
            "remove it from one of them");
      }
    }
    Set<String> seen = new HashSet<>();
    Set<String> seenBack = new HashSet<>();
    for (AddressMapping each : all) {
      if (!seen.add(each.key())) {
        warning(in, each, "\"" + each.old() + "\" is there twice; the first one holds");
      }
      if (!back.isEmpty()) {
        var reversed = each.reversed();
        if (reversed.isEmpty()) {
          warning(in, each, "\"" + each.old() + "\" cannot be put back: many become one");
        } else if (!seenBack.add(reversed.get().key())) {
          warning(
              in,
              each,
              "\"" + reversed.get().old() + "\" is put back to the first that became it only");
        }
      }
    }
  }

  private static void warning(Section in, AddressMapping mapping, String message) {
    in.reading()
        .problems()
        .warning(mapping.origin(), message, "remove the line, or give it another address");
  }

  private static Masquerade masquerade(Section in) {
    List<String> domains =
        in.list(
            "domains",
            Kinds.HOSTNAME,
            Standard.emptyList("none; it must be written", "example.com"),
            """
            The domains that hosts below them vanish behind; the first one that an address is below
            counts, so a subdomain that shall stay one stands before its domain.
            """);
    if (domains.isEmpty() && !in.refused("domains") && !in.reading().documenting()) {
      in.error(
          "domains",
          in.where() + " has no domains",
          "write, for example, domains = [\"example.com\"]");
    }
    List<String> except =
        in.list(
            "except",
            EXCEPTION,
            Standard.emptyList("none", "root"),
            """
            Who stays: local parts, such as `root`, whose host matters; addresses, `@domain`, and
            `.domain` for all below it.
            """);
    Set<Place> places =
        places(
            in,
            "in",
            "",
            """
            Where: as `in` of `rewrite`. Recipients in the envelope stay, for a host may be meant.
            """,
            EnumSet.of(Place.SENDER, Place.HEADER_SENDER, Place.HEADER_RECIPIENT));
    return new Masquerade(domains, except, places, in.origin());
  }

  private static Parsed<String> map(String text) {
    if (text.startsWith(FILE) && text.length() > FILE.length()) {
      return Parsed.good(text);
    }
    List<AddressMapping.Flaw> flaws = new ArrayList<>();
    AddressMapping.line(text, Origin.DEFAULT, new ArrayList<>(), flaws);
    return flaws.isEmpty()
        ? Parsed.good(text)
        : Parsed.bad("is no mapping", "write \"OLD NEW\", or \"file:PATH\"");
  }

  private static Parsed<String> delimiter(String text) {
    return text.length() == 1 && "+-=_#~".contains(text)
        ? Parsed.good(text)
        : Parsed.bad("is no delimiter", "write one of + - = _ # ~");
  }

  private static Parsed<String> exception(String text) {
    return text.indexOf('@') < 0 && AddressParser.parse(text + "@x").isPresent()
        ? Parsed.good(text)
        : Names.pattern(text);
  }
}
