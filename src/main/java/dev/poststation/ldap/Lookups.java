package dev.poststation.ldap;

import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchScope;
import dev.poststation.config.DirectorySettings;
import dev.poststation.config.DirectorySettings.Query;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What one directory says of mail addresses. Answers are remembered for a while, those that were
/// asked for last; while no server answers, that is said at once to whoever asks within a few
/// seconds, so that nobody waits for each address. Safe for any thread.
final class Lookups implements AutoCloseable {
  /// So long nobody is asked again after none answered.
  private static final Duration QUIET = Duration.ofSeconds(5);

  /// As the schema has them (RFC 4523 2.1, RFC 2798 2.8), and as Active Directory does.
  private static final List<String> CERTIFICATES =
      List.of("userCertificate;binary", "userCertificate", "userSMIMECertificate");

  private static final int CERTIFICATE_MAX = 20_000;
  private static final int CERTIFICATES_MAX = 20;

  /// Of so many addresses at most, and not where they are more octets than that.
  private static final int CERTIFICATES_REMEMBERED = 1_000;

  private static final int OCTETS_REMEMBERED = 16_000;

  private final DirectorySettings settings;
  private final Os os;
  private final Servers servers;
  private final Recent<Answer> answers = new Recent<>();
  private final Recent<List<byte[]>> certificates = new Recent<>(CERTIFICATES_REMEMBERED);
  private volatile @Nullable Silence silence;

  /// What is said of an address.
  ///
  /// @param found whether there is such an entry, and it is in the group
  /// @param values of the attribute
  record Answer(boolean found, List<String> values) {
    private static final Answer NOBODY = new Answer(false, List.of());

    Answer {
      values = List.copyOf(values);
    }
  }

  /// No server answered.
  private record Silence(String text, long at) {}

  /// Connects to nobody yet.
  Lookups(DirectorySettings settings, Os os, Resolver resolver) {
    this.settings = settings;
    this.os = os;
    this.servers = new Servers(key(settings), os, settings.access(), resolver);
  }

  private static String key(DirectorySettings settings) {
    return "directories." + settings.name();
  }

  DirectorySettings settings() {
    return settings;
  }

  /// What was said lately; empty: it has to be asked.
  Optional<Answer> known(Query query, Address address) {
    var known = answers.get(name(query, address));
    return known != null && known.isYoung(settings.remember(), os.time().nanos())
        ? Optional.of(known.value())
        : Optional.empty();
  }

  /// What is said now, or was lately.
  ///
  /// @throws UnavailableException when no server answers, or more than one entry has the address
  Answer ask(Query query, Address address) throws UnavailableException {
    var known = known(query, address);
    if (known.isPresent()) {
      return known.get();
    }
    var found = asked(server -> look(server, query, address));
    if (found.isEmpty()) {
      throw new UnavailableException(
          key(settings) + " has more than one entry of " + address + ": " + query.filter());
    }
    answers.put(name(query, address), found.get(), os.time().nanos());
    return found.get();
  }

  /// The certificates of an address, of all entries that have it, in whatever form; as it was said
  /// lately.
  ///
  /// @throws UnavailableException when no server answers
  List<byte[]> certificates(Address address) throws UnavailableException {
    String name = address.toString().toLowerCase(Locale.ROOT);
    var known = certificates.get(name);
    if (known != null && known.isYoung(settings.remember(), os.time().nanos())) {
      return known.value();
    }
    var found = asked(server -> certificates(server, address));
    if (found.stream().mapToInt(each -> each.length).sum() <= OCTETS_REMEMBERED) {
      certificates.put(name, found, os.time().nanos());
    }
    return found;
  }

  private List<byte[]> certificates(DirectoryServer server, Address address) throws LDAPException {
    return search(server, settings.entry(), address, CERTIFICATES).entries.stream()
        .flatMap(entry -> entry.getAttributes().stream())
        .filter(each -> CERTIFICATES.stream().anyMatch(each.getBaseName()::equalsIgnoreCase))
        .flatMap(each -> Arrays.stream(each.getValueByteArrays()))
        .filter(each -> each.length <= CERTIFICATE_MAX)
        .limit(CERTIFICATES_MAX)
        .toList();
  }

  private <T> T asked(Servers.Question<T> question) throws UnavailableException {
    var quiet = silence;
    if (quiet != null && os.time().nanos() - quiet.at < QUIET.toNanos()) {
      throw new UnavailableException(quiet.text);
    }
    try {
      T found = servers.ask(question);
      silence = null;
      return found;
    } catch (UnavailableException e) {
      silence = new Silence(String.valueOf(e.getMessage()), os.time().nanos());
      throw e;
    }
  }

  private static String name(Query query, Address address) {
    String group = query.group() == null ? "" : query.group();
    return String.join(
        "\n",
        address.toString().toLowerCase(Locale.ROOT),
        query.filter(),
        query.attribute(),
        group);
  }

  /// @return empty: there is more than one entry
  private Optional<Answer> look(DirectoryServer server, Query query, Address address)
      throws LDAPException {
    List<String> attributes = new ArrayList<>(3);
    attributes.add(query.attribute().isEmpty() ? "1.1" : query.attribute()); // RFC 4511 4.5.1.8
    if (query.group() != null) {
      attributes.clear();
      attributes.add(Searches.MEMBER_OF);
      attributes.add(Searches.UID);
    }
    var said = search(server, query.filter(), address, attributes);
    var found = said.entries;
    if (said.more && found.size() < 2) {
      return Optional.empty(); // The server's own limit is one.
    }
    if (found.isEmpty()) {
      return Optional.of(Answer.NOBODY);
    }
    if (query.group() == null && query.attribute().isEmpty()) {
      return Optional.of(new Answer(true, List.of()));
    }
    if (found.size() > 1) {
      return Optional.empty();
    }
    var entry = found.getFirst();
    return Optional.of(
        query.group() == null
            ? new Answer(true, Searches.values(entry, query.attribute()))
            : new Answer(
                Searches.isMember(server, entry, query.group(), settings.access().timeout()),
                List.of()));
  }

  /// @param more whether there are more
  private record Entries(List<? extends Entry> entries, boolean more) {}

  private Entries search(
      DirectoryServer server, String template, Address address, List<String> attributes)
      throws LDAPException {
    var filter = Searches.filter(template, DirectorySettings.ADDRESS, address.toString());
    var timeout = settings.access().timeout();
    var request = Searches.request(settings.base(), SearchScope.SUB, filter, timeout);
    request.setAttributes(attributes);
    try {
      return new Entries(server.search(request).getSearchEntries(), false);
    } catch (LDAPSearchException e) {
      if (!e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
        throw e;
      }
      var some = e.getSearchEntries();
      return new Entries(some == null ? List.of() : some, true);
    }
  }

  /// What an administrator should know of it.
  List<String> concerns() {
    return servers.concerns("mail whose addresses it has to be asked about waits");
  }

  @Override
  public void close() {
    servers.close();
  }
}
