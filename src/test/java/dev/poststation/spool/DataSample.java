package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;

import dev.poststation.config.LogSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.log.Event;
import dev.poststation.log.MailJournal;
import dev.poststation.log.Metrics;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.message.RecipientState.Phase;
import dev.poststation.message.Schedule;
import dev.poststation.message.Standstill;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingTime;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.TlsWish;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/// Writes a small `data` directory of today's format that has something of everything: each place,
/// each kind of record and each field, in tables and in the log. Clock and ids are fixed.
///
/// `DataSample FILE.zip` packs it; src/test/resources/data/README.md says when.
final class DataSample {
  static final Instant NOW = Instant.parse("2026-11-24T10:00:00.123456789Z");
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00.000000001Z");
  private static final String LINE =
      "A line that comes again and again, so that the file is small.\r\n";
  private static final byte[] PACE = {0, 0, 1, -102, -74, 17, 34, 51, 0, 0, 1, -102, 1, 2, 3, 4, 9};

  private final MailJournal journal;
  private LocalSpool spool;

  private DataSample(MailJournal journal, LocalSpool spool) {
    this.journal = journal;
    this.spool = spool;
  }

  public static void main(String[] args) throws IOException {
    Path directory = Files.createTempDirectory("poststation-data");
    write(directory);
    pack(directory, Path.of(args[0]));
  }

  /// Fills an empty directory.
  static void write(Path data) throws IOException {
    var real = Os.real();
    var still =
        new PassingTime(real.time()) {
          @Override
          public Instant now() {
            return NOW;
          }
        };
    var os = new Os(still, real.network(), real.tasks(), real.chance(), real.disk());
    Path log = Files.createTempFile("poststation", ".log");
    try (var journal =
        MailJournal.open(
            os,
            "relay.example.com",
            new LogSettings(LogSettings.Format.LOGFMT, log, 1 << 30),
            new TraceSettings(Duration.ofDays(1), 1_000_000, true),
            new Metrics(os))) {
      var sample = new DataSample(journal, open(os, data));
      try {
        sample.older();
        sample.spool.close();
        sample.spool = open(os, data); // What was in the log comes into tables.
        sample.newer();
      } finally {
        sample.spool.close();
      }
    }
    Files.delete(log);
    Files.writeString(data.resolve("admin.token"), "0123456789abcdef".repeat(4) + "\n");
  }

  private static LocalSpool open(Os os, Path data) throws SpoolException {
    return LocalSpool.open(os, data, LocalSpoolTest.SETTINGS, LocalSpoolTest.TRACE, 1 << 20);
  }

  /// What comes into tables.
  private void older() throws IOException {
    commit(plain(recipients(1)), LINE);
    commit(plain(recipients(2)), LINE.repeat(2400));
    commit(plain(recipients(1)), "");
    var many = commit(plain(recipients(120)), LINE.repeat(3));
    var states = new ArrayList<Settlement.Change>();
    int next = 0;
    for (int round = 0; round < 4; round++) {
      for (Phase phase : Phase.values()) {
        states.add(change(next, phase, "250 2.0.0 Ok, number " + next));
        next += 6;
      }
    }
    move(
        many, Placement.HELD, states, new Event.Administered(many.id(), NOW, "hold", "for a look"));
    var gone = commit(plain(recipients(1)), LINE);
    spool.settle(
        new Settlement(
            gone,
            Placement.INCOMING,
            null,
            List.of(),
            List.of(),
            List.of(journal.entry(new Event.Removed(gone.id(), NOW)))));
    var damaged = commit(plain(recipients(1)), LINE.repeat(4));
    spool.add(
        new Job.SetAside(
            damaged.id().value(),
            Keys.place(Placement.INCOMING, damaged.id().value()),
            0,
            "a chunk of its content is missing"));
    var parked = commit(plain(recipients(1)), LINE);
    move(
        parked,
        new Placement.Parked("next 192.0.2.25:25"),
        List.of(change(0, Phase.WAITING, "connection refused")),
        new Event.Administered(parked.id(), NOW, "retry", "by the administrator"));
  }

