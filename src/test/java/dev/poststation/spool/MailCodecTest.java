package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.message.Schedule;
import dev.poststation.message.Standstill;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.TlsWish;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MailCodecTest {
  @Property(tries = 300)
  void aMailReadsBackTheSame(@ForAll("mails") Mail mail) throws DamagedRecordException {
    var head = MailCodec.decode(mail.id(), MailCodec.encode(mail));
    assertThat(head.envelope()).isEqualTo(mail.envelope());
    assertThat(head.trace()).isEqualTo(mail.trace());
    assertThat(head.chunks()).isEqualTo(mail.chunks());
    assertThat(head.recipients()).isEqualTo(mail.recipients().size());
    if (MailCodec.blocks(head.recipients()) == 0) {
      assertThat(head.inline()).isEqualTo(mail.recipients());
    } else {
      assertThat(head.inline()).isEmpty();
    }
  }

  @Property(tries = 100)
  void aBlockReadsBackTheSame(@ForAll("recipientLists") List<Recipient> recipients)
      throws DamagedRecordException {
    assertThat(MailCodec.decodeBlock(MailCodec.encodeBlock(recipients))).isEqualTo(recipients);
  }

  @Property(tries = 300)
  void aStateReadsBackTheSame(@ForAll("states") RecipientState state)
      throws DamagedRecordException {
    assertThat(MailCodec.decodeState(MailCodec.encode(state))).isEqualTo(state);
  }

  /// As programs wrote it whose states had no schedule: then every attempt had counted.
  @Property(tries = 100)
  void aStateOfTheFirstVersionIsRead(@ForAll("states") RecipientState state)
      throws DamagedRecordException {
    var out = new OctetWriter(100).octet(1).octet(0).octet(state.warned() ? 1 : 0);
    out.number(state.attempts());
    var due = state.due();
    out.signed(due.getEpochSecond()).number(due.getNano());
    out.text(state.destination()).text(state.reason());
    assertThat(MailCodec.decodeState(out.finished()))
        .isEqualTo(
            new RecipientState(
                RecipientState.Phase.WAITING,
                state.attempts(),
                state.due(),
                state.warned(),
                false,
                false,
                state.destination(),
                state.reason(),
                new Schedule(state.attempts(), 0, state.due()),
                Standstill.NONE));
  }

  @Property(tries = 300)
  void aPlaceReadsBackTheSame(@ForAll("places") Placement place) throws DamagedRecordException {
    assertThat(MailCodec.decodePlacement(MailCodec.encode(place))).isEqualTo(place);
  }

  @Property(tries = 100)
  void traceEntriesReadBackTheSame(@ForAll List<byte[]> entries) throws DamagedRecordException {
    assertThat(MailCodec.decodeTrace(MailCodec.encodeTrace(entries)))
        .usingRecursiveComparison()
        .isEqualTo(entries);
  }

  @Property(tries = 2000)
  void damageIsNeverMoreThanADamagedRecord(
      @ForAll("mails") Mail mail, @ForAll int at, @ForAll byte octet) {
    byte[] record = MailCodec.encode(mail);
    record[Math.floorMod(at, record.length)] = octet;
    assertReadsOrIsDamaged(mail.id(), record);
    assertReadsOrIsDamaged(mail.id(), Arrays.copyOf(record, Math.floorMod(at, record.length)));
  }

  private static void assertReadsOrIsDamaged(QueueId id, byte[] record) {
    try {
      assertThat(MailCodec.decode(id, record).envelope().id()).isEqualTo(id);
    } catch (DamagedRecordException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  @Example
  void anUnknownVersionIsNamed() {
    byte[] record = MailCodec.encode(Mails.of(new QueueId(1), 1, 1, 1));
    record[0] = 6;
    assertThatThrownBy(() -> MailCodec.decode(new QueueId(1), record))
        .isInstanceOf(DamagedRecordException.class)
        .hasMessage("has version 6; this program knows version 5");
  }

  /// The very octets: what is on a disk today must be read for ever.
  @Example
  void theFormatOfVersionOneStays() {
    var source = new Envelope.Source("lan", "relay", "192.0.2.1", "c.example", "ESMTP");
    var traits = new Envelope.Traits(1000, true, false, true, false, true);
    var envelope =
        new Envelope(
            new QueueId(1),
            Instant.ofEpochSecond(1, 2),
            new Address("a", "b"),
            BodyType.EIGHT_BIT_MIME,
            true,
            DsnReturn.HDRS,
            "QQ",
            source,
            traits);
    var recipient =
        new Recipient(0, new Address("c", "d"), java.util.Set.of(DsnNotify.NEVER), "rfc822;c@d");
    var mail =
        new Mail(
            envelope,
            new byte[] {'T'},
            1,
            List.of(recipient),
            List.of(RecipientState.fresh(envelope.arrived())));
    assertThat(new String(MailCodec.encode(mail), java.nio.charset.StandardCharsets.ISO_8859_1))
        .isEqualTo(
            "\u0001\u00eb\u0006\u0002\u0002\u0001a\u0001b\u0002QQ\u0003lan\u0005relay\u0009192.0.2.1\u0009c.example\u0005ESMTP\u00e8\u0007\u0001T\u0001\u0001\u0003\u0000\u0001c\u0001d\n"
                + "rfc822;c@d");
  }

  @Provide
  Arbitrary<Mail> mails() {
    return Combinators.combine(
            envelopes(),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(300),
            Arbitraries.integers().between(0, 100_000),
            recipientLists())
        .as(
            (envelope, trace, chunks, recipients) -> {
              var states = new ArrayList<RecipientState>();
              recipients.forEach(_ -> states.add(RecipientState.fresh(envelope.arrived())));
              return new Mail(envelope, trace, chunks, recipients, states);
            });
  }

  private Arbitrary<Envelope> envelopes() {
    var sources =
        Combinators.combine(texts(), texts(), texts(), texts(), texts()).as(Envelope.Source::new);
    var flags = Arbitraries.of(true, false);
    var traits =
        Combinators.combine(
                Arbitraries.longs().greaterOrEqual(0), flags, flags, flags, flags, flags)
            .as(Envelope.Traits::new);
    var dsn =
        Combinators.combine(
                Arbitraries.of(DsnReturn.class).injectNull(0.3),
                texts().injectNull(0.5),
                Combinators.combine(instants(), texts()).as(Envelope.Release::new).injectNull(0.7),
                Arbitraries.of(TlsWish.class),
                Combinators.combine(instants(), flags, flags)
                    .as(Envelope.Deadline::new)
                    .injectNull(0.7))
            .as(Dsn::new);
    return Combinators.combine(
            instants(),
            addresses(),
            Arbitraries.of(BodyType.class),
            flags,
            dsn,
            sources,
            traits,
            Arbitraries.integers().between(Priority.LOWEST, Priority.HIGHEST))
        .as(
            (arrived, sender, body, utf8, given, source, seen, priority) ->
                new Envelope(
                    new QueueId(7),
                    arrived,
                    sender,
                    body,
                    utf8,
                    given.ret(),
                    given.envid(),
                    source,
                    seen,
                    given.release(),
                    priority,
                    given.tls(),
                    given.deadline(),
                    seen.dotLines() != utf8));
  }

  private record Dsn(
      DsnReturn ret,
      String envid,
      Envelope.Release release,
      TlsWish tls,
      Envelope.Deadline deadline) {}

  @Provide
  Arbitrary<List<Recipient>> recipientLists() {
    var notify = Arbitraries.of(DsnNotify.class).set();
    return Combinators.combine(
            Arbitraries.integers().greaterOrEqual(0), addresses(), notify, texts().injectNull(0.5))
        .as(Recipient::new)
        .list()
        .ofMaxSize(120);
  }

  @Provide
  Arbitrary<RecipientState> states() {
    return Combinators.combine(
            Arbitraries.of(RecipientState.Phase.class),
            Arbitraries.integers().greaterOrEqual(0),
            instants(),
            Arbitraries.integers().between(0, 7),
            texts(),
            texts(),
            schedules(),
            standstills())
        .as(
            (phase, attempts, due, flags, destination, reason, schedule, standstill) ->
                new RecipientState(
                    phase,
                    attempts,
                    due,
                    (flags & 1) > 0,
                    (flags & 2) > 0,
                    (flags & 4) > 0,
                    destination,
                    reason,
                    schedule,
                    standstill));
  }

  private static Arbitrary<Standstill> standstills() {
    var spans = Arbitraries.longs().greaterOrEqual(0).map(Duration::ofNanos);
    return Arbitraries.oneOf(
        Arbitraries.just(Standstill.NONE),
        Combinators.combine(spans, instants().injectNull(0.5)).as(Standstill::new));
  }

  private static Arbitrary<Schedule> schedules() {
    var counts = Arbitraries.integers().greaterOrEqual(0);
    return Combinators.combine(counts, counts, instants()).as(Schedule::new);
  }

  @Provide
  Arbitrary<Placement> places() {
    Arbitrary<Placement> deferred =
        Arbitraries.longs()
            .greaterOrEqual(0)
            .map(nanos -> new Placement.Deferred(Keys.instant(nanos)));
    Arbitrary<Placement> parked = texts().map(Placement.Parked::new);
    return Arbitraries.oneOf(deferred, parked, Arbitraries.of(Placement.INCOMING, Placement.HELD));
  }

  private static Arbitrary<Address> addresses() {
    return Combinators.combine(texts(), texts()).as(Address::new);
  }

  private static Arbitrary<Instant> instants() {
    return Combinators.combine(
            Arbitraries.longs().between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
            Arbitraries.integers().between(0, 999_999_999))
        .as(Instant::ofEpochSecond);
  }

  /// Text as it comes out of UTF-8.
  private static Arbitrary<String> texts() {
    var chars =
        Arbitraries.oneOf(
            Arbitraries.chars().ascii(),
            Arbitraries.of('ä', '€', '中'),
            Arbitraries.chars().range('\u0080', '\ud7ff'));
    return chars.list().ofMaxSize(40).map(MailCodecTest::joined);
  }

  private static String joined(List<Character> chars) {
    var text = new StringBuilder();
    chars.forEach(text::append);
    return text.append(text.length() % 7 == 3 ? "😀" : "").toString();
  }
}
