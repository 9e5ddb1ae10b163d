package dev.poststation.rewrite;

import dev.poststation.config.Origin;
import dev.poststation.config.Rewriting;
import dev.poststation.config.Rewriting.Place;
import dev.poststation.ldap.Directories;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Edit;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.HeaderFields;
import dev.poststation.os.Os;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.Address;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which addresses become others when a mail comes in. Safe for any thread; reads a file anew when
/// that has changed.
public final class Rewriter {
  /// In the place of the name of an entry of `clients`, for notices of our own.
  public static final String SELF = "-";

  private static final int DECISIONS_MAX = 20;

  private static final Map<String, Place> FIELDS =
      Map.ofEntries(
          Map.entry("from", Place.HEADER_SENDER),
          Map.entry("sender", Place.HEADER_SENDER),
          Map.entry("reply-to", Place.HEADER_SENDER),
          Map.entry("disposition-notification-to", Place.HEADER_SENDER), // RFC 8098 2.1
          Map.entry("return-receipt-to", Place.HEADER_SENDER),
          Map.entry("errors-to", Place.HEADER_SENDER),
          Map.entry("resent-from", Place.HEADER_SENDER),
          Map.entry("resent-sender", Place.HEADER_SENDER),
          Map.entry("resent-reply-to", Place.HEADER_SENDER),
          Map.entry("to", Place.HEADER_RECIPIENT),
          Map.entry("cc", Place.HEADER_RECIPIENT),
          Map.entry("bcc", Place.HEADER_RECIPIENT),
          Map.entry("resent-to", Place.HEADER_RECIPIENT),
          Map.entry("resent-cc", Place.HEADER_RECIPIENT),
          Map.entry("resent-bcc", Place.HEADER_RECIPIENT));

  private final List<Ready> rules = new ArrayList<>();
  private final String delimiter;
  private final Rewriting.@Nullable Masquerade masquerade;
  private final Set<String> exceptLocals = new HashSet<>();
  private final AddressPatterns except;
  private final Set<Place> inHeader = EnumSet.noneOf(Place.class);
  private final @Nullable Srs srs;
  private final Directories directories;

  /// An entry whose maps were read.
  private record Ready(
      int number, Rewriting.Rule rule, WatchedMap.Both written, List<WatchedMap> files) {
    /// What was sent by a client comes back to it by whoever sends the answer. An entry that
    /// changes nothing on the way out can only mean the clients by which answers come.
    private boolean isFor(String client, boolean forth) {
      return rule.client().isEmpty()
          || rule.client().contains(client)
          || (!forth && (client.equals(SELF) || !rule.in().isEmpty()));
    }

    private Optional<Address> get(Address address, boolean back, String delimiter) {
      var found = side(written, back).get(address, delimiter);
      for (int i = 0; found.isEmpty() && i < files.size(); i++) {
        found = side(files.get(i).now(), back).get(address, delimiter);
      }
      return found;
    }

    private static AddressMap side(WatchedMap.Both maps, boolean back) {
      return back ? maps.back() : maps.forth();
    }
  }

  /// An address that takes the place of another.
  ///
  /// @param reason with the line of the entry that says so, for the trace
  /// @param forwarded whether it stood for the sender of a mail that was forwarded (SRS)
  public record Change(Address to, String reason, boolean forwarded) {
    private Change(Address to, String reason) {
      this(to, reason, false);
    }
  }

  /// What of a header becomes other.
  ///
  /// @param edits by rising place
  /// @param reasons for the trace, each once
  /// @param unknown why it cannot be known now; empty: it is
  public record HeaderChange(List<Edit> edits, List<String> reasons, String unknown) {
    /// Nothing.
    public static final HeaderChange NONE = new HeaderChange(List.of(), List.of(), "");

    public HeaderChange {
      edits = List.copyOf(edits);
      reasons = List.copyOf(reasons);
    }
  }

  /// Reads the files.
  ///
  /// @param directories that its entries ask
  public Rewriter(Rewriting settings, Os os, Directories directories) {
    this.directories = directories;
    int number = 1;
    for (var rule : settings.rules()) {
      rules.add(
          new Ready(
              number++,
              rule,
              WatchedMap.Both.of(rule.written()),
              rule.files().stream().map(file -> new WatchedMap(os, file)).toList()));
    }
    var forwarding = settings.srs();
    this.srs = forwarding == null ? null : new Srs(forwarding, os.time());
    this.delimiter = settings.subaddress();
    this.masquerade = settings.masquerade();
    List<String> patterns = new ArrayList<>();
    if (masquerade != null) {
      for (String each : masquerade.except()) {
        if (each.indexOf('@') < 0 && !each.startsWith(".") && !each.equals("<>")) {
          exceptLocals.add(each.toLowerCase(Locale.ROOT));
        } else {
          patterns.add(each);
        }
      }
    }
    this.except = new AddressPatterns(patterns);
    for (var place : Set.copyOf(FIELDS.values())) {
      if (isIn(place)) {
        inHeader.add(place);
      }
    }
  }

  private boolean isIn(Place place) {
    return (masquerade != null && masquerade.in().contains(place))
        || rules.stream()
            .anyMatch(
                ready -> ready.rule.in().contains(place) || ready.rule.backIn().contains(place));
  }

  /// Whether headers are looked at.
  public boolean looksAtHeader() {
    return !inHeader.isEmpty();
  }

