package dev.poststation.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An entry of `directories`: a directory (LDAP) that is asked about mail addresses. Immutable.
///
/// @param access how it is reached
/// @param base below which entry is looked
/// @param entry a filter that finds the entry of an address; `{address}` stands for it
/// @param remember how long an answer holds
public record DirectorySettings(
    String name, LdapAccess access, String base, String entry, Duration remember, Origin origin) {
  /// Stands in a filter for the address.
  public static final String ADDRESS = "{address}";

  /// A filter for addresses.
  static final Kind<String> FILTER =
      new Kind<>("LDAP filter", Kind.Form.QUOTED, (text, _) -> LdapKeys.filter(text, ADDRESS));

  /// How a directory is asked about an address: by an entry of `rewrite` or `routes`.
  ///
  /// @param filter finds the entry of the address
  /// @param attribute of it that is wanted; empty: none
  /// @param group that the entry has to be in; null: none
  public record Query(
      DirectorySettings directory, String filter, String attribute, @Nullable String group) {
    /// For people.
    public String words() {
      return group == null
          ? filter + " finds it in directory " + directory.name
          : "it is in " + group + " of directory " + directory.name;
    }
  }

  /// Whether it asks the same servers in the same way, wherever that is written.
  public boolean sameAs(DirectorySettings other) {
    return equals(
        new DirectorySettings(
            other.name, other.access, other.base, other.entry, other.remember, origin));
  }

  static DirectorySettings read(Section in) {
    List<LdapSettings.Server> servers = LdapKeys.servers(in);
    LdapSettings.Tls tls = LdapKeys.tls(in, servers, "the password of the relay goes");
    return new DirectorySettings(
        in.name(),
        new LdapAccess(
            servers,
            tls,
            LdapKeys.authorities(in),
            LdapKeys.binding(in).orElse(null),
            connections(in),
            timeout(in)),
        LdapKeys.base(in),
        entry(in),
        remember(in),
        in.origin());
  }

  /// The one that an entry asks, by its key `directory`; without that the only one that there is.
  ///
  /// @param needed whether the entry has a key that asks one
  static Optional<DirectorySettings> of(
      Section in, Map<String, DirectorySettings> all, boolean needed) {
    Optional<String> name =
        in.optional(
            "directory",
            Kinds.NAME,
            Standard.none("the only one of `directories`", "staff"),
            """
            Which of `directories` is asked.
            """);
    if (in.reading().documenting() || in.refused("directory")) {
      return Optional.empty();
    }
    if (name.isPresent() && !all.containsKey(name.get())) {
      String otherwise =
          all.isEmpty()
              ? "there are no directories"
              : "the directories are " + String.join(", ", all.keySet());
      in.error(
          "directory",
          in.path("directory") + ": there is no directory \"" + name.get() + "\"",
          Nearest.remedy(name.get(), all.keySet(), otherwise));
    } else if (name.isEmpty() && needed && all.size() != 1) {
      in.error(
          "directory",
          in.where() + " does not say which directory is asked",
          all.isEmpty()
              ? "write directories { NAME { url = \"ldaps://…\", base = \"…\" } } beside it"
              : "write directory = " + String.join(" or ", all.keySet()));
    } else if (needed) {
      return Optional.ofNullable(all.get(name.orElseGet(() -> all.keySet().iterator().next())));
    } else if (name.isPresent()) {
      in.error(
          "directory",
          in.where() + " asks the directory for nothing",
          "say what for, or remove directory");
    }
    return Optional.empty();
  }

  private static String entry(Section in) {
    return in.read(
        "entry",
        FILTER,
        "(|(mail={address})(proxyAddresses=smtp:{address}))",
        """
        How the entry of an address is found (RFC 4515), where `rewrite` or `routes` have no filter of
        their own. `{address}` stands for the address, made harmless.
        """);
  }

  private static int connections(Section in) {
    return in.read(
        "connections",
        Kinds.integer(1, 100),
        "4",
        """
        Connections to one server. When all are busy, a question waits for one, as long as `timeout`.
        """);
  }

  private static Duration timeout(Section in) {
    return in.read(
        "timeout",
        Kinds.duration("100 ms", "1 minute"),
        "5 s",
        """
        How long a server may take to be connected to, and for each answer. Then the next one is
        asked; when none answers, mail waits: at the client (451 4.3.0) where an address is to be
        rewritten, in the queue where it is to be routed.
        """);
  }

  private static Duration remember(Section in) {
    return in.read(
        "remember",
        Kinds.duration("0 s", "1 day"),
        "5 minutes",
        """
        How long an answer holds, also that there is no such address. The last 10,000 are kept.
        """);
  }
}