  /// What stays in the log; some of it is about mail that is in tables.
  private void newer() throws IOException {
    var all = commit(everything(), LINE + "8-bit: äöü\r\n");
    QueueId noticeId = spool.nextId();
    byte[] content = bytes("Subject: Undelivered Mail Returned to Sender\r\n\r\n" + LINE);
    var notice = notice(noticeId, content.length);
    spool.settle(
        new Settlement(
            all,
            Placement.INCOMING,
            new Placement.Deferred(NOON),
            List.of(
                change(0, Phase.DELIVERED, "250 2.0.0 Ok: queued as 4abc"),
                change(1, Phase.BOUNCED, "550 5.1.1 no such user here"),
                change(2, Phase.WAITING, "451 4.7.1 später")),
            List.of(
                new Settlement.Notice(
                    notice, content, List.of(journal.entry(queued(notice))), PACE)),
            List.of(
                journal.entry(
                    new Event.Noticed(
                        all.id(), NOW, "bounce", noticeId, all.envelope().sender(), "failed")))));
    var binary = commit(binary(), "one\ntwo\rthree\0four");
    move(binary, new Placement.Deferred(NOW.plus(Duration.ofDays(400))), List.of(), null);
    var pausing = commit(plain(recipients(2)), LINE);
    move(
        pausing,
        new Placement.Parked("m365:scanner"),
        List.of(
            paused(0, new Standstill(Duration.ZERO, NOW)),
            paused(1, new Standstill(Duration.ofHours(30), null))),
        null);
    var kept = commit(plain(recipients(3)), LINE);
    move(
        kept,
        new Placement.Quarantined(NOON),
        List.of(change(1, Phase.DELETED, "released as another mail, by root")),
        new Event.Quarantined(kept.id(), NOW, "keep", "rspamd", List.of(), null, "score 15 of 15"));
    var odd = commit(plain(recipients(1)), LINE);
    move(odd, new Placement.Parked("mx: a\0b.müller.example"), List.of(), null);
    Mail first = spool.load(spool.incoming(QueueId.FIRST, 1).getFirst()).orElseThrow().mail();
    move(first, Placement.INCOMING, List.of(change(0, Phase.WAITING, "421 4.3.2 closing")), null);
    spool.draft(spool.nextId()).write(bytes(LINE.repeat(2400)), 0, LINE.length() * 2400);
    Mail held = spool.load(spool.held(QueueId.FIRST, 1).getFirst()).orElseThrow().mail();
    spool.settle(
        new Settlement(
            held,
            Placement.HELD,
            Placement.HELD,
            List.of(change(119, Phase.DELIVERED, "250 2.0.0 the last one")),
            List.of(),
            List.of()));
  }

  private Mail commit(Mail draft, String content) throws IOException {
    byte[] octets = bytes(content);
    try (var open = spool.draft(draft.id())) {
      open.write(octets, 0, octets.length);
      var mail =
          new Mail(
              sized(draft.envelope(), octets.length),
              draft.trace(),
              open.chunks(),
              draft.recipients(),
              draft.states());
      open.commit(mail, List.of(journal.entry(queued(mail))));
      return mail;
    }
  }

  private static Envelope sized(Envelope given, long size) {
    var traits = given.traits();
    return new Envelope(
        given.id(),
        given.arrived(),
        given.sender(),
        given.body(),
        given.smtputf8(),
        given.ret(),
        given.envid(),
        given.source(),
        new Envelope.Traits(
            size,
            traits.eightBit(),
            traits.dotLines(),
            traits.longLines(),
            traits.bareNewlines(),
            traits.endsWithNewline()),
        given.release(),
        given.priority(),
        given.tls(),
        given.deadline());
  }

  private void move(
      Mail mail, Placement to, List<Settlement.Change> changes, @Nullable Event event) {
    var trace = event == null ? List.<byte[]>of() : List.of(journal.entry(event));
    spool.settle(new Settlement(mail, Placement.INCOMING, to, changes, List.of(), trace));
  }

  private static Settlement.Change change(int recipient, Phase phase, String reason) {
    return new Settlement.Change(
        recipient,
        new RecipientState(
            phase,
            recipient + 1,
            phase == Phase.WAITING ? NOON : NOW,
            recipient % 2 == 0,
            false,
            recipient % 12 == 0,
            "next 192.0.2.25:25",
            reason,
            new Schedule(recipient + 1, 0, NOW),
            Standstill.NONE));
  }

  private static Settlement.Change paused(int recipient, Standstill standstill) {
    return new Settlement.Change(
        recipient,
        new RecipientState(
            Phase.WAITING,
            1,
            NOON,
            true,
            false,
            false,
            "m365:scanner",
            "no token for account scanner",
            new Schedule(0, 1, NOON),
            standstill));
  }

  private static List<Recipient> recipients(int count) {
    var all = new ArrayList<Recipient>(count);
    for (int i = 0; i < count; i++) {
      all.add(new Recipient(i, new Address("to" + i, "there.example"), Set.of(), null));
    }
    return all;
  }

