package dev.poststation.log;

import dev.poststation.message.Hold;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Category;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something that happened to a session or a mail: one line of the mail log, one step of a metric,
/// and, where it has a queue id, one entry of the mail's trace. The record components are the
/// documented keys.
public sealed interface Event {
  /// A client connected.
  ///
  /// @param zone the listener's; empty: it has none
  /// @param balancer who announced the client's address; null: nobody
  record Connected(
      String session,
      String listener,
      String zone,
      InetSocketAddress client,
      @Nullable InetAddress balancer)
      implements Event {}

  /// A balancer came for itself, looked whether we are well, and went: it does so every few
  /// seconds, so that it is counted, and not a line of the log.
  record Checked(String listener) implements Event {}

  /// TLS was started by a client, or failed (`problem` is not null).
  ///
  /// @param certificate what the client showed of itself, or null
  record Secured(
      String session,
      InetSocketAddress client,
      @Nullable String protocol,
      @Nullable String cipher,
      @Nullable Shown certificate,
      @Nullable String problem)
      implements Event {}

  /// A client logged in, or tried to (`problem` is not null).
  ///
  /// @param user who it is, or claimed to be; empty when that is not known
  /// @param label which of the user's passwords it was, or empty
  record Authenticated(
      String session,
      InetSocketAddress client,
      String mechanism,
      String user,
      String label,
      @Nullable String problem)
      implements Event {}

  /// A client did what is refused to others, and an entry of `clients` makes an exception for it.
  ///
  /// @param entry its name
  /// @param what the word of the exception, such as `clear-text-password`
  record Tolerated(String session, InetSocketAddress client, String entry, String what)
      implements Event {}

  /// Who a client has shown itself to be, or we at a next hop.
  ///
  /// @param mechanism of SASL, such as `PLAIN`
  record Login(String user, String mechanism) {}

  /// A certificate of a client.
  ///
  /// @param fingerprint `sha256:` and hexadecimal digits
  /// @param subject its name, as whoever made it liked
  /// @param verified whether the authorities of the listener vouch for it
  record Shown(String fingerprint, String subject, boolean verified) {}

  /// A proxy said who the client behind it is. What it did not say, or does not know, is empty.
  ///
  /// @param how `xclient`, which decides, or `xforward`, for the mail that begins
  /// @param by the proxy
  /// @param address as it was said
  /// @param ident the mail's queue id at the proxy
  record Announced(
      String session,
      String how,
      InetAddress by,
      String address,
      String port,
      String name,
      String hello,
      String protocol,
      String user,
      String ident)
      implements Event {}

  /// A client went.
  ///
  /// @param how `quit`, `closed`, `timeout`, `errors`, `early`, `limit`, `shutdown`, or `broken`
  /// @param after the last thing it did: a verb, or `CONNECT` before any; `DATA` while content came
  ///   in
  record Disconnected(
      String session,
      InetSocketAddress client,
      String how,
      String after,
      int mails,
      int recipients,
      int errors,
      Duration lasted)
      implements Event {}

  /// We refused something: a connection, a command, a recipient, a mail.
  ///
  /// @param stage CONNECT, EHLO, MAIL, RCPT, DATA, END …
  /// @param client the name of the matching client rule, or `-`
  /// @param rule why: the name of the limit or the rule with its line
  record Rejected(
      String session,
      InetSocketAddress peer,
      String client,
      String stage,
      String hello,
      @Nullable Address from,
      @Nullable Address to,
      Reply reply,
      String rule)
      implements Event {}

  /// A mail is durable: the moment of the 250.
  ///
  /// @param session the session, or `-` for our own notices
  /// @param zone where it comes from; empty: nobody says
  /// @param login who the client has shown itself to be, or null
  /// @param replaced the sender that the client said, where the mail has another one; else null
  /// @param messageId the Message-ID, or empty
  /// @param hop of whose servers it is an internal hop, which is left alone; empty: of nobody's
  /// @param decisions why it was accepted: one line each, with rule and origin
  record Queued(
      QueueId id,
      String session,
      Instant when,
      String client,
      String zone,
      String address,
      String hello,
      String protocol,
      @Nullable String tls,
      @Nullable Login login,
      Address from,
      @Nullable Address replaced,
      List<Address> to,
      long size,
      String messageId,
      String hop,
      List<String> decisions)
      implements Event {
    public Queued {
      to = List.copyOf(to);
      decisions = List.copyOf(decisions);
    }

    /// One that is no internal hop and has the sender that the client said.
    public Queued(
        QueueId id,
        String session,
        Instant when,
        String client,
        String zone,
        String address,
        String hello,
        String protocol,
        @Nullable String tls,
        @Nullable Login login,
        Address from,
        List<Address> to,
        long size,
        String messageId,
        List<String> decisions) {
      this(
          id, session, when, client, zone, address, hello, protocol, tls, login, from, null, to,
          size, messageId, "", decisions);
    }

    /// One that no session brought: the relay itself has made the mail, or a copy of one.
    ///
    /// @param why it has
    public static Queued own(Mail mail, Instant when, String messageId, String why) {
      var envelope = mail.envelope();
      var source = envelope.source();
      return new Queued(
          mail.id(),
          "-",
          when,
          source.client(),
          "",
          source.address(),
          source.hello(),
          source.protocol(),
          null,
          null,
          envelope.sender(),
          mail.recipients().stream().map(Recipient::address).toList(),
          mail.size(),
          messageId,
          List.of(why));
    }
  }

