package dev.poststation.delivery;

import dev.poststation.config.Account;
import dev.poststation.config.Auth;
import dev.poststation.config.Connector;
import dev.poststation.config.Egress;
import dev.poststation.config.HttpEndpoint;
import dev.poststation.config.Limits;
import dev.poststation.config.Line;
import dev.poststation.config.MimeLimits;
import dev.poststation.config.Origin;
import dev.poststation.config.OutbreakSettings;
import dev.poststation.config.Pool;
import dev.poststation.config.Secret;
import dev.poststation.config.SenderReplacement;
import dev.poststation.config.SrsSettings;
import dev.poststation.config.TlsTerms;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.sasl.Mechanism;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.TlsWish;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Mails, connectors and limits for tests.
final class Sample {
  static final Limits LIMITS =
      new Limits(
          1000,
          100,
          Duration.ofMinutes(1),
          100,
          50_000_000L,
          1000,
          1000,
          2048,
          262_144,
          50,
          20,
          3,
          50,
          1000,
          Duration.ofMinutes(5),
          Duration.ofMinutes(5),
          Duration.ofHours(1),
          Duration.ofHours(8),
          Duration.ofSeconds(30),
          512,
          50,
          1000,
          10_000,
          1000,
          1000,
          64_000_000L,
          Duration.ofSeconds(10),
          OutbreakSettings.STANDARD,
          MimeLimits.STANDARD);

  static final Connector.Timeouts TIMEOUTS =
      new Connector.Timeouts(
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(2),
          Duration.ofMinutes(3),
          Duration.ofMinutes(10),
          Duration.ofSeconds(5));

  static final String TRACE = "Received: by relay.example\r\n";

  private Sample() {}

  /// A connector whose parts can be changed.
  static final class Via {
    Connector.Type type = Connector.Type.SMARTHOST;
    Connector.Tls tls = Connector.Tls.OFF;

    /// Where `tls` is not enough.
    TlsTerms terms;

    Connector.AddressFamily prefer = Connector.AddressFamily.IPV6;
    Account account;
    Connector.Timeouts timeouts = TIMEOUTS;
    SenderReplacement replacing;
    SrsSettings forwarding;
    HttpEndpoint endpoint;
    int mails = 1000;
    int recipients = 100;
    Line line = Line.FREE;
    Egress egress = Egress.DIRECT;

    Connector connector() {
      return new Connector(
          "provider",
          type,
          List.of(),
          25,
          terms == null ? TlsTerms.of(tls, "tls of connector provider") : terms,
          List.of(),
          prefer,
          account == null ? null : Auth.of(account),
          null,
          egress,
          20,
          mails,
          recipients,
          Duration.ofSeconds(30),
          Pool.STANDARD,
          line,
          timeouts,
          replacing,
          forwarding,
          false,
          endpoint,
          new Origin("poststation.conf", 7));
    }
  }

  /// An account whose mechanism is the strongest, or this one.
  static Account account(String user, String password, Mechanism... fixed) {
    var mechanism = fixed.length == 0 ? null : fixed[0];
    var origin = new Origin("poststation.conf", 8);
    return new Account("provider", user, mechanism, secret(password), null, origin);
  }

  /// One that logs in with tokens.
  static Account withToken(String user, Mechanism mechanism) {
    var origin = new Origin("poststation.conf", 8);
    return new Account("provider", user, mechanism, null, null, origin);
  }

  static Secret secret(String value) {
    return new Secret() {
      @Override
      public String reveal() throws IOException {
        if (value == null) {
          throw new IOException("/etc/poststation/provider.secret does not exist");
        }
        return value;
      }

      @Override
      public boolean byCommand() {
        return false;
      }

      @Override
      public Origin origin() {
        return new Origin("poststation.conf", 9);
      }

      @Override
      public String toString() {
        return "***";
      }
    };
  }

  /// A mail whose parts can be changed.
  static final class Letter {
    Address from = new Address("alice", "example.com");
    List<Address> to = List.of(new Address("bob", "example.net"));
    BodyType body = BodyType.SEVEN_BIT;
    boolean smtputf8;
    DsnReturn ret;
    String envid;
    Set<DsnNotify> notifyOn = Set.of();
    String orcpt;
    int priority;
    TlsWish tls = TlsWish.NONE;
    Envelope.Deadline deadline;
    byte[] content = "Subject: hello\r\n\r\nHello Bob\r\n".getBytes(StandardCharsets.US_ASCII);
    int chunkSize = 1 << 20;
    String trace = TRACE;

    Letter to(String... addresses) {
      to = Arrays.stream(addresses).map(Sample::address).toList();
      return this;
    }

    Letter content(String text) {
      content = text.getBytes(StandardCharsets.UTF_8);
      return this;
    }

    Letter content(byte[] octets) {
      content = octets;
      return this;
    }

    Attempt.Order order() {
      List<Recipient> recipients = new ArrayList<>();
      List<RecipientState> states = new ArrayList<>();
      for (Address address : to) {
        recipients.add(new Recipient(recipients.size(), address, notifyOn, orcpt));
        states.add(RecipientState.fresh(Instant.EPOCH));
      }
      var envelope =
          new Envelope(
              new QueueId(1),
              Instant.EPOCH,
              from,
              body,
              smtputf8,
              ret,
              envid,
              Envelope.Source.SELF,
              traits(content),
              null,
              priority,
              tls,
              deadline);
      var chunks = Bytes.of(content, chunkSize);
      var mail =
          new Mail(
              envelope,
              trace.getBytes(StandardCharsets.UTF_8),
              chunks.chunks(),
              recipients,
              states);
      return new Attempt.Order(mail, chunks, recipients);
    }
  }

  static Address address(String text) {
    int at = text.lastIndexOf('@');
    return at < 0
        ? new Address(text, "")
        : new Address(text.substring(0, at), text.substring(at + 1));
  }

  static Envelope.Traits traits(byte[] content) {
    boolean eightBit = false;
    boolean dots = false;
    boolean longLines = false;
    boolean bare = false;
    boolean lineStart = true;
    int column = 0;
    for (int i = 0; i < content.length; i++) {
      byte b = content[i];
      eightBit |= b < 0;
      dots |= lineStart && b == '.';
      boolean crBefore = i > 0 && content[i - 1] == '\r';
      bare |= (b == '\n') != crBefore;
      lineStart = b == '\n' && crBefore;
      column = b == '\n' ? 0 : column + 1;
      longLines |= column > 998 && b != '\r';
    }
    bare |= content.length > 0 && content[content.length - 1] == '\r';
    return new Envelope.Traits(
        content.length, eightBit, dots, longLines, bare, lineStart && content.length > 0);
  }

  /// A content in memory.
  record Bytes(List<byte[]> pieces) implements Content {
    static Bytes of(byte[] content, int chunkSize) {
      List<byte[]> pieces = new ArrayList<>();
      for (int i = 0; i < content.length; i += chunkSize) {
        pieces.add(Arrays.copyOfRange(content, i, Math.min(content.length, i + chunkSize)));
      }
      return new Bytes(pieces);
    }

    @Override
    public int chunks() {
      return pieces.size();
    }

    @Override
    public byte[] chunk(int number) {
      return pieces.get(number);
    }
  }

  /// A content that the spool cannot read from its second chunk on.
  record Damaged(Content content) implements Content {
    @Override
    public int chunks() {
      return content.chunks();
    }

    @Override
    public byte[] chunk(int number) throws IOException {
      if (number > 0) {
        throw new IOException("bad block");
      }
      return content.chunk(number);
    }
  }
}
