package dev.poststation.conditions;

import dev.poststation.config.DirectorySettings;
import dev.poststation.config.HeaderPattern;
import dev.poststation.config.RouteConditions;
import dev.poststation.config.Zones;
import dev.poststation.ldap.Directories;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Envelope;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sasl.UserNames;
import dev.poststation.smtp.Address;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Whether a mail is meant by the conditions of a rule; those that cost least are looked at first.
/// Immutable, safe for any thread.
public final class Matching {
  private final RouteConditions when;
  private final Zones zones;
  private final Directories directories;
  private final AddressPatterns from;
  private final AddressPatterns to;
  private final Set<String> clients;
  private final Set<String> listeners;
  private final Set<String> users;
  private final boolean anyUser;

  /// @param when what has to hold
  public Matching(RouteConditions when, Zones zones, Directories directories) {
    this.zones = zones;
    this.when = when;
    this.directories = directories;
    this.from = new AddressPatterns(when.from());
    this.to = new AddressPatterns(when.to());
    this.clients = new HashSet<>(when.client());
    this.listeners = new HashSet<>(when.listener());
    this.users = when.user().stream().map(UserNames::folded).collect(Collectors.toSet());
    this.anyUser = when.user().contains("*");
  }

  /// The senders that are meant.
  public AddressPatterns from() {
    return from;
  }

  /// The recipients that are meant.
  public AddressPatterns to() {
    return to;
  }

  /// The client rules that are meant; empty: any.
  public Set<String> clients() {
    return clients;
  }

  /// Names of fields whose text is needed.
  public Set<String> headerNames() {
    return when.header().stream().map(HeaderPattern::name).collect(Collectors.toSet());
  }

  /// Whether all of it holds that is known before the content of the mail.
  ///
  /// @param sender the patterns that the sender is meant by, as [AddressPatterns] has them
  /// @param recipient likewise
  public boolean envelope(MailFacts mail, List<String> sender, List<String> recipient) {
    var source = mail.source();
    return to.match(recipient)
        && from.match(sender)
        && (clients.isEmpty() || clients.contains(source.client()))
        && (listeners.isEmpty() || listeners.contains(source.listener()))
        && zone(source)
        && user(source.user());
  }

  private boolean zone(Envelope.Source source) {
    return when.zone().isEmpty()
        || when.zone().contains(zones.of(source.client(), source.listener()));
  }

  private boolean user(String name) {
    return when.user().isEmpty()
        || (!name.isEmpty() && (anyUser || users.contains(UserNames.folded(name))));
  }

  /// Whether the size is as it has to be; of one that is not known only any is.
  public boolean size(MailFacts mail) {
    return when.anySize()
        || (mail.sizeKnown()
            && mail.size() > when.largerThan()
            && mail.size() < when.smallerThan());
  }

  /// Whether more has to be looked at than the envelope and the size.
  public boolean isDeep() {
    return !when.header().isEmpty() || asksDirectory();
  }

  private boolean asksDirectory() {
    return when.sender() != null || when.recipient() != null;
  }

  /// Whether a directory says what it has to say.
  ///
  /// @param ask whether it may be asked; else only what is known of it counts
  /// @throws UndecidedException when it does not answer, or would have to be asked
  public boolean directory(MailFacts mail, Address recipient, boolean ask)
      throws UndecidedException {
    return said(when.sender(), mail.sender(), ask) && said(when.recipient(), recipient, ask);
  }

  private boolean said(DirectorySettings.@Nullable Query query, Address address, boolean ask)
      throws UndecidedException {
    if (query == null) {
      return true;
    }
    if (address.isNull() || address.domain().isEmpty()) {
      return false;
    }
    if (!ask) {
      return directories
          .hasAsKnown(query, address)
          .orElseThrow(() -> UndecidedException.open("directory " + query.directory().name()));
    }
    try {
      return directories.has(query, address);
    } catch (UnavailableException e) {
      throw new UndecidedException(String.valueOf(e.getMessage()));
    }
  }

  /// Whether the header has what it has to have; one that is not known has nothing.
  ///
  /// @param names of all fields that any rule asks for
  /// @throws UndecidedException when it cannot be read now
  public boolean header(MailFacts mail, Set<String> names) throws UndecidedException {
    if (when.header().isEmpty()) {
      return true;
    }
    if (!mail.headerKnown()) {
      return false;
    }
    var fields = mail.fields(names);
    for (var pattern : when.header()) {
      if (fields.values(pattern.name()).stream().anyMatch(pattern::matches)) {
        return true;
      }
    }
    return false;
  }

  /// What it hangs on of what is not known of the mail, for people; empty: nothing.
  public List<String> open(MailFacts mail) {
    List<String> open = new ArrayList<>(2);
    if (!when.anySize() && !mail.sizeKnown()) {
      open.add("it is " + when.size());
    }
    if (!when.header().isEmpty() && !mail.headerKnown()) {
      open.add(
          "its header has "
              + String.join(" or ", when.header().stream().map(HeaderPattern::toString).toList()));
    }
    return open;
  }
}