  /// One attempt ended for one recipient.
  ///
  /// @param attempt its number for the recipient, from 1
  /// @param status `sent`, `deferred`, `bounced`, `expired`, `passed-on` to the next connector, or
  ///   `held` or `discarded` by a connector that does that
  /// @param route the rule that led there, with its line
  /// @param relay `host[address]:port`, or `none`
  /// @param delay since arrival
  /// @param delays before the queue manager / in the queue / connection / transfer, as Postfix has
  ///   them
  /// @param dsn the enhanced status
  /// @param category what kind of failure it was; null: it was none
  /// @param tls protocol and cipher, or null
  /// @param login as whom we are logged in there, or null
  /// @param source from which of our addresses, where the connector names them; else null
  /// @param sender who was the sender there, where the connector replaced it; else null
  /// @param text the reply, or what happened
  /// @param remoteId the next hop's queue id, or null
  /// @param next when it is tried again; null: not again
  /// @param dialogue what was said; not in the log, only in the trace
  record Attempted(
      QueueId id,
      Instant when,
      Address to,
      int attempt,
      String status,
      String route,
      String destination,
      String relay,
      Duration delay,
      Delays delays,
      EnhancedStatus dsn,
      @Nullable Category category,
      @Nullable String tls,
      @Nullable Login login,
      @Nullable String source,
      @Nullable Address sender,
      String text,
      @Nullable String remoteId,
      @Nullable Instant next,
      List<String> dialogue)
      implements Event {
    public Attempted {
      dialogue = List.copyOf(dialogue);
    }

    /// One without a login and a category, of the sender that the mail has.
    public Attempted(
        QueueId id,
        Instant when,
        Address to,
        int attempt,
        String status,
        String route,
        String destination,
        String relay,
        Duration delay,
        Delays delays,
        EnhancedStatus dsn,
        @Nullable String tls,
        String text,
        @Nullable String remoteId,
        @Nullable Instant next,
        List<String> dialogue) {
      this(
          id,
          when,
          to,
          attempt,
          status,
          route,
          destination,
          relay,
          delay,
          delays,
          dsn,
          null,
          tls,
          null,
          null,
          null,
          text,
          remoteId,
          next,
          dialogue);
    }
  }

  /// Where the time went.
  record Delays(Duration intake, Duration queue, Duration connection, Duration transfer) {}

  /// A notice was made (or not: `notice` is null, and `text` says why).
  ///
  /// @param kind `bounce`, `delay`, `success`, `relayed`, `expired`, `alternate`
  record Noticed(
      QueueId id, Instant when, String kind, @Nullable QueueId notice, Address to, String text)
      implements Event {}

  /// An administrator did something to a mail (`hold`, `release`, `retry`, `bounce`, `delete`); or
  /// a setting has it held or thrown away when it comes (`hold`, `discard`).
  ///
  /// @param by which setting; empty: an administrator
  record Administered(QueueId id, Instant when, String action, String by, String text)
      implements Event {
    /// What an administrator did.
    public Administered(QueueId id, Instant when, String action, String text) {
      this(id, when, action, "", text);
    }

    /// A hold that no person ordered.
    public static Administered heldOnArrival(QueueId id, Instant when, Hold hold) {
      return new Administered(id, when, "hold", hold.setting(), hold.order());
    }

    /// A service of `content` has the mail thrown away.
    public static Administered discarded(QueueId id, Instant when, String rule) {
      return new Administered(id, when, "discard", "content", rule);
    }
  }

  /// A mail came into the quarantine, or something was done about one that is there.
  ///
  /// @param action `keep`, `digest`, `release`, `delete`, `report` or `expire`
  /// @param by who: a service, a user of this machine, a recipient, or `quarantine.keep`
  /// @param to about which recipients that is; empty: all of those who wait
  /// @param copy under which name it goes on to these; null: under its own, or it does not
  record Quarantined(
      QueueId id,
      Instant when,
      String action,
      String by,
      List<Address> to,
      @Nullable QueueId copy,
      String text)
      implements Event {
    public Quarantined {
      to = List.copyOf(to);
    }
  }

