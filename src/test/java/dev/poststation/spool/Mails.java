package dev.poststation.spool;

import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.TlsWish;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Mail for the tests of the spool.
final class Mails {
  static final Instant ARRIVED = Instant.parse("2026-11-24T10:00:00.123456789Z");
  private static final byte[] TRACE =
      "Received: from client.example.com\r\n by relay.example.com; Tue, 24 Nov 2026 10:00:00 +0000\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private Mails() {}

  static Mail of(QueueId id, long size, int chunks, int recipients) {
    return of(id, size, chunks, recipients, Priority.NORMAL);
  }

  static Mail of(QueueId id, long size, int chunks, int recipients, int priority) {
    var source = new Envelope.Source("lan", "relay", "192.0.2.1", "client.example.com", "ESMTP");
    var traits = new Envelope.Traits(size, false, false, false, false, true);
    var envelope =
        new Envelope(
            id,
            ARRIVED,
            new Address("sender", "example.com"),
            BodyType.SEVEN_BIT,
            false,
            null,
            null,
            source,
            traits,
            null,
            priority,
            TlsWish.NONE,
            null);
    var all = new ArrayList<Recipient>();
    var states = new ArrayList<RecipientState>();
    for (int i = 0; i < recipients; i++) {
      all.add(recipient(i));
      states.add(RecipientState.fresh(ARRIVED));
    }
    return new Mail(envelope, TRACE, chunks, all, states);
  }

  private static Recipient recipient(int number) {
    var address = new Address("recipient" + number, "example.org");
    return new Recipient(number, address, java.util.Set.of(), null);
  }

  /// Puts two mails into the spool at once.
  static List<Mail> commitTogether(
      Spool spool, List<QueueId> ids, List<byte[]> contents, List<Placement> places)
      throws SpoolException {
    try (var first = spool.draft(ids.getFirst());
        var second = spool.draft(ids.getLast())) {
      first.write(contents.getFirst(), 0, contents.getFirst().length);
      second.write(contents.getLast(), 0, contents.getLast().length);
      var mails =
          List.of(
              of(ids.getFirst(), first.size(), first.chunks(), 1),
              of(ids.getLast(), second.size(), second.chunks(), 2));
      spool.commit(
          List.of(
              new Draft.Ready(first, mails.getFirst(), places.getFirst(), List.of()),
              new Draft.Ready(second, mails.getLast(), places.getLast(), List.of())));
      return mails;
    }
  }

  /// Puts a mail with this content into the spool.
  static Mail commit(Spool spool, byte[] content, int recipients) throws SpoolException {
    return commit(spool, spool.nextId(), content, recipients);
  }

  static Mail commit(Spool spool, QueueId id, byte[] content, int recipients)
      throws SpoolException {
    try (var draft = spool.draft(id)) {
      for (int at = 0; at < content.length; at += 4000) {
        draft.write(content, at, Math.min(4000, content.length - at));
      }
      var mail = of(id, draft.size(), draft.chunks(), recipients);
      draft.commit(mail, List.of(bytes("queued " + id)));
      return mail;
    }
  }

  /// Puts a mail of one octet and this priority into the spool.
  static Mail commit(Spool spool, int priority) throws SpoolException {
    QueueId id = spool.nextId();
    try (var draft = spool.draft(id)) {
      draft.write(bytes("x"), 0, 1);
      var mail = of(id, 1, 1, 1, priority);
      draft.commit(mail, List.of());
      return mail;
    }
  }

  static Settlement removal(Mail mail, Placement from) {
    return new Settlement(mail, from, null, List.of(), List.of(), List.of(bytes("removed")));
  }

  static Settlement move(Mail mail, Placement from, Placement to, Settlement.Change... changes) {
    return new Settlement(mail, from, to, List.of(changes), List.of(), List.of());
  }

  static Settlement.Change delivered(int recipient) {
    return new Settlement.Change(
        recipient,
        new RecipientState(
            RecipientState.Phase.DELIVERED, 1, ARRIVED, false, "provider", "250 2.0.0 ok"));
  }

  static Settlement.Change waiting(int recipient, Instant due) {
    return new Settlement.Change(
        recipient,
        new RecipientState(
            RecipientState.Phase.WAITING, 1, due, false, "provider", "451 4.7.1 later"));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Octets that look random and are the same for the same seed.
  static byte[] content(int length, long seed) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  static byte[] read(Content content) throws IOException {
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < content.chunks(); i++) {
      out.writeBytes(content.chunk(i));
    }
    return out.toByteArray();
  }
}
