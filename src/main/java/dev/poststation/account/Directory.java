package dev.poststation.account;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import dev.poststation.config.LdapSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sasl.UserNames;
import dev.poststation.smtp.AddressParser;
import dev.poststation.smtp.PeerText;
import dev.poststation.tls.ClientTls;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The people of a directory (LDAP, RFC 4511), asked of the first of its servers that answers. Safe
/// for any thread; takes as long as the servers.
final class Directory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Directory.class);

  /// So long a server that failed is only asked when all others have failed, too.
  private static final Duration ASIDE = Duration.ofSeconds(30);

  private static final int ADDRESSES_MAX = 1000;
  private static final String MEMBER_OF = "memberOf";
  private static final String UID = "uid";
  private static final String SMTP = "smtp:";
  private static final String NO_ATTRIBUTES = "1.1"; // RFC 4511 4.5.1.8

  private final Os os;
  private final LdapSettings settings;
  private final List<Place> places = new ArrayList<>();

  /// Somebody who may log in.
  ///
  /// @param dn of his entry
  /// @param name as we call him
  /// @param own his own addresses
  record Person(String dn, String name, List<String> own) {
    Person {
      own = List.copyOf(own);
    }
  }

  /// What is known of a name.
  ///
  /// @param person null: nobody who may log in
  /// @param flaw why not
  record Found(@Nullable Person person, String flaw) {}

  /// A server and how it is.
  private static final class Place {
    private final LdapSettings.Server address;
    private final DirectoryServer server;
    private volatile @Nullable Trouble trouble;

    private Place(LdapSettings.Server address, DirectoryServer server) {
      this.address = address;
      this.server = server;
    }
  }

  /// @param since when it began
  /// @param last when it was seen last
  private record Trouble(String text, Instant since, long last) {}

  /// What one server is asked.
  private interface Question<T> {
    T ask(DirectoryServer server) throws LDAPException;
  }

  /// Connects to nobody yet.
  Directory(Os os, LdapSettings settings, Resolver resolver) {
    this.os = os;
    this.settings = settings;
    var tls = ClientTls.trusting(settings.authorities(), os.disk());
    for (var address : settings.servers()) {
      var server = new DirectoryServer(address, settings, tls.sockets(), resolver, os.time());
      places.add(new Place(address, server));
    }
  }

  /// Who is meant by this name; nobody when there is none, more than one, or one who is not in the
  /// group.
  ///
  /// @throws UnavailableException when no server answers
  Optional<Person> find(String user) throws UnavailableException {
    return Optional.ofNullable(look(user).person);
  }

  /// The same, with the reason when it is nobody.
  Found look(String user) throws UnavailableException {
    if (UserNames.flaw(user).isPresent()) {
      return nobody(Accounts.WRONG); // Nobody here can be called so.
    }
    return ask(server -> look(server, user));
  }

  /// Whether it is his password. None is nobody's.
  ///
  /// @throws UnavailableException when no server answers
  boolean isPassword(Person person, String password) throws UnavailableException {
    return !password.isEmpty() && ask(server -> server.isPassword(person.dn(), password));
  }

  private static Found nobody(String flaw) {
    return new Found(null, flaw);
  }

  private Found look(DirectoryServer server, String user) throws LDAPException {
    var request = request(settings.base(), SearchScope.SUB, filter(settings.filter(), user));
    List<String> attributes = new ArrayList<>(settings.own());
    attributes.add(settings.name());
    if (settings.group() != null) {
      attributes.add(MEMBER_OF);
      attributes.add(UID);
    }
    request.setAttributes(attributes);
    List<? extends Entry> found;
    try {
      found = server.search(request).getSearchEntries();
    } catch (LDAPSearchException e) {
      if (!e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
        throw e;
      }
      return ambiguous(user); // Also where the server's own limit is one.
    }
    if (found.size() != 1) {
      return found.isEmpty() ? nobody(Accounts.WRONG) : ambiguous(user);
    }
    var entry = found.getFirst();
    var name = name(entry);
    if (name.isEmpty()) {
      return nobody("the entry has no " + settings.name() + " that can be a name of a user");
    }
    return isMember(server, entry)
        ? new Found(new Person(entry.getDN(), name.get(), own(entry)), "")
        : nobody("the user is not in users.ldap.group");
  }

  private static Found ambiguous(String user) {
    LOG.info("users.ldap.filter finds more than one entry for {}: he cannot log in", user);
    return nobody("users.ldap.filter finds more than one entry");
  }

  private SearchRequest request(String base, SearchScope scope, Filter filter) {
    int seconds = Math.toIntExact(Math.max(1, settings.timeout().toSeconds()));
    // Two are enough to see that it is not one.
    return new SearchRequest(base, scope, DereferencePolicy.NEVER, 2, seconds, false, filter);
  }

  /// The filter for a name, whatever is in it (RFC 4515 3).
  static Filter filter(String template, String user) {
    try {
      return Filter.create(template.replace(LdapSettings.USER, Filter.encodeValue(user)));
    } catch (LDAPException e) {
      throw new IllegalStateException(e); // The configuration was checked.
    }
  }

  private Optional<String> name(Entry entry) {
    var name = entry.getAttributeValue(settings.name());
    if (name == null || UserNames.flaw(name).isPresent()) {
      LOG.info("{} has no {} by which he can be called", entry.getDN(), settings.name());
      return Optional.empty();
    }
    return Optional.of(name);
  }

  private boolean isMember(DirectoryServer server, Entry entry) throws LDAPException {
    var group = settings.group();
    if (group == null) {
      return true;
    }
    for (String of : values(entry, MEMBER_OF)) {
      if (DN.isValidDN(of) && DN.equals(of, group)) {
        return true;
      }
    }
    List<Filter> any = new ArrayList<>();
    any.add(Filter.createEqualityFilter("member", entry.getDN()));
    any.add(Filter.createEqualityFilter("uniqueMember", entry.getDN()));
    values(entry, UID).forEach(uid -> any.add(Filter.createEqualityFilter("memberUid", uid)));
    var request = request(group, SearchScope.BASE, Filter.createORFilter(any));
    request.setAttributes(NO_ATTRIBUTES);
    return !server.search(request).getSearchEntries().isEmpty();
  }

  /// Whether two names are of one entry: servers of a directory may write them differently, in
  /// capitals and spaces (RFC 4514, RFC 4517 4.2.15).
  static boolean isSame(String one, String other) {
    try {
      return DN.equals(one, other);
    } catch (LDAPException _) {
      return one.equals(other);
    }
  }

  private static List<String> values(Entry entry, String attribute) {
    var values = entry.getAttributeValues(attribute);
    return values == null ? List.of() : List.of(values);
  }

  /// Only whole addresses: `@example.com` would be all of a domain.
  private List<String> own(Entry entry) {
    return settings.own().stream()
        .flatMap(attribute -> values(entry, attribute).stream())
        .map(
            value ->
                value.toLowerCase(Locale.ROOT).startsWith(SMTP)
                    ? value.substring(SMTP.length())
                    : value)
        .filter(value -> AddressParser.parse(value).isPresent())
        .distinct()
        .limit(ADDRESSES_MAX)
        .toList();
  }

  private <T> T ask(Question<T> question) throws UnavailableException {
    List<String> failures = new ArrayList<>();
    for (var place : inOrder()) {
      try {
        T answer = question.ask(place.server);
        if (place.trouble != null) {
          place.trouble = null;
          LOG.info("Server {} of users.ldap answers again", place.address);
        }
        return answer;
      } catch (LDAPException e) {
        String text = text(e);
        failures.add(place.address + ": " + text);
        note(place, text);
      }
    }
    throw new UnavailableException("the directory cannot be asked: " + String.join("; ", failures));
  }

  /// Those that answered, then those that did not lately.
  private List<Place> inOrder() {
    long now = os.time().nanos();
    List<Place> order = new ArrayList<>(places.size());
    List<Place> aside = new ArrayList<>();
    for (var place : places) {
      var trouble = place.trouble;
      boolean down = trouble != null && now - trouble.last < ASIDE.toNanos();
      (down ? aside : order).add(place);
    }
    order.addAll(aside);
    return order;
  }

  private void note(Place place, String text) {
    var before = place.trouble;
    var since = before == null ? os.time().now().truncatedTo(ChronoUnit.SECONDS) : before.since;
    if (before == null) {
      LOG.warn("Server {} of users.ldap cannot be asked: {}", place.address, text);
    }
    place.trouble = new Trouble(text, since, os.time().nanos());
  }

  /// In a few words: the library's own messages are long, and nest.
  private static String text(LDAPException e) {
    if (e.getResultCode().equals(ResultCode.AUTHORIZATION_DENIED)) {
      return String.valueOf(e.getMessage()); // Ours.
    }
    Throwable last = e;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    var said = e.getDiagnosticMessage();
    String more = "";
    if (!(last instanceof LDAPException)) {
      more = String.valueOf(last.getMessage()); // Of the network, or of TLS.
    } else if (e.getResultCode().isConnectionUsable() && said != null) {
      more = said; // Of the server.
    }
    String name = e.getResultCode().getName();
    return PeerText.of(more.isEmpty() ? name : name + " (" + more + ")");
  }

  /// What an administrator should know of the servers.
  List<String> concerns() {
    List<String> concerns = new ArrayList<>();
    boolean all = places.stream().allMatch(place -> place.trouble != null);
    for (var place : places) {
      var trouble = place.trouble;
      if (trouble != null) {
        concerns.add(
            "Server %s of users.ldap cannot be asked since %s: %s; %s"
                .formatted(
                    place.address,
                    trouble.since,
                    trouble.text,
                    all ? "nobody whom it knows can log in" : "another one is asked"));
      }
    }
    return concerns;
  }

  @Override
  public void close() {
    places.forEach(place -> place.server.close());
  }
}
