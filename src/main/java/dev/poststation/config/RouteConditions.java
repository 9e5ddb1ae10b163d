package dev.poststation.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What must hold of a mail, all of it, for an entry of `routes` to be meant. Immutable.
///
/// @param from sender patterns: `user@domain`; `@domain` or `domain`, without those below it;
///   `.domain`, only those below it, as in Postfix's transport table; `<>`; empty: any
/// @param to recipient patterns, likewise
/// @param client names of client rules; empty: any
/// @param listener names of listeners; empty: any
/// @param zone zones of listeners; empty: any
/// @param user names of users, `*` for all; empty: any, and who has not authenticated
/// @param header fields of which the mail must have one; empty: any
/// @param largerThan octets; -1: any
/// @param smallerThan octets; `Long.MAX_VALUE`: any
/// @param sender what a directory has to say of the sender; null: nothing
/// @param recipient what it has to say of the recipient; null: nothing
public record RouteConditions(
    List<String> from,
    List<String> to,
    List<String> client,
    List<String> listener,
    List<String> zone,
    List<String> user,
    List<HeaderPattern> header,
    long largerThan,
    long smallerThan,
    DirectorySettings.@Nullable Query sender,
    DirectorySettings.@Nullable Query recipient) {
  /// All mail.
  public static final RouteConditions NONE = of(List.of(), List.of(), List.of());

  /// Keys for which a directory is asked.
  private static final List<String> ASKING =
      List.of("from-group", "from-filter", "to-group", "to-filter");

  private static final long ANY_LARGE = -1;
  private static final long ANY_SMALL = Long.MAX_VALUE;

  public RouteConditions {
    from = List.copyOf(from);
    to = List.copyOf(to);
    client = List.copyOf(client);
    listener = List.copyOf(listener);
    zone = List.copyOf(zone);
    user = List.copyOf(user);
    header = List.copyOf(header);
  }

  /// Whether mail of this client may be meant.
  boolean isFor(String name) {
    return client.isEmpty() || client.contains(name);
  }

  /// Those that ask for nothing else.
  public static RouteConditions of(List<String> from, List<String> to, List<String> client) {
    return new RouteConditions(
        from, to, client, List.of(), List.of(), List.of(), List.of(), ANY_LARGE, ANY_SMALL, null,
        null);
  }

  /// What conditions may name.
  record Known(
      Set<String> clients,
      Set<String> listeners,
      Set<String> zones,
      Map<String, DirectorySettings> directories) {}

  static RouteConditions read(Section in, Known there) {
    List<String> from =
        list(
            in,
            "from",
            Kinds.PATTERN,
            Standard.emptyList("any sender", "@subsidiary.example", "<>"),
            """
            Sender addresses that the rule is for: `user@domain`; `@domain` or `domain`, which are
            the same; `.domain` for all domains below it, but not itself; `<>` for the null sender
            of notices. A domain may be an address literal: `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
            """);
    List<String> to =
        list(
            in,
            "to",
            Kinds.PATTERN,
            Standard.emptyList("any recipient", "example.com", ".example.com"),
            """
            Recipient addresses that the rule is for, written likewise.
            """);
    if (to.contains("<>")) {
      in.error("to", in.path("to") + ": <> is no recipient", "remove it");
    }
    List<String> client =
        list(
            in,
            "client",
            Kinds.NAME,
            Standard.emptyList("any client", "lan"),
            """
            Names of entries of `clients` that the rule is for.
            """);
    List<String> listener =
        list(
            in,
            "listener",
            Kinds.NAME,
            Standard.emptyList("any listener", "relay"),
            """
            Names of `listeners` to one of which the mail came. Notices of the relay itself came to
            none.
            """);
    List<String> zone =
        list(
            in,
            "zone",
            Kinds.NAME,
            Standard.emptyList("any, or none", "lan"),
            """
            Zones: the mail comes from one of them, by the `zone-label` that its entry of `clients`
            has now, else by the `zone` of the listener that it came to.
            """);
    List<String> user =
        list(
            in,
            "user",
            ClientKinds.USER,
            Standard.emptyList("any, or none", "anna"),
            """
            Users of whom the client authenticated as one; `*`: as anybody.
            """);
    List<HeaderPattern> header = header(in);
    long larger =
        in.optional(
                "larger-than",
                Kinds.size("1 kB", "2 GB"),
                Standard.none("any size", "5 MB"),
                """
                Only mail that is larger, as it goes to the next hop (`size` in the mail log).
                """)
            .orElse(ANY_LARGE);
    long smaller =
        in.optional(
                "smaller-than",
                Kinds.size("1 kB", "2 GB"),
                Standard.none("any size", "20 MB"),
                """
                Only mail that is smaller.
                """)
            .orElse(ANY_SMALL);
    if (larger >= smaller - 1 && !in.reading().documenting()) {
      in.error(
          "smaller-than",
          in.where() + " is for no mail: none is larger and smaller at once",
          "make smaller-than larger than larger-than");
    }
    Asked sender = asked(in, "from", "sender");
    Asked recipient = asked(in, "to", "recipient");
    var directory =
        DirectorySettings.of(in, there.directories(), ASKING.stream().anyMatch(in::has))
            .orElse(null);
    RouteRule.known(in, "client", client, there.clients());
    RouteRule.known(in, "listener", listener, there.listeners());
    RouteRule.known(in, "zone", zone, there.zones());
    return new RouteConditions(
        from,
        to,
        client,
        listener,
        zone,
        user,
        header,
        larger,
        smaller,
        sender.query(directory),
        recipient.query(directory));
  }

  /// What a directory is asked about an address.
  private record Asked(Optional<String> group, Optional<String> filter) {
    private boolean isSomething() {
      return group.isPresent() || filter.isPresent();
    }

    private DirectorySettings.@Nullable Query query(@Nullable DirectorySettings directory) {
      return directory == null || !isSomething()
          ? null
          : new DirectorySettings.Query(
              directory, filter.orElse(directory.entry()), "", group.orElse(null));
    }
  }

  /// @param side `from` or `to`
  private static Asked asked(Section in, String side, String who) {
    Optional<String> group =
        in.optional(
            side + "-group",
            LdapKeys.NAME,
            Standard.none("none", "cn=cloud,ou=groups,dc=example,dc=com"),
            """
            A group in a directory (LDAP) that the %s is in: by `memberOf` of its entry, or by `member`,
            `uniqueMember` or `memberUid` of the group. Groups within groups do not count.
            """
                .formatted(who));
    Optional<String> filter =
        in.optional(
            side + "-filter",
            DirectorySettings.FILTER,
            Standard.none(
                "`entry` of the directory, with a group; else none is asked",
                "(&(mail={address})(department=sales))"),
            """
            A filter that finds an entry of the %s in a directory. While that does not answer, mail
            waits.
            """
                .formatted(who));
    return new Asked(group, filter);
  }

  private static List<HeaderPattern> header(Section in) {
    return list(
        in,
        "header",
        HeaderPattern.KIND,
        Standard.emptyList("any", "List-Id", "X-Confidential: yes"),
        """
        Fields of the header of which the mail must have one: a name, or a name and all that stands
        in it, where `*` is anything: `"Subject: *[secret]*"`. Case does not matter,
        and encoded words (RFC 2047) count as what people read.
        """);
  }

  /// A condition that was emptied would match all mail, where it seems to match none.
  private static <T> List<T> list(
      Section in, String key, Kind<T> kind, Standard<List<T>> standard, String doc) {
    List<T> condition = in.list(key, kind, standard, doc);
    in.refuseEmpty(key, condition, "write what it is for, or remove it");
    return condition;
  }

  /// Whether every mail that `later` is for is meant by these too. Only what can be seen from the
  /// patterns as they are written.
  boolean cover(RouteConditions later) {
    return covers(from, later.from)
        && covers(to, later.to)
        && covers(client, later.client)
        && covers(listener, later.listener)
        && covers(zone, later.zone)
        && covers(user, later.user)
        && covers(header, later.header)
        && largerThan <= later.largerThan
        && smallerThan >= later.smallerThan
        && (sender == null || sender.equals(later.sender))
        && (recipient == null || recipient.equals(later.recipient));
  }

  private static <T> boolean covers(List<T> mine, List<T> others) {
    return mine.isEmpty() || (!others.isEmpty() && mine.containsAll(others));
  }

  /// Whether all mail is meant.
  public boolean isEmpty() {
    return NONE.cover(this) && cover(NONE);
  }

  /// Whether it does not matter how large the mail is.
  public boolean anySize() {
    return largerThan == ANY_LARGE && smallerThan == ANY_SMALL;
  }

  /// What is asked of the size, for people.
  public String size() {
    List<String> all = new ArrayList<>(2);
    if (largerThan != ANY_LARGE) {
      all.add("larger than " + Units.show(largerThan));
    }
    if (smallerThan != ANY_SMALL) {
      all.add("smaller than " + Units.show(smallerThan));
    }
    return String.join(" and ", all);
  }
}
