package dev.poststation.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import dev.poststation.config.LdapAccess;
import dev.poststation.config.LdapSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.PeerText;
import dev.poststation.tls.ClientTls;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The servers of a directory, of which the first one that answers is asked. Safe for any thread;
/// takes as long as they do.
public final class Servers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Servers.class);

  /// So long a server that failed is only asked when all others have failed, too.
  private static final Duration ASIDE = Duration.ofSeconds(30);

  private final String key;
  private final Os os;
  private final List<Place> places = new ArrayList<>();

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
  public interface Question<T> {
    /// Asks it.
    ///
    /// @throws LDAPException when it could not say
    T ask(DirectoryServer server) throws LDAPException;
  }

  /// Connects to nobody yet.
  ///
  /// @param key where they are configured: `users.ldap`
  public Servers(String key, Os os, LdapAccess access, Resolver resolver) {
    this.key = key;
    this.os = os;
    var tls = ClientTls.trusting(access.authorities(), os.disk());
    for (var address : access.servers()) {
      var server = new DirectoryServer(address, access, tls.sockets(), resolver, os.time());
      places.add(new Place(address, server));
    }
  }

  /// Asks the first one that answers.
  ///
  /// @throws UnavailableException when none does
  public <T> T ask(Question<T> question) throws UnavailableException {
    List<String> failures = new ArrayList<>();
    for (var place : inOrder()) {
      try {
        T answer = question.ask(place.server);
        if (place.trouble != null) {
          place.trouble = null;
          LOG.info("Server {} of {} answers again", place.address, key);
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
      LOG.warn("Server {} of {} cannot be asked: {}", place.address, key, text);
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

  /// What an administrator should know of them.
  ///
  /// @param without what it means that none of them answers
  public List<String> concerns(String without) {
    List<String> concerns = new ArrayList<>();
    boolean all = places.stream().allMatch(place -> place.trouble != null);
    for (var place : places) {
      var trouble = place.trouble;
      if (trouble != null) {
        concerns.add(
            "Server %s of %s cannot be asked since %s: %s; %s"
                .formatted(
                    place.address,
                    key,
                    trouble.since,
                    trouble.text,
                    all ? without : "another one is asked"));
      }
    }
    return concerns;
  }

  @Override
  public void close() {
    places.forEach(place -> place.server.close());
  }
}