  /// What becomes of an address; empty: it stays. The null sender always does. Takes as long as a
  /// directory that is asked.
  ///
  /// @param client the name of the entry of `clients` that let the mail in
  /// @throws UnavailableException when a directory does not say
  public Optional<Change> change(Place place, String client, Address address)
      throws UnavailableException {
    return change(place, client, address, true);
  }

  /// What becomes of the recipient of a notice of our own. No directory is asked: the notice cannot
  /// wait for one.
  public Optional<Change> changeOfNotice(Address recipient) {
    try {
      return change(Place.RECIPIENT, SELF, recipient, false);
    } catch (UnavailableException e) {
      throw new IllegalStateException(e); // Nobody was asked.
    }
  }

  private Optional<Change> change(Place place, String client, Address address, boolean ask)
      throws UnavailableException {
    if (address.isNull() || address.domain().isEmpty()) {
      return Optional.empty();
    }
    if (place == Place.RECIPIENT
        && srs != null
        && srs.reverse(address) instanceof Srs.Finding.Original(var original)) {
      String reason = "srs: recipient " + address + " is put back to " + original;
      return Optional.of(new Change(original, reason, true));
    }
    for (var ready : rules) {
      boolean forth = ready.rule.in().contains(place);
      if ((forth || ready.rule.backIn().contains(place)) && ready.isFor(client, forth)) {
        var found = found(ready, address, !forth, ask);
        if (found.isPresent()) {
          String which = "rewrite " + ready.number;
          return changed(which, ready.rule.origin(), place, address, found.get());
        }
      }
    }
    return masqueraded(place, address);
  }

  private Optional<Address> found(Ready ready, Address address, boolean back, boolean ask)
      throws UnavailableException {
    var mapped = ready.get(address, back, delimiter);
    var lookup = ready.rule.lookup();
    if (lookup == null || mapped.isPresent() || !ask) {
      return mapped;
    }
    var query = back ? lookup.back() : lookup.forth();
    if (query == null) {
      return mapped;
    }
    var whole = directories.address(query, address);
    int at = delimiter.isEmpty() ? -1 : address.local().indexOf(delimiter);
    if (whole.isPresent() || at <= 0 || address.local().startsWith("\"")) {
      return whole;
    }
    var base = new Address(address.local().substring(0, at), address.domain());
    String detail = address.local().substring(at);
    return directories
        .address(query, base)
        .map(to -> new Address(to.local() + detail, to.domain()));
  }

  private static Optional<Change> changed(
      String which, Origin origin, Place place, Address old, Address fresh) {
    return fresh.equals(old)
        ? Optional.empty()
        : Optional.of(
            new Change(
                fresh,
                which + " (" + origin + "): " + place.word() + " " + old + " became " + fresh));
  }

  private Optional<Change> masqueraded(Place place, Address address) {
    if (masquerade == null
        || !masquerade.in().contains(place)
        || exceptLocals.contains(address.local().toLowerCase(Locale.ROOT))
        || (!except.isEmpty() && except.match(address))) {
      return Optional.empty();
    }
    String domain = address.domainKey();
    for (String behind : masquerade.domains()) {
      String name = behind.toLowerCase(Locale.ROOT);
      if (domain.equals(name)) {
        return Optional.empty();
      }
      if (domain.endsWith("." + name)) {
        var fresh = new Address(address.local(), behind);
        return changed("masquerade", masquerade.origin(), place, address, fresh);
      }
    }
    return Optional.empty();
  }

  /// What a recipient is that may be a rewritten sender.
  ///
  /// @param now the moment that is asked about
  public Srs.Finding forwarded(Address recipient, Instant now) {
    return srs == null ? new Srs.Finding.Other() : srs.reverse(recipient, now);
  }

  /// What of a header becomes other: addresses where they stand, and nothing around them. Of a
  /// field that cannot be understood only what stands in angle brackets can be told to be an
  /// address.
  ///
  /// @param header the octets of the header; what stands behind it is not looked at
  public HeaderChange header(String client, byte[] header) {
    if (inHeader.isEmpty()) {
      return HeaderChange.NONE;
    }
    List<Edit> edits = new ArrayList<>();
    Set<String> reasons = new LinkedHashSet<>();
    for (var field : HeaderFields.of(header, true).fields()) {
      var place = FIELDS.get(field.name());
      if (place == null || !inHeader.contains(place)) {
        continue;
      }
      String value = field.raw(header);
      var understood = HeaderAddresses.mailboxes(value);
      if (understood.isEmpty() && value.indexOf('@') >= 0) { // Else it has no address.
        reasons.add(
            "rewrite: "
                + field.name()
                + " cannot be understood: what stands in it outside of < > stays as it came");
      }
      for (var mailbox : understood.orElseGet(() -> HeaderAddresses.bracketed(value))) {
        try {
          change(place, client, mailbox.address())
              .ifPresent(
                  change -> {
                    int start = field.value() + mailbox.start();
                    int end = field.value() + mailbox.end();
                    edits.add(Edit.of(start, end, change.to()));
                    reasons.add(change.reason());
                  });
        } catch (UnavailableException e) {
          return new HeaderChange(List.of(), List.of(), String.valueOf(e.getMessage()));
        }
      }
    }
    return new HeaderChange(edits, reasons.stream().limit(DECISIONS_MAX).toList(), "");
  }
}
