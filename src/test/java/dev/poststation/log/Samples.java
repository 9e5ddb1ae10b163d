package dev.poststation.log;

import dev.poststation.message.Hold;
import dev.poststation.message.QueueId;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Category;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/// One of each event, and more where an event has several faces: what the golden files show.
public final class Samples {
  static final Instant TIME = Instant.parse("2026-11-04T04:10:21.123Z");
  static final QueueId ID = QueueId.parse("06A1B2C3D4E5F").orElseThrow();
  static final QueueId NOTICE = QueueId.parse("06A1B2C3D4E6G").orElseThrow();
  static final QueueId OTHER = QueueId.parse("06A1B2C3D4E7H").orElseThrow();
  static final Address ANNA = new Address("anna", "example.com");
  static final Address BERT = new Address("bert", "example.net");
  static final Address CHRIS = new Address("chris", "example.org");
  static final String TLS = "TLSv1.3:TLS_AES_256_GCM_SHA384";

  private Samples() {}

  static InetSocketAddress peer(String address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(address), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  static Event.Queued queued() {
    return new Event.Queued(
        ID,
        "s17",
        TIME,
        "lan",
        "vlan20",
        "10.0.0.5",
        "printer.lan",
        "ESMTPS",
        TLS,
        null,
        ANNA,
        List.of(BERT, CHRIS),
        3412,
        "<20261104.1@printer.lan>",
        List.of("client lan (poststation.conf:3): 10.0.0.5 is in 10.0.0.0/8"));
  }

  static Event.Queued submitted() {
    return new Event.Queued(
        OTHER,
        "s19",
        TIME,
        "lan",
        "",
        "10.0.0.5",
        "phone.lan",
        "ESMTPSA",
        TLS,
        new Event.Login("anna", "SCRAM-SHA-256"),
        ANNA,
        CHRIS,
        List.of(BERT),
        812,
        "",
        "exchange",
        List.of("logged in as anna with SCRAM-SHA-256 (telephone)"));
  }

  static Event.Attempted sent() {
    return sentAfter(seconds(0.34));
  }

  static Event.Attempted sentAfter(Duration delay) {
    return new Event.Attempted(
        ID,
        TIME.plus(delay),
        BERT,
        1,
        "sent",
        "route 2 (poststation.conf:12)",
        "internet:mx1.example.net,mx2.example.net",
        "mx1.example.net[192.0.2.25]:25",
        delay,
        new Event.Delays(seconds(0.012), seconds(0), seconds(0.11), seconds(0.218)),
        new EnhancedStatus(2, 0, 0),
        TLS,
        "250 2.0.0 Ok: queued as 4XyZ12",
        "4XyZ12",
        null,
        List.of(
            "S: 220 mx1.example.net ESMTP",
            "C: EHLO relay.example.com",
            "S: 250-mx1.example.net",
            "S: 250 PIPELINING",
            "C: MAIL FROM:<anna@example.com>",
            "C: RCPT TO:<bert@example.net>",
            "C: DATA",
            "S: 250 2.1.0 Ok",
            "S: 250 2.1.5 Ok",
            "S: 354 Go ahead",
            "C: (3412 octets)",
            "S: 250 2.0.0 Ok: queued as 4XyZ12"));
  }

  static Event.Attempted deferred() {
    return new Event.Attempted(
        ID,
        TIME.plusSeconds(5),
        CHRIS,
        1,
        "deferred",
        "route 2 (poststation.conf:12)",
        "internet:mx.example.org",
        "none",
        seconds(5),
        new Event.Delays(seconds(0.012), seconds(0), seconds(4.988), seconds(0)),
        new EnhancedStatus(4, 4, 1),
        Category.NO_ANSWER,
        null,
        null,
        null,
        null,
        "connect to mx.example.org[198.51.100.7]:25: connection refused",
        null,
        TIME.plusSeconds(65),
        List.of());
  }

  static Event.Attempted bounced() {
    return new Event.Attempted(
        ID,
        TIME.plusSeconds(66),
        CHRIS,
        2,
        "bounced",
        "route 2 (poststation.conf:12)",
        "internet:mx.example.org",
        "mx.example.org[198.51.100.7]:25",
        seconds(66),
        new Event.Delays(seconds(0.012), seconds(64.5), seconds(1.2), seconds(0.288)),
        new EnhancedStatus(5, 1, 1),
        Category.INVALID_RECIPIENT,
        null,
        null,
        null,
        null,
        "550 5.1.1 <chris@example.org>: \"chris\" is not known here",
        null,
        null,
        List.of(
            "S: 220 mx.example.org ESMTP",
            "C: RCPT TO:<chris@example.org>",
            "S: 550 5.1.1 <chris@example.org>: \"chris\" is not known here"));
  }

  static Event.Attempted expired() {
    return new Event.Attempted(
        ID,
        TIME.plusSeconds(432_000),
        CHRIS,
        37,
        "expired",
        "route 2 (poststation.conf:12)",
        "internet:mx.example.org",
        "none",
        seconds(432_000),
        new Event.Delays(seconds(0.012), seconds(431_999.988), seconds(0), seconds(0)),
        new EnhancedStatus(4, 4, 7),
        Category.NO_ANSWER,
        null,
        null,
        null,
        null,
        "connect to mx.example.org[198.51.100.7]:25: connection refused",
        null,
        null,
        List.of());
  }

  static Event.Attempted passedOn() {
    return new Event.Attempted(
        ID,
        TIME.plusSeconds(1),
        CHRIS,
        0,
        "passed-on",
        "route 2 (poststation.conf:12)",
        "provider",
        "smtp.provider.example[192.0.2.99]:587",
        seconds(1),
        new Event.Delays(seconds(0.012), seconds(0), seconds(0.9), seconds(0)),
        new EnhancedStatus(4, 3, 2),
        Category.TRANSIENT,
        TLS,
        new Event.Login("account", "SCRAM-SHA-256"),
        "192.0.2.11",
        new Address("account", "provider.example"),
        "421 4.3.2 closed for maintenance",
        null,
        TIME.plusSeconds(1),
        List.of());
  }

  /// All of them.
  public static List<Event> all() {
    var printer = peer("10.0.0.5", 40112);
    var stranger = peer("203.0.113.9", 51000);
    return List.of(
        new Event.Connected("s17", "relay", "lan", printer, null),
        new Event.Checked("relay"),
        new Event.Secured("s17", printer, "TLSv1.3", "TLS_AES_256_GCM_SHA384", null, null),
        queued(),
        sent(),
        passedOn(),
        deferred(),
        bounced(),
        expired(),
        new Event.Noticed(ID, TIME.plusSeconds(66), "bounce", NOTICE, ANNA, "1 recipient failed"),
        new Event.Noticed(ID, TIME.plusSeconds(66), "delay", NOTICE, ANNA, "1 recipient waits"),
        new Event.Noticed(ID, TIME.plusSeconds(66), "relayed", NOTICE, ANNA, "1 recipient"),
        new Event.Noticed(
            ID, TIME.plusSeconds(66), "bounce", null, Address.NULL, "the sender is null"),
        new Event.Noticed(
            ID, TIME.plusSeconds(66), "mirror", null, BERT, "the copy is lost: 550 no"),
        new Event.Administered(ID, TIME.plusSeconds(70), "hold", "by root: looks odd"),
        new Event.Administered(ID, TIME.plusSeconds(71), "release", "by root"),
        Event.Administered.heldOnArrival(
            ID, TIME.plusSeconds(71), Hold.by("outbreak", "many recipients")),
        new Event.Administered(ID, TIME.plusSeconds(72), "retry", "by root"),
        new Event.Administered(ID, TIME.plusSeconds(73), "bounce", "by root"),
        new Event.Administered(ID, TIME.plusSeconds(74), "delete", "by root"),
        new Event.Quarantined(
            ID, TIME.plusSeconds(74), "keep", "rspamd", List.of(), null, "score 15 of 15"),
        new Event.Quarantined(
            ID, TIME.plusSeconds(74), "release", "anna", List.of(BERT), NOTICE, "asked by phone"),
        new Event.Quarantined(
            ID, TIME.plusSeconds(74), "delete", "anna", List.of(BERT, ANNA), null, ""),
        new Event.Removed(ID, TIME.plusSeconds(75)),
        new Event.Disconnected("s17", printer, "quit", "QUIT", 1, 2, 0, seconds(2.5)),
        new Event.Connected("s18", "relay", "", stranger, peer("10.0.0.1", 0).getAddress()),
        new Event.Secured("s18", stranger, null, null, null, "no cipher suites in common"),
        new Event.Secured(
            "s18",
            stranger,
            "TLSv1.3",
            "TLS_AES_256_GCM_SHA384",
            new Event.Shown("sha256:" + "0a".repeat(32), "CN=erp.example.com", true),
            null),
        new Event.Announced(
            "s18",
            "xclient",
            peer("10.0.0.2", 0).getAddress(),
            "IPV6:2001:db8::7",
            "40113",
            "client.example.net",
            "client.example.net",
            "ESMTP",
            "anna",
            "4XyZ12"),
        new Event.Authenticated(
            "s18", stranger, "PLAIN", "anna\nx=1", "", "wrong name or password"),
        new Event.Authenticated("s19", printer, "SCRAM-SHA-256", "anna", "telephone", null),
        submitted(),
        new Event.Rejected(
            "s18",
            stranger,
            "-",
            "RCPT",
            "[203.0.113.9]",
            new Address("spam", "example.com"),
            BERT,
            Reply.of(554, "5.7.1", "Relaying is not allowed for your address"),
            "no rule in clients matches 203.0.113.9"),
        new Event.Rejected(
            "s18",
            stranger,
            "lan",
            "END",
            "x",
            ANNA,
            null,
            Reply.of(550, "5.6.11", "Bare CR or LF"),
            "clients.lan.bare-newlines (poststation.conf:4)"),
        new Event.Rejected(
            "s19",
            stranger,
            "-",
            "CONNECT",
            "",
            null,
            null,
            Reply.of(421, "4.7.0", "Too many connections from your address"),
            "limits.sessions-per-client (default)"),
        new Event.Rejected(
            "s20",
            stranger,
            "lan",
            "MAIL",
            "x",
            new Address("mallory", "example.com"),
            null,
            Reply.of(553, "5.1.7", "Sender not acceptable"),
            "clients.lan.senders (poststation.conf:4)"),
        new Event.Disconnected("s18", stranger, "errors", "RCPT", 0, 0, 20, seconds(9)),
        new Event.Disconnected("s19", stranger, "closed", "EHLO", 0, 0, 0, seconds(1)),
        new Event.Disconnected("s20", stranger, "timeout", "DATA", 0, 0, 0, seconds(300)),
        new Event.Disconnected("s21", stranger, "early", "CONNECT", 0, 0, 1, seconds(0)),
        new Event.Deviated(
            "s22",
            printer,
            "printers",
            "10.0.0.5",
            "report",
            85,
            List.of(
                "it has always said \"HP LaserJet\" (X-Mailer), and now says \"Mozilla"
                    + " Thunderbird\"",
                "the TLS fingerprint is new (t13d1714h0_5b57614c22b0_3d5424432f57)")),
        new Event.Tolerated("s22", printer, "printers", "clear-text-password"),
        new Event.LoginsBlocked(stranger.getAddress(), null, 10, TIME.plusSeconds(900), false),
        new Event.LoginsBlocked(null, "anna", 100, TIME.plusSeconds(900), false),
        new Event.LoginsBlocked(printer.getAddress(), "anna", 10, TIME.plusSeconds(900), true),
        new Event.Outbreak(
            "user",
            "staff",
            "anna",
            "hold",
            null,
            "next hops refused 31 of 60 recipients (25 unknown, 6 by policy, 0 else)"),
        new Event.Outbreak(
            "client",
            "printers",
            "10.0.20.5",
            "throttle",
            TIME.plusSeconds(3600),
            "mail to 2310 recipients in this hour, where 40 are usual in the busiest hour of a"
                + " day"),
        new Event.Outbreak(
            "sender", "exchange", "anna@example.com", "lifted", null, "by an administrator"),
        new Event.Suppressed(
            "newsletter",
            "bert@example.net",
            "added",
            "invalid-recipient",
            TIME.plusSeconds(2_592_000),
            "host mx.example.net[192.0.2.25]:25 said: 550 5.1.1 User unknown (in reply to RCPT"
                + " TO)"),
        new Event.Suppressed(
            "*", "carl@example.net", "removed", null, null, "has asked for no mail"),
        new Event.TokenChanged(
            "m365",
            "scanner@example.com",
            TIME.minusSeconds(60),
            TIME.minusSeconds(3659),
            "the token server says invalid_client (AADSTS7000222: The provided client secret keys"
                + " are expired): the secret has expired"),
        new Event.TokenChanged("m365", "scanner@example.com", TIME.plusSeconds(3599), TIME, null),
        new Event.DestinationChanged(
            "internet:mx.example.org", TIME.plusSeconds(300), "connection refused"),
        new Event.DestinationChanged("internet:mx.example.org", null, "it answers again"),
        new Event.SourceChanged(
            InetAddress.ofLiteral("192.0.2.11"),
            "absent",
            "internet: 192.0.2.11 is no address of this machine"),
        new Event.SourceChanged(InetAddress.ofLiteral("192.0.2.11"), "present", null),
        new Event.TlsReported(
            "example.org",
            LocalDate.parse("2026-11-03"),
            "mailto:tls-reports@example.org",
            "queued",
            "as 1F2QK8HGRN4VX"),
        new Event.TlsReported(
            "example.net",
            LocalDate.parse("2026-11-03"),
            "https://reports.example.net/v1",
            "deferred",
            "it answers 503"),
        new Event.SourceChanged(
            InetAddress.ofLiteral("192.0.2.10"),
            "listed",
            "at example.net: host mx.example.net[198.51.100.1]:25 said: 554 5.7.1 Client host"
                + " [192.0.2.10] blocked using zen.example.org (in reply to RCPT TO); not used"
                + " before 2026-11-04T05:10:21Z"),
        new Event.HostChanged(
            "provider",
            "smtp1.example.net:587",
            TIME.plusSeconds(60),
            "connect to smtp1.example.net[192.0.2.1]:587: connection refused"),
        new Event.HostChanged("provider", "smtp1.example.net:587", null, "reached again"),
        new Event.Inspected(
            ID, "s17", TIME, "clamav", "unchanged", Duration.ofMillis(31), "clamd found nothing"),
        new Event.ServiceChanged("clamav", false, "127.0.0.1:3310: Connection refused"),
        new Event.ServiceChanged("clamav", true, "clamd at 127.0.0.1:3310 answers again"));
  }
}