  private Mail plain(List<Recipient> recipients) {
    var traits = new Envelope.Traits(0, false, false, false, false, true);
    var sender = new Address("anna", "here.example");
    return mail(sender, BodyType.SEVEN_BIT, false, null, null, traits, recipients);
  }

  private Mail everything() {
    var recipients =
        List.of(
            new Recipient(
                0,
                new Address("bert", "there.example"),
                Set.of(DsnNotify.SUCCESS, DsnNotify.FAILURE, DsnNotify.DELAY),
                "rfc822;Bert+40there.example"),
            new Recipient(1, new Address("chris", "there.example"), Set.of(DsnNotify.NEVER), null),
            new Recipient(2, new Address("jörg", "müller.example"), Set.of(), null));
    return mail(
        new Address("änna", "here.example"),
        BodyType.EIGHT_BIT_MIME,
        true,
        DsnReturn.HDRS,
        "QQ314159",
        new Envelope.Traits(0, true, true, true, false, true),
        recipients);
  }

  private Mail binary() {
    return mail(
        new Address("scanner", "here.example"),
        BodyType.BINARY_MIME,
        false,
        DsnReturn.FULL,
        null,
        new Envelope.Traits(0, false, false, false, true, false),
        recipients(1));
  }

  private Mail mail(
      Address sender,
      BodyType body,
      boolean smtputf8,
      @Nullable DsnReturn ret,
      @Nullable String envid,
      Envelope.Traits traits,
      List<Recipient> recipients) {
    var source =
        smtputf8
            ? new Envelope.Source(
                "staff", "relay", "192.0.2.1", "client.here.example", "UTF8SMTPSA", "anna")
            : new Envelope.Source("lan", "relay", "192.0.2.1", "client.here.example", "ESMTPS");
    // Of the one mail that has everything.
    var release = smtputf8 ? new Envelope.Release(NOON, "until;" + NOON) : null;
    var envelope =
        new Envelope(
            spool.nextId(),
            NOW,
            sender,
            body,
            smtputf8,
            ret,
            envid,
            source,
            traits,
            release,
            Priority.NORMAL,
            body == BodyType.BINARY_MIME ? TlsWish.WAIVED : TlsWish.NONE,
            body == BodyType.BINARY_MIME ? new Envelope.Deadline(NOON, true, true) : null);
    var trace =
        "Received: from client.here.example ([192.0.2.1])\r\n"
            + "\tby relay.example.com; Tue, 24 Nov 2026 10:00:00 +0000\r\n";
    return new Mail(envelope, bytes(trace), 0, recipients, fresh(recipients.size()));
  }

  private static List<RecipientState> fresh(int count) {
    return java.util.Collections.nCopies(count, RecipientState.fresh(NOW));
  }

  private Mail notice(QueueId id, int size) {
    var envelope =
        new Envelope(
            id,
            NOW,
            new Address("", ""),
            BodyType.SEVEN_BIT,
            false,
            null,
            null,
            Envelope.Source.SELF,
            new Envelope.Traits(size, false, false, false, false, true),
            null,
            Priority.NORMAL,
            TlsWish.REQUIRED,
            null);
    var to = new Recipient(0, new Address("anna", "here.example"), Set.of(DsnNotify.NEVER), null);
    var later = RecipientState.fresh(NOW).dueAt(NOW.plusSeconds(3600));
    return new Mail(envelope, new byte[0], 1, List.of(to), List.of(later));
  }

  private Event.Queued queued(Mail mail) {
    var envelope = mail.envelope();
    return new Event.Queued(
        mail.id(),
        "s1",
        NOW,
        envelope.source().client(),
        "",
        envelope.source().address(),
        envelope.source().hello(),
        envelope.source().protocol(),
        null,
        null,
        envelope.sender(),
        mail.recipients().stream().map(Recipient::address).limit(3).toList(),
        mail.size(),
        "<1@here.example>",
        List.of("client lan (poststation.conf:4)"));
  }

  /// Packs what belongs to the format; the rest is made anew at each start.
  private static void pack(Path data, Path zip) throws IOException {
    var files = new TreeMap<String, Path>();
    try (var all = Files.walk(data)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = data.relativize(file).toString();
        if (!name.matches("native/.*|lock|spool/LO(G.*|CK)")) {
          files.put(name, file);
        }
      }
    }
    try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (var file : files.entrySet()) {
        var entry = new ZipEntry(file.getKey());
        entry.setTime(NOW.toEpochMilli());
        out.putNextEntry(entry);
        Files.copy(file.getValue(), out);
      }
    }
  }
}
