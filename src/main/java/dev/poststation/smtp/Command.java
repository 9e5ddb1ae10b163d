package dev.poststation.smtp;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A command of a client, parsed (RFC 5321 4.1.1). What could not be parsed is `Invalid`, with the
/// reply to send.
public sealed interface Command {
  /// EHLO or HELO. `name` as the client said it: any printable ASCII, not yet fit for a header.
  record Hello(boolean extended, String name) implements Command {}

  /// MAIL FROM. `size` is -1 where none was declared; `priority` is 0 where none was. `requireTls`:
  /// it demands TLS on all of its way (RFC 8689). `deliverBy` is null where no time was said.
  /// `strayUsed`: it was only understood because a stray space was tolerated.
  record Mail(
      Address from,
      long size,
      BodyType body,
      boolean smtputf8,
      @Nullable DsnReturn ret,
      @Nullable String envid,
      @Nullable FutureRelease release,
      int priority,
      boolean requireTls,
      @Nullable DeliverBy deliverBy,
      boolean strayUsed)
      implements Command {
    /// One that is to be sent at once, and not before others.
    public Mail(
        Address from,
        long size,
        BodyType body,
        boolean smtputf8,
        @Nullable DsnReturn ret,
        @Nullable String envid,
        boolean strayUsed) {
      this(from, size, body, smtputf8, ret, envid, null, 0, false, null, strayUsed);
    }

    /// The same with another reverse-path.
    public Mail from(Address other) {
      return new Mail(
          other,
          size,
          body,
          smtputf8,
          ret,
          envid,
          release,
          priority,
          requireTls,
          deliverBy,
          strayUsed);
    }
  }

  /// RCPT TO. `notifyOn` is empty where none was given; `orcpt` as on the wire
  /// (`rfc822;user+40example.com`) or null.
  record Rcpt(Address to, Set<DsnNotify> notifyOn, @Nullable String orcpt) implements Command {
    public Rcpt {
      // Not Set.copyOf, whose order differs from run to run.
      notifyOn =
          notifyOn.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(notifyOn));
    }
  }

  /// DATA.
  record Data() implements Command {}

  /// BDAT (RFC 3030): `size` octets follow.
  record Bdat(long size, boolean last) implements Command {}

  /// RSET.
  record Rset() implements Command {}

  /// NOOP.
  record Noop() implements Command {}

  /// QUIT.
  record Quit() implements Command {}

  /// VRFY.
  record Vrfy(String argument) implements Command {}

  /// EXPN.
  record Expn(String argument) implements Command {}

  /// HELP.
  record Help() implements Command {}

  /// STARTTLS (RFC 3207).
  record StartTls() implements Command {}

  /// AUTH (RFC 4954). `initial` as on the wire, or null: none.
  record Auth(String mechanism, @Nullable String initial) implements Command {
    /// Without the secret.
    @Override
    public String toString() {
      return "Auth[mechanism=" + mechanism + "]";
    }
  }

  /// XCLIENT or XFORWARD, of Postfix: what a proxy says of the client behind it.
  ///
  /// @param xclient whether it is XCLIENT, by which is decided
  /// @param said what it says; an empty text where it does not know
  record Forwarded(boolean xclient, Map<Attribute, String> said) implements Command {}

  /// What may be said there.
  enum Attribute {
    /// The client's name in the DNS.
    NAME,
    /// Its address, `192.0.2.1` or `IPV6:2001:db8::1`.
    ADDR,
    /// Its port.
    PORT,
    /// `SMTP` or `ESMTP`.
    PROTO,
    /// What it said in EHLO.
    HELO,
    /// The name it logged in by.
    LOGIN,
    /// Where it connected to.
    DESTADDR,
    /// Where it connected to.
    DESTPORT,
    /// The mail's queue id there.
    IDENT,
    /// `LOCAL` or `REMOTE`.
    SOURCE
  }

  /// What XCLIENT may say.
  Set<Attribute> XCLIENT =
      Collections.unmodifiableSet(EnumSet.range(Attribute.NAME, Attribute.DESTPORT));

  /// What XFORWARD may say.
  Set<Attribute> XFORWARD =
      Collections.unmodifiableSet(
          EnumSet.of(
              Attribute.NAME,
              Attribute.ADDR,
              Attribute.PORT,
              Attribute.PROTO,
              Attribute.HELO,
              Attribute.IDENT,
              Attribute.SOURCE));

  /// A verb that we do not know.
  record Unknown(String verb) implements Command {}

  /// A known verb with a wrong argument: the reply says what is wrong. `outOfStep`: we cannot tell
  /// where the next command begins (BDAT of unknown size), so that the session must end after the
  /// reply.
  record Invalid(String verb, Reply reply, boolean outOfStep) implements Command {}

  /// The verbs, for messages.
  List<String> VERBS =
      List.of(
          "EHLO",
          "HELO",
          "MAIL",
          "RCPT",
          "DATA",
          "BDAT",
          "RSET",
          "NOOP",
          "QUIT",
          "VRFY",
          "EXPN",
          "HELP",
          "STARTTLS",
          "AUTH",
          "XCLIENT",
          "XFORWARD");

  /// Whether a client may say it for ever without sending a mail.
  default boolean carriesNothing() {
    return switch (this) {
      case Hello _, Rset _, Noop _, Help _, Vrfy _, Expn _, Auth _, StartTls _, Forwarded _ -> true;
      case Mail _, Rcpt _, Data _, Bdat _, Quit _, Unknown _, Invalid _ -> false;
    };
  }
}
