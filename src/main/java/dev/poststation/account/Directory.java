package dev.poststation.account;

import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchScope;
import dev.poststation.config.LdapSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.ldap.DirectoryServer;
import dev.poststation.ldap.Searches;
import dev.poststation.ldap.Servers;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sasl.UserNames;
import dev.poststation.smtp.AddressParser;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The people of a directory (LDAP, RFC 4511), asked of the first of its servers that answers. Safe
/// for any thread; takes as long as the servers.
final class Directory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Directory.class);

  private static final int ADDRESSES_MAX = 1000;
  private static final String SMTP = "smtp:";

  /// The name of nobody: random, and the same for all.
  private static final String NOBODY = "nobody-7b1f6c0e53d84a92";

  private final LdapSettings settings;
  private final NameFilter filter;
  private final Servers servers;
  private final Time time;
  private volatile @Nullable Hidden hidden;

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
  /// @param unsure whether nobody can tell that he is in the group
  record Found(@Nullable Person person, String flaw, boolean unsure) {}

  /// Why the group cannot be looked at.
  private record Hidden(String text, Instant since) {}

  private enum Member {
    YES,
    NO,
    UNKNOWN
  }

  /// Connects to nobody yet.
  Directory(Os os, LdapSettings settings, Resolver resolver) {
    this.settings = settings;
    this.filter = new NameFilter(settings.filter());
    this.servers = new Servers("users.ldap", os, settings.access(), resolver);
    this.time = os.time();
  }

  /// Who is meant by this name; nobody when there is none, more than one, or one who is not in the
  /// group.
  ///
  /// @throws UnavailableException when no server answers, or the group cannot be looked at
  Optional<Person> find(String user) throws UnavailableException {
    var found = look(user);
    if (found.unsure) {
      throw unsure();
    }
    return Optional.ofNullable(found.person);
  }

  /// The same, with the reason when it is nobody. A name that nobody can have is asked for as
  /// others are.
  Found look(String user) throws UnavailableException {
    String asked = UserNames.flaw(user).isPresent() ? NOBODY : user;
    return servers.ask(server -> look(server, asked));
  }

  /// Nobody can tell whether somebody may log in. He may know it who knows the password.
  UnavailableException unsure() {
    var group = hidden;
    return new UnavailableException(
        "users.ldap.group cannot be looked at" + (group == null ? "" : ": " + group.text));
  }

  /// Whether it is his password. None is nobody's.
  ///
  /// @throws UnavailableException when no server answers
  boolean isPassword(Person person, String password) throws UnavailableException {
    return isPassword(person.dn(), password);
  }

  /// Tries a password with nobody, so that who waits for the answer cannot tell by it, nor by the
  /// time, that there was nobody to try it with. Passwords that are tried with wrong names get to
  /// the directory all the same.
  ///
  /// @throws UnavailableException when no server answers
  void refuse(String password) throws UnavailableException {
    var _ = isPassword(nobody(), password);
  }

  /// Asks all that a wrong password of somebody costs, about nobody.
  ///
  /// @throws UnavailableException when no server answers
  void askAboutNobody(String password) throws UnavailableException {
    var _ = look(NOBODY);
    refuse(password);
  }

  private boolean isPassword(String dn, String password) throws UnavailableException {
    return !password.isEmpty() && servers.ask(server -> server.isPassword(dn, password));
  }

  /// The name of an entry that does not exist.
  private String nobody() {
    return "cn=" + NOBODY + (settings.base().isEmpty() ? "" : "," + settings.base());
  }

  private static Found nobody(String flaw) {
    return new Found(null, flaw, false);
  }

  private Found look(DirectoryServer server, String user) throws LDAPException {
    var entries = entries(server, user);
    boolean one = entries.size() == 1 && filter.isCalled(entries.getFirst(), user);
    var entry = one ? entries.getFirst() : new Entry(nobody());
    var member = member(server, entry); // Also of nobody, so that it costs the same.
    if (!one) {
      return switch (entries.size()) {
        case 0 -> nobody(Accounts.WRONG);
        case 1 -> nobody(otherwise(entries.getFirst()));
        default -> ambiguous(user);
      };
    }
    var name = name(entry);
    if (name.isEmpty()) {
      return nobody("the entry has no " + settings.name() + " that can be a name of a user");
    }
    return member == Member.NO
        ? nobody("the user is not in users.ldap.group")
        : new Found(
            new Person(entry.getDN(), name.get(), own(entry)), "", member == Member.UNKNOWN);
  }

  /// Those that the filter finds; of many only two.
  private List<? extends Entry> entries(DirectoryServer server, String user) throws LDAPException {
    var request =
        Searches.request(settings.base(), SearchScope.SUB, filter.of(user), settings.timeout());
    Set<String> attributes = new LinkedHashSet<>(settings.own());
    attributes.addAll(filter.attributes());
    attributes.add(settings.name());
    if (settings.group() != null) {
      attributes.add(Searches.MEMBER_OF);
      attributes.add(Searches.UID);
    }
    request.setAttributes(List.copyOf(attributes));
    try {
      return server.search(request).getSearchEntries();
    } catch (LDAPSearchException e) {
      if (!e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
        throw e;
      }
      var one = new Entry(nobody());
      return List.of(one, one); // Also where the server's own limit is one.
    }
  }

  private static String otherwise(Entry found) {
    return "users.ldap.filter finds "
        + found.getDN()
        + ", who is not called so (or bind-dn may not read by which name it was found)";
  }

  private static Found ambiguous(String user) {
    LOG.info("users.ldap.filter finds more than one entry for {}: he cannot log in", user);
    return nobody("users.ldap.filter finds more than one entry");
  }

  private Optional<String> name(Entry entry) {
    var name = entry.getAttributeValue(settings.name());
    if (name == null || UserNames.flaw(name).isPresent()) {
      LOG.info("{} has no {} by which he can be called", entry.getDN(), settings.name());
      return Optional.empty();
    }
    return Optional.of(name);
  }

  /// Asked of everybody, also where the entry says so: neither the time nor what becomes of the
  /// question shall tell of whom it does. A group that may not be looked at decides nothing as long
  /// as nobody has said the right password.
  private Member member(DirectoryServer server, Entry entry) throws LDAPException {
    var group = settings.group();
    if (group == null) {
      return Member.YES;
    }
    boolean says = Searches.says(entry, group);
    try {
      boolean lists = Searches.lists(server, entry, group, settings.timeout());
      seen();
      return says || lists ? Member.YES : Member.NO;
    } catch (LDAPException e) {
      if (!e.getResultCode().isConnectionUsable()) {
        throw e; // It is the server that fails; another one may say.
      }
      hidden(e.getResultCode().getName());
      return says ? Member.YES : Member.UNKNOWN;
    }
  }

  private void seen() {
    if (hidden != null) {
      hidden = null;
      LOG.info("users.ldap.group can be looked at again");
    }
  }

  private void hidden(String why) {
    var before = hidden;
    if (before == null) {
      LOG.warn("users.ldap.group cannot be looked at: {}", why);
    }
    var since = before == null ? time.now().truncatedTo(ChronoUnit.SECONDS) : before.since;
    hidden = new Hidden(why, since);
  }

  /// Only whole addresses: `@example.com` would be all of a domain.
  private List<String> own(Entry entry) {
    return settings.own().stream()
        .flatMap(attribute -> Searches.values(entry, attribute).stream())
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

  /// What an administrator should know of the servers.
  List<String> concerns() {
    var concerns = new ArrayList<>(servers.concerns("nobody whom it knows can log in"));
    var group = hidden;
    if (group != null) {
      concerns.add(
          "users.ldap.group cannot be looked at since %s: %s; who is in it can log in only if his own entry says so (memberOf)"
              .formatted(group.since, group.text));
    }
    return concerns;
  }

  @Override
  public void close() {
    servers.close();
  }
}
