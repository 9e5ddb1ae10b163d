package dev.poststation.bounce;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.bounce.NoticeRequest.Told;
import dev.poststation.config.BounceSettings;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Outcome;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.os.Chance;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.TlsWish;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a test asks a notice for: a mail from Anna to Bert that was refused, unless it says
/// otherwise.
final class Asked {
  static final String HOSTNAME = "relay.example.com";
  static final Instant ARRIVED = Instant.parse("2026-11-24T04:10:21Z");
  static final Address ANNA = new Address("anna", "example.com");
  static final Address BERT = new Address("bert", "example.net");
  static final Outcome REFUSED =
      bounced("5.1.1", 550, "<bert@example.net>: Recipient address rejected: unknown user");

  private static final String TRACE =
      crlf(
          """
          Received: from printer.lan (printer.lan [10.0.0.5])
          \tby relay.example.com with ESMTP id 06A1B2C3D4E5F;
          \tTue, 24 Nov 2026 04:10:21 +0000
          """);
  private static final String MAIL =
      crlf(
          """
          From: Anna <anna@example.com>
          To: bert@example.net
          Subject: =?utf-8?Q?Angebot_f=C3=BCr?= das Dach
          Message-ID: <20261124.1@printer.lan>

          Hello Bert,
          .
          here it is.
          """);

  private Kind kind = Kind.FAILED;
  private Envelope.Release release;
  private Address sender = ANNA;
  private @Nullable DsnReturn ret;
  private TlsWish tls = TlsWish.NONE;
  private Envelope.@Nullable Deadline deadline;
  private @Nullable String envid;
  private boolean smtputf8;
  private byte[] content = bytes(MAIL);
  private boolean unreadable;
  private Instant when = ARRIVED.plusSeconds(3);
  private @Nullable Instant retryUntil;
  private BounceSettings settings = new BounceSettings(true, 100_000, 1000);
  private final List<Told> told = new ArrayList<>();
  private int more;

  static String crlf(String text) {
    return text.replace("\n", "\r\n");
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Outcome bounced(String status, int code, String text) {
    var reply = Reply.of(code, status, text);
    return new Outcome.Bounced(
        Outcome.Stage.RCPT, EnhancedStatus.parse(status).orElseThrow(), reply.toString(), reply);
  }

  static Outcome deferred(String status, String text) {
    return new Outcome.Deferred(
        Outcome.Stage.CONNECT, EnhancedStatus.parse(status).orElseThrow(), text, null);
  }

  static Outcome delivered(boolean dsn) {
    return new Outcome.Delivered(Reply.of(250, "2.0.0", "Ok: queued as 4XyZ12"), "4XyZ12", dsn);
  }

  Asked kind(Kind kind) {
    this.kind = kind;
    return this;
  }

  Asked sender(String local, String domain) {
    sender = new Address(local, domain);
    return this;
  }

  Asked ret(DsnReturn ret) {
    this.ret = ret;
    return this;
  }

  Asked deadline(Envelope.@Nullable Deadline deadline) {
    this.deadline = deadline;
    return this;
  }

  Asked tls(TlsWish tls) {
    this.tls = tls;
    return this;
  }

  Asked release(Envelope.Release release) {
    this.release = release;
    return this;
  }

  Asked envid(String envid) {
    this.envid = envid;
    return this;
  }

  Asked smtputf8() {
    smtputf8 = true;
    return this;
  }

  Asked content(byte[] content) {
    this.content = content;
    return this;
  }

  Asked content(String content) {
    return content(bytes(content));
  }

  Asked unreadable() {
    unreadable = true;
    return this;
  }

  Asked when(Instant when) {
    this.when = when;
    return this;
  }

  Asked retryUntil(Instant until) {
    retryUntil = until;
    return this;
  }

  Asked settings(boolean full, long sizeMax) {
    settings = new BounceSettings(full, sizeMax, 1000);
    return this;
  }

  /// Recipients of the mail that the notice is not about.
  Asked more(int more) {
    this.more = more;
    return this;
  }

  Asked about(Address to, Outcome outcome, String relay, @Nullable String orcpt) {
    told.add(new Told(new Recipient(told.size(), to, Set.of(), orcpt), outcome, relay));
    return this;
  }

  NoticeRequest request() {
    if (told.isEmpty()) {
      about(BERT, REFUSED, "mx1.example.net[192.0.2.25]:25", null);
    }
    var recipients = new ArrayList<Recipient>();
    told.forEach(one -> recipients.add(one.recipient()));
    for (int i = 0; i < more; i++) {
      recipients.add(
          new Recipient(recipients.size(), new Address("more" + i, "x.test"), Set.of(), null));
    }
    var states = recipients.stream().map(_ -> RecipientState.fresh(ARRIVED)).toList();
    var seen = new ContentScanner((_, _, _) -> {});
    try {
      seen.accept(content, 0, content.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var traits = seen.traits();
    var envelope =
        new Envelope(
            QueueId.parse("06A1B2C3D4E5F").orElseThrow(),
            ARRIVED,
            sender,
            BodyType.SEVEN_BIT,
            smtputf8,
            ret,
            envid,
            new Envelope.Source("lan", "relay", "10.0.0.5", "printer.lan", "ESMTP"),
            new Envelope.Traits(
                traits.size(),
                traits.eightBit(),
                traits.dotLines(),
                traits.longLines(),
                traits.bareNewlines(),
                traits.endsWithNewline()),
            release,
            Priority.NORMAL,
            tls,
            deadline);
    var mail = new Mail(envelope, bytes(TRACE), chunks(), recipients, states);
    return new NoticeRequest(
        QueueId.parse("06A1B2C3D4E6G").orElseThrow(),
        when,
        mail,
        new Pieces(),
        kind,
        told,
        retryUntil);
  }

  Composed compose() {
    return notices().compose(request(), when);
  }

  String text() {
    return new String(compose().content(), StandardCharsets.UTF_8);
  }

  Notices notices() {
    return new Notices(
        HOSTNAME,
        settings,
        new Chance() {
          @Override
          public int below(int bound) {
            return 0;
          }

          @Override
          public void fill(byte[] bytes) {
            Arrays.fill(bytes, (byte) 0x5a);
          }
        });
  }

  private int chunks() {
    return (content.length + Pieces.SIZE - 1) / Pieces.SIZE;
  }

  /// Small chunks, so that the end of the header falls between two.
  private final class Pieces implements Content {
    private static final int SIZE = 7;

    @Override
    public int chunks() {
      return Asked.this.chunks();
    }

    @Override
    public byte[] chunk(int number) throws IOException {
      if (unreadable && number > 2) {
        throw new IOException("bad block");
      }
      int from = number * SIZE;
      return Arrays.copyOfRange(content, from, Math.min(content.length, from + SIZE));
    }
  }
}
