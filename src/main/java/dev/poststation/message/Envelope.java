package dev.poststation.message;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.ContentTraits;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.TlsWish;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// What the client said about the mail, and what we know of the client and saw in the content;
/// without the recipients.
///
/// @param arrived when MAIL was accepted
/// @param smtputf8 whether the client declared SMTPUTF8 (RFC 6531)
/// @param ret RET= (RFC 3461), or null
/// @param envid ENVID= as on the wire (xtext), or null
/// @param source who handed it to us
/// @param traits what was seen while the content came in
/// @param release when it is to be sent at the earliest; null: at once
/// @param priority before which other mail it goes: from [Priority#LOWEST] to [Priority#HIGHEST]
/// @param tls what is wished of TLS
/// @param deadline by when it is to be delivered; null: nothing is said
/// @param internalHop whether it only goes from one server of an Exchange organisation to another:
///   then it is left alone
public record Envelope(
    QueueId id,
    Instant arrived,
    Address sender,
    BodyType body,
    boolean smtputf8,
    @Nullable DsnReturn ret,
    @Nullable String envid,
    Source source,
    Traits traits,
    @Nullable Release release,
    int priority,
    TlsWish tls,
    @Nullable Deadline deadline,
    boolean internalHop) {
  public Envelope {
    Priority.check(priority);
  }

  /// One that is no internal hop of Exchange.
  public Envelope(
      QueueId id,
      Instant arrived,
      Address sender,
      BodyType body,
      boolean smtputf8,
      @Nullable DsnReturn ret,
      @Nullable String envid,
      Source source,
      Traits traits,
      @Nullable Release release,
      int priority,
      TlsWish tls,
      @Nullable Deadline deadline) {
    this(
        id, arrived, sender, body, smtputf8, ret, envid, source, traits, release, priority, tls,
        deadline, false);
  }

  /// One of normal priority that is to be sent at once, and of which nothing is wished about TLS.
  public Envelope(
      QueueId id,
      Instant arrived,
      Address sender,
      BodyType body,
      boolean smtputf8,
      @Nullable DsnReturn ret,
      @Nullable String envid,
      Source source,
      Traits traits) {
    this(
        id,
        arrived,
        sender,
        body,
        smtputf8,
        ret,
        envid,
        source,
        traits,
        null,
        Priority.NORMAL,
        TlsWish.NONE,
        null);
  }

  /// That of a mail of our own: its sender is the null one, so nobody answers to it.
  public static Envelope own(
      QueueId id,
      Instant arrived,
      Source source,
      Traits traits,
      boolean smtputf8,
      int priority,
      TlsWish tls) {
    var body =
        traits.bareNewlines()
            ? BodyType.BINARY_MIME
            : traits.eightBit() ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT;
    return new Envelope(
        id,
        arrived,
        Address.NULL,
        body,
        smtputf8,
        null,
        null,
        source,
        traits,
        null,
        priority,
        tls,
        null);
  }

  /// The same under another name.
  public Envelope named(QueueId other) {
    return with(other, arrived, sender, traits, release, deadline);
  }

  /// The same, as if it had come at another time.
  public Envelope arrivedAt(Instant when) {
    return with(id, when, sender, traits, release, deadline);
  }

  /// The same, to be sent at once, and by no time.
  public Envelope timeless() {
    return with(id, arrived, sender, traits, null, null);
  }

  /// The same with another sender, in content that is therefore another.
  public Envelope withSender(Address other, Traits seen) {
    return with(id, arrived, other, seen, release, deadline);
  }

  private Envelope with(
      QueueId name,
      Instant came,
      Address from,
      Traits seen,
      @Nullable Release earliest,
      @Nullable Deadline latest) {
    return new Envelope(
        name,
        came,
        from,
        body,
        smtputf8,
        ret,
        envid,
        source,
        seen,
        earliest,
        priority,
        tls,
        latest,
        internalHop);
  }

  /// When it goes back to its sender if it is not delivered (RFC 2852); null: no client said so.
  public @Nullable Instant returnsAt() {
    return deadline != null && deadline.returns() ? deadline.at() : null;
  }

  /// When its sender is told that it is not delivered yet (RFC 2852); null: no client said so, or
  /// the time was over when it came, and whoever had it before has told.
  public @Nullable Instant tellsAt() {
    return deadline != null && !deadline.returns() && deadline.at().isAfter(arrived)
        ? deadline.at()
        : null;
  }

  /// Whether it is bulk, by its priority.
  public Lane lane() {
    return Lane.of(Priority.isBulk(priority));
  }

  /// From when on it may be sent, and its age counts.
  public Instant begins() {
    return release == null ? arrived : release.at();
  }

  /// When the client wants it to be sent at the earliest (RFC 4865).
  ///
  /// @param request how it said so, as it stands in a notice: `for;3600`, or `until;` and a time
  public record Release(Instant at, String request) {
    /// For people.
    public String words() {
      return "not before " + at.truncatedTo(ChronoUnit.SECONDS) + ", as the client asked for";
    }
  }

  /// By when the client wants it to be delivered (RFC 2852).
  ///
  /// @param returns whether it goes back to its sender then; if not, its sender is told, and it is
  ///   tried on
  /// @param trace whether its sender is told of each host that it is handed on to
  public record Deadline(Instant at, boolean returns, boolean trace) {
    /// For people.
    public String words() {
      return "to be delivered by "
          + at.truncatedTo(ChronoUnit.SECONDS)
          + (returns ? ", or returned" : ", or its sender is told")
          + (trace ? "; its sender is told where it is handed on" : "");
    }
  }

  /// Who handed us the mail.
  ///
  /// @param client the name of the rule in `clients`; `-` for our own notices
  /// @param listener the name of the listener; `-` for our own notices
  /// @param address the client's IP address as text; empty for our own notices
  /// @param hello what it said in EHLO
  /// @param protocol the word for Received's `with`: ESMTP, ESMTPS, UTF8SMTP … (RFC 3848, 6531)
  /// @param user the name that it authenticated as; empty: it did not
  public record Source(
      String client, String listener, String address, String hello, String protocol, String user) {
    /// The relay itself.
    public static final Source SELF = new Source("-", "-", "", "", "local");

    /// The relay itself, with the report of a mail for a journal mailbox.
    public static final Source JOURNAL = new Source("-", "-", "", "", "journal");

    /// The relay itself, with the copy of a mail for a filter that learns from it.
    public static final Source MIRROR = new Source("-", "-", "", "", "mirror");

    /// Whether the mail is our own: a notice, a report, or a copy.
    public boolean isOurs() {
      return equals(SELF) || equals(JOURNAL) || equals(MIRROR);
    }

    /// Somebody who has not authenticated.
    public Source(String client, String listener, String address, String hello, String protocol) {
      this(client, listener, address, hello, protocol, "");
    }
  }

  /// What was seen in the content.
  ///
  /// @param size octets of the content as received, without our trace headers
  /// @param eightBit whether any octet is above 127
  /// @param dotLines whether any line begins with a dot
  /// @param longLines whether any line is longer than 998 octets
  /// @param bareNewlines whether CR or LF stands alone (only BINARYMIME may)
  /// @param endsWithNewline whether it ends with CRLF
  public record Traits(
      long size,
      boolean eightBit,
      boolean dotLines,
      boolean longLines,
      boolean bareNewlines,
      boolean endsWithNewline) {
    /// Those of content that is sent as it was seen.
    public static Traits of(ContentTraits seen) {
      return new Traits(
          seen.size(),
          seen.eightBit(),
          seen.dotLines(),
          seen.longLines(),
          seen.bareNewlines(),
          seen.endsWithNewline());
    }
  }
}
