package dev.poststation.config;

import dev.poststation.config.DirectorySettings.Query;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How an entry of `rewrite` asks a directory: what OLD becomes, and what NEW was. Immutable.
///
/// @param back null: that cannot be asked, or is not wanted
public record RewriteLookup(Query forth, @Nullable Query back) {
  /// The one attribute that a filter compares with the address.
  private static final Pattern COMPARED =
      Pattern.compile("\\(([A-Za-z][A-Za-z0-9-]*)=\\{address}\\)");

  /// Its values begin with the kind of address.
  private static final String PROXY_ADDRESSES = "proxyAddresses";

  /// Whether it is asked at all.
  static boolean isWanted(Section in) {
    return in.has("attribute") || in.has("filter");
  }

  static @Nullable RewriteLookup read(Section in, Map<String, DirectorySettings> directories) {
    Optional<String> attribute =
        in.optional(
            "attribute",
            LdapKeys.ATTRIBUTE,
            Standard.none("none; no directory is asked", "mail"),
            """
            For what `map` does not have, or in its place: the attribute, in a directory, that has the
            address that OLD becomes.
            Of several values the one with `SMTP:` counts, as in `proxyAddresses`. An address without
            entry or attribute stays; while the directory does not answer, mail is not taken.
            """);
    Optional<String> filter =
        in.optional(
            "filter",
            DirectorySettings.FILTER,
            Standard.none("`entry` of the directory", "(mailAlternateAddress={address})"),
            """
            How the entry of OLD is found in the directory.
            """);
    Optional<String> backAttribute =
        in.optional(
            "back-attribute",
            LdapKeys.ATTRIBUTE,
            Standard.none("the attribute that `filter` compares with OLD, if it is one", "mailbox"),
            """
            The attribute that has OLD, for `back-in`: what NEW becomes there.
            """);
    Optional<String> backFilter =
        in.optional(
            "back-filter",
            DirectorySettings.FILTER,
            Standard.none("`filter`, with `attribute` in the place of that", "(mail={address})"),
            """
            How the entry of NEW is found in the directory, for `back-in`.
            """);
    return DirectorySettings.of(in, directories, isWanted(in))
        .map(
            directory ->
                both(
                    new Query(
                        directory, filter.orElse(directory.entry()), attribute.orElse(""), null),
                    backAttribute,
                    backFilter))
        .orElse(null);
  }

  private static RewriteLookup both(
      Query forth, Optional<String> backAttribute, Optional<String> backFilter) {
    String compared = compared(forth.filter());
    String attribute = backAttribute.orElse(compared);
    if (attribute.isEmpty() || forth.attribute().isEmpty()) {
      return new RewriteLookup(forth, null);
    }
    String filter = backFilter.orElseGet(() -> turned(forth, compared));
    return new RewriteLookup(forth, new Query(forth.directory(), filter, attribute, null));
  }

  /// Empty: it compares none, or more than one.
  private static String compared(String filter) {
    Matcher found = COMPARED.matcher(filter);
    boolean one = filter.split(Pattern.quote(DirectorySettings.ADDRESS), -1).length == 2;
    return one && found.find() ? found.group(1) : "";
  }

  /// What else the filter asks for stays.
  private static String turned(Query forth, String compared) {
    boolean kind = forth.attribute().equalsIgnoreCase(PROXY_ADDRESSES);
    String comparison =
        "(" + forth.attribute() + "=" + (kind ? "SMTP:" : "") + DirectorySettings.ADDRESS + ")";
    return compared.isEmpty()
        ? comparison
        : COMPARED.matcher(forth.filter()).replaceFirst(Matcher.quoteReplacement(comparison));
  }

  /// @param lookup null: it asks none
  /// @param putsBack whether the entry has `back-in`
  static void check(Section in, @Nullable RewriteLookup lookup, boolean putsBack) {
    if (in.has("filter") && !in.has("attribute")) {
      in.error("filter", in.path("filter") + " finds nothing that is wanted", "write attribute");
    }
    for (String key : new String[] {"back-attribute", "back-filter"}) {
      if (in.has(key) && !(putsBack && in.has("attribute"))) {
        in.error(
            key,
            in.path(key) + " is never used",
            in.has("attribute") ? "write back-in = [recipient], or remove it" : "write attribute");
      }
    }
    if (in.has("attribute") && putsBack && lookup != null && lookup.back == null) {
      in.warning(
          "back-in",
          in.path("back-in")
              + " is of no effect for the directory: "
              + lookup.forth.filter()
              + " does not say which one attribute has the address that was",
          "write back-attribute");
    }
  }
}