  /// A service of `content` had a mail, before that was acknowledged.
  ///
  /// @param session by which it came
  /// @param service its name in the configuration
  /// @param result `unchanged`, `changed`, `held`, `quarantined`, `discarded`, `refused` or
  ///   `failed`
  /// @param took how long
  record Inspected(
      QueueId id,
      String session,
      Instant when,
      String service,
      String result,
      Duration took,
      String text)
      implements Event {}

  /// A mail is done and gone.
  record Removed(QueueId id, Instant when) implements Event {}

  /// A device was not itself, by its profile.
  ///
  /// @param client the name of its entry in `clients`
  /// @param who its address, or `user` and a name
  /// @param action what became of the mail: `report`, `hold` or `step-up`
  /// @param score from 40 to 100
  /// @param reasons in plain words
  record Deviated(
      String session,
      InetSocketAddress peer,
      String client,
      String who,
      String action,
      int score,
      List<String> reasons)
      implements Event {
    public Deviated {
      reasons = List.copyOf(reasons);
    }
  }

  /// Too many logins failed: whoever guesses is blocked for a while.
  ///
  /// @param address of the client that failed last; null: the user is blocked, for all addresses
  ///   where he is not at home
  /// @param user as the client said it; null: the address is blocked, for all users who are not at
  ///   home there; with both, only that user at that address, unless he has logged in there
  ///   meanwhile is
  /// @param down nobody could look at these passwords, since a directory is down: a right one may
  ///   have been among them
  record LoginsBlocked(
      @Nullable InetAddress address,
      @Nullable String user,
      int failures,
      Instant until,
      boolean down)
      implements Event {}

  /// A client, a user or a sender is not itself any more, or is again.
  ///
  /// @param kind `client`, `user` or `sender`
  /// @param client the entry of `clients` by which it came
  /// @param name the address of the client, the user, or the address of the sender
  /// @param action `report`, `throttle`, `hold`; `lifted`, or `over` by itself
  /// @param until when it is over by itself; null: when an administrator says so
  /// @param text what was noticed
  record Outbreak(
      String kind, String client, String name, String action, @Nullable Instant until, String text)
      implements Event {}

  /// A recipient comes on the suppression list, or leaves it before its time.
  ///
  /// @param client for the mail of which entry of `clients`; `*`: for all
  /// @param action `added`; `delivered`: it has taken a mail; `removed` by an administrator
  /// @param category that of the bounce; null: an administrator put it there
  /// @param until when it leaves it by itself; null: it does not, or has left it
  /// @param text what was said
  record Suppressed(
      String client,
      String address,
      String action,
      @Nullable String category,
      @Nullable Instant until,
      String text)
      implements Event {}

  /// An account at a next hop has no token of OAuth 2 any more, so that its mail waits, or has one
  /// again.
  ///
  /// @param user the account
  /// @param expires when the token expires, or did; null: there was none since the start
  /// @param lastSuccess when the token server gave one last; null: not since the start
  /// @param problem why there is none; null: there is one
  record TokenChanged(
      String connector,
      String user,
      @Nullable Instant expires,
      @Nullable Instant lastSuccess,
      @Nullable String problem)
      implements Event {}

  /// A destination was set aside after failures, or is back.
  ///
  /// @param until when it is tried again; null: it is back
  record DestinationChanged(String destination, @Nullable Instant until, String text)
      implements Event {}

  /// An address of ours, from which connectors send, cannot be used as it was any more, or can
  /// again.
  ///
  /// @param address of `source`; where it is listed, the one that the world sees
  /// @param state `absent` or `present`; `listed` or `returned`
  /// @param text why; null: nothing is wrong any more
  record SourceChanged(InetAddress address, String state, @Nullable String text) implements Event {}

  /// A report about TLS was sent to the domain that it is about, or was not (RFC 8460).
  ///
  /// @param day that it is about (UTC)
  /// @param to where: `mailto:` and mailboxes, or a place of HTTPS; `?`: that is not known now
  /// @param status `queued` as a mail of ours, `sent` over HTTPS, `deferred` to be tried again, or
  ///   `failed` for good
  /// @param text as which mail, or what went wrong; null: nothing is to be said
  record TlsReported(String domain, LocalDate day, String to, String status, @Nullable String text)
      implements Event {}

  /// A service of `content` does not answer any more, or does again.
  ///
  /// @param service its name in the configuration
  /// @param up whether it is back
  record ServiceChanged(String service, boolean up, String text) implements Event {}

  /// A host of a destination failed too often and comes last from now on, or is back.
  ///
  /// @param host with its port
  /// @param probe when it is probed; null: it is back
  record HostChanged(String destination, String host, @Nullable Instant probe, String text)
      implements Event {}
}
