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
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sasl.UserNames;
import dev.poststation.smtp.AddressParser;
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

  private static final int ADDRESSES_MAX = 1000;
  private static final String SMTP = "smtp:";

  /// The name of nobody: random, and the same for all.
  private static final String NOBODY = "nobody-7b1f6c0e53d84a92";

  private final LdapSettings settings;
  private final Servers servers;

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

  /// Connects to nobody yet.
  Directory(Os os, LdapSettings settings, Resolver resolver) {
    this.settings = settings;
    this.servers = new Servers("users.ldap", os, settings.access(), resolver);
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
    return servers.ask(server -> look(server, user));
  }

  /// Whether it is his password. None is nobody's.
  ///
  /// @throws UnavailableException when no server answers
  boolean isPassword(Person person, String password) throws UnavailableException {
    return !password.isEmpty() && servers.ask(server -> server.isPassword(person.dn(), password));
  }

  /// Asks about nobody, so that who waits for the answer cannot tell by the time that there was
  /// nobody to ask about. Passwords that are tried with wrong names get to the directory all the
  /// same.
  ///
  /// @throws UnavailableException when no server answers
  void refuse(String password) throws UnavailableException {
    servers.ask(
        server -> {
          server.refuse(nobody(), password);
          return false;
        });
  }

  /// The name of an entry that does not exist.
  private String nobody() {
    return "cn=" + NOBODY + (settings.base().isEmpty() ? "" : "," + settings.base());
  }

  private static Found nobody(String flaw) {
    return new Found(null, flaw);
  }

  private Found look(DirectoryServer server, String user) throws LDAPException {
    var filter = Searches.filter(settings.filter(), LdapSettings.USER, user);
    var request = Searches.request(settings.base(), SearchScope.SUB, filter, settings.timeout());
    List<String> attributes = new ArrayList<>(settings.own());
    attributes.add(settings.name());
    if (settings.group() != null) {
      attributes.add(Searches.MEMBER_OF);
      attributes.add(Searches.UID);
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
      var _ = isMember(server, new Entry(nobody())); // So that it costs the same.
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
    boolean says = Searches.says(entry, group);
    try {
      // Also where the entry says so: the time shall not tell for whom it does.
      return Searches.lists(server, entry, group, settings.timeout()) || says;
    } catch (LDAPException e) {
      if (says) {
        return true; // The group may be hidden.
      }
      throw e;
    }
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
    return servers.concerns("nobody whom it knows can log in");
  }

  @Override
  public void close() {
    servers.close();
  }
}
