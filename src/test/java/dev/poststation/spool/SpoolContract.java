package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static dev.poststation.spool.Mails.commit;
import static dev.poststation.spool.Mails.content;
import static dev.poststation.spool.Mails.delivered;
import static dev.poststation.spool.Mails.move;
import static dev.poststation.spool.Mails.read;
import static dev.poststation.spool.Mails.removal;
import static dev.poststation.spool.Mails.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import dev.poststation.spool.Spool.Due;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every spool promises; run on the real one and on its simulated twin.
abstract class SpoolContract {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00.000000001Z");
  private static final Placement TILL_NOON = new Placement.Deferred(NOON);

  Spool spool;

  /// A new, empty spool.
  abstract Spool create() throws IOException;

  /// What a new process finds after this spool was closed.
  abstract Spool reopen(Spool closed) throws IOException;

  @BeforeEach
  final void open() throws IOException {
    spool = create();
  }

  @AfterEach
  final void shut() {
    spool.close();
  }

  private void restart() throws IOException {
    spool.close();
    spool = reopen(spool);
  }

  @Test
  void idsGrowAlsoAcrossARestart() throws IOException {
    QueueId first = spool.nextId();
    QueueId second = spool.nextId();
    assertThat(second).isGreaterThan(first);
    commit(spool, second, bytes("x"), 1);
    restart();
    assertThat(spool.nextId()).isGreaterThan(second);
  }

  @Test
  void aCommittedMailIsInIncomingAndReadsBackTheSame() throws IOException {
    byte[] text = content(10_000, 1);
    Mail mail = commit(spool, text, 3);
    assertThat(spool.incoming(QueueId.FIRST, 10)).containsExactly(mail.id());
    var stored = spool.load(mail.id()).orElseThrow();
    assertSame(stored.mail(), mail);
    assertThat(stored.placement()).isEqualTo(Placement.INCOMING);
    assertThat(read(spool.content(mail))).isEqualTo(text);
  }

  @Test
  void aMailCanBecomeRealHeldAndIsSoUntilItIsMoved() throws IOException {
    byte[] text = content(10_000, 1);
    QueueId id = spool.nextId();
    Mail mail;
    try (var draft = spool.draft(id)) {
      draft.write(text, 0, text.length);
      mail = Mails.of(id, text.length, draft.chunks(), 2);
      draft.commit(mail, Placement.HELD, List.of());
    }
    for (int round = 0; round < 2; round++) {
      assertThat(spool.incoming(QueueId.FIRST, 10)).isEmpty();
      assertThat(spool.held(QueueId.FIRST, 10)).containsExactly(id);
      var stored = spool.load(id).orElseThrow();
      assertSame(stored.mail(), mail);
      assertThat(stored.placement()).isEqualTo(Placement.HELD);
      assertThat(read(spool.content(mail))).isEqualTo(text);
      restart();
    }
    spool.settle(removal(mail, Placement.HELD));
    restart();
    assertThat(spool.held(QueueId.FIRST, 10)).isEmpty();
    assertThat(spool.usage().mails()).isZero();
  }

  @Test
  void mailsBecomeRealTogether() throws IOException {
    var ids = List.of(spool.nextId(), spool.nextId());
    var contents = List.of(content(200_000, 1), content(300, 2));
    var mails =
        Mails.commitTogether(spool, ids, contents, List.of(Placement.INCOMING, Placement.HELD));
    for (int round = 0; round < 2; round++) {
      assertThat(spool.incoming(QueueId.FIRST, 10)).containsExactly(ids.getFirst());
      assertThat(spool.held(QueueId.FIRST, 10)).containsExactly(ids.getLast());
      for (int i = 0; i < 2; i++) {
        assertSame(spool.load(ids.get(i)).orElseThrow().mail(), mails.get(i));
        assertThat(read(spool.content(mails.get(i)))).isEqualTo(contents.get(i));
      }
      assertThat(spool.usage().mails()).isEqualTo(2);
      restart();
    }
  }

  @Test
  void whatWasWrittenIsReadBackBeforeTheCommit() throws IOException {
    for (int size : new int[] {0, 1, 65_535, 65_536, 65_537, 200_000, 3_000_000}) {
      byte[] text = content(size, size);
      try (var draft = spool.draft(spool.nextId())) {
        draft.write(text, 0, size);
        var written = draft.written();
        assertThat(written.chunks()).isEqualTo(draft.chunks());
        assertThat(read(written)).isEqualTo(text);
      }
    }
  }

  @Test
  void aContentCanBecomeAnotherUnderTheSameName() throws IOException {
    var id = spool.nextId();
    try (var came = spool.draft(id)) {
      came.write(content(60_000, 1), 0, 60_000);
      try (var goes = spool.draft(id)) {
        byte[] other = content(250_000, 2);
        goes.write(other, 0, other.length);
        assertThat(read(came.written())).isEqualTo(content(60_000, 1));
        var mail = Mails.of(id, other.length, goes.chunks(), 1);
        goes.commit(mail, List.of());
        came.close();
        restart();
        assertThat(read(spool.content(mail))).isEqualTo(other);
      }
    }
  }

  @Test
  void commitReturnsTheContent() throws IOException {
    for (int size : new int[] {0, 1, 65_535, 65_536, 65_537, 200_000, 3_000_000}) {
      byte[] text = content(size, size);
      QueueId id = spool.nextId();
      try (var draft = spool.draft(id)) {
        draft.write(text, 0, size);
        var mail = Mails.of(id, size, draft.chunks(), 1);
        var content = draft.commit(mail, List.of());
        assertThat(read(content)).isEqualTo(text);
        assertThat(read(spool.content(mail))).isEqualTo(text);
      }
    }
  }

  @Test
  void aDraftCountsOctetsAndChunks() throws IOException {
    try (var draft = spool.draft(spool.nextId())) {
      assertThat(draft.chunks()).isZero();
      draft.write(new byte[10], 2, 3);
      assertThat(draft.size()).isEqualTo(3);
      assertThat(draft.chunks()).isEqualTo(1);
      draft.write(new byte[200_000], 0, 200_000);
      assertThat(draft.size()).isEqualTo(200_003);
      assertThat(draft.chunks()).isEqualTo(4);
    }
  }

  @Test
  void aRestartKeepsWhatWasCommitted() throws IOException {
    byte[] small = content(5_000, 1);
    byte[] large = content(300_000, 2);
    Mail first = commit(spool, small, 1);
    Mail second = commit(spool, large, 120);
    restart();
    assertThat(spool.incoming(QueueId.FIRST, 10)).containsExactly(first.id(), second.id());
    assertSame(spool.load(second.id()).orElseThrow().mail(), second);
    assertThat(read(spool.content(first))).isEqualTo(small);
    assertThat(read(spool.content(second))).isEqualTo(large);
    assertThat(spool.usage().mails()).isEqualTo(2);
  }

  @Test
  void anUncommittedDraftIsNeverSeen() throws IOException {
    QueueId closed = spool.nextId();
    QueueId left = spool.nextId();
    byte[] text = content(200_000, 1);
    try (var draft = spool.draft(closed)) {
      draft.write(text, 0, text.length);
    }
    var open = spool.draft(left);
    open.write(text, 0, text.length);
    assertThat(spool.incoming(QueueId.FIRST, 10)).isEmpty();
    restart();
    assertThat(spool.incoming(QueueId.FIRST, 10)).isEmpty();
    assertThat(spool.load(closed)).isEmpty();
    assertThat(spool.load(left)).isEmpty();
    assertThat(spool.usage().mails()).isZero();
    var mail = Mails.of(left, text.length, 4, 1);
    assertThatThrownBy(() -> spool.content(mail).chunk(0)).isInstanceOf(SpoolException.class);
  }

  @Test
  void closingACommittedDraftChangesNothing() throws IOException {
    Mail mail = commit(spool, content(200_000, 1), 1);
    assertThat(spool.load(mail.id())).isPresent();
    assertThat(read(spool.content(mail))).hasSize(200_000);
  }

  @Test
  void aRemovedMailIsGoneAndItsTraceStays() throws IOException {
    Mail mail = commit(spool, content(100_000, 1), 60);
    spool.settle(removal(mail, Placement.INCOMING));
    assertThat(spool.load(mail.id())).isEmpty();
    assertThat(spool.incoming(QueueId.FIRST, 10)).isEmpty();
    assertThat(spool.usage().mails()).isZero();
    assertThatThrownBy(() -> spool.content(mail).chunk(0)).isInstanceOf(SpoolException.class);
    assertThat(spool.trace(mail.id()))
        .containsExactly(bytes("queued " + mail.id()), bytes("removed"));
    restart();
    assertThat(spool.load(mail.id())).isEmpty();
    assertThat(spool.incoming(QueueId.FIRST, 10)).isEmpty();
    assertThat(spool.trace(mail.id())).hasSize(2);
  }

  @Test
  void aSettlementMovesTheMailAndKeepsTheStates() throws IOException {
    Mail mail = commit(spool, bytes("x"), 3);
    spool.settle(move(mail, Placement.INCOMING, TILL_NOON, delivered(0), waiting(2, NOON)));
    assertThat(spool.incoming(QueueId.FIRST, 10)).isEmpty();
    assertThat(spool.deferred(Due.FIRST, NOON, 10)).containsExactly(new Due(NOON, mail.id()));
    for (int round = 0; round < 2; round++) {
      var stored = spool.load(mail.id()).orElseThrow();
      assertThat(stored.placement()).isEqualTo(TILL_NOON);
      assertThat(stored.mail().states())
          .containsExactly(
              delivered(0).state(), RecipientState.fresh(Mails.ARRIVED), waiting(2, NOON).state());
      assertThat(stored.mail().recipients()).isEqualTo(mail.recipients());
      restart();
    }
  }

  @Test
  void aMailGoesThroughAllPlacesAndLeavesNothingBehind() throws IOException {
    Mail mail = commit(spool, bytes("x"), 1);
    Placement from = Placement.INCOMING;
    var places =
        List.of(
            Placement.HELD,
            TILL_NOON,
            new Placement.Parked("internet:mx.example.org"),
            new Placement.Deferred(NOON.plusSeconds(1)),
            Placement.INCOMING,
            new Placement.Parked("provider"),
            Placement.HELD,
            Placement.INCOMING);
    for (Placement to : places) {
      spool.settle(move(mail, from, to, waiting(0, NOON)));
      from = to;
      assertThat(spool.load(mail.id()).orElseThrow().placement()).isEqualTo(to);
      assertThat(placesOf(mail.id())).containsExactly(to);
    }
    spool.settle(removal(mail, from));
    assertThat(placesOf(mail.id())).isEmpty();
    restart();
    assertThat(placesOf(mail.id())).isEmpty();
    assertThat(spool.load(mail.id())).isEmpty();
  }

  private List<Placement> placesOf(QueueId id) throws SpoolException {
    var places = new ArrayList<Placement>();
    if (spool.incoming(QueueId.FIRST, 10).contains(id)) {
      places.add(Placement.INCOMING);
    }
    if (spool.held(QueueId.FIRST, 10).contains(id)) {
      places.add(Placement.HELD);
    }
    for (Due due : spool.deferred(Due.FIRST, Instant.MAX, 10)) {
      places.add(new Placement.Deferred(due.time()));
    }
    for (String destination : spool.parkedDestinations()) {
      assertThat(spool.parked(destination, QueueId.FIRST, 10)).contains(id);
      places.add(new Placement.Parked(destination));
    }
    return places;
  }

  @Test
  void aSettlementInPlaceChangesStatesOnly() throws IOException {
    Mail mail = commit(spool, bytes("x"), 2);
    spool.settle(move(mail, Placement.INCOMING, Placement.INCOMING, delivered(0)));
    spool.settle(move(mail, Placement.INCOMING, Placement.INCOMING, waiting(1, NOON)));
    var stored = spool.load(mail.id()).orElseThrow();
    assertThat(stored.placement()).isEqualTo(Placement.INCOMING);
    assertThat(stored.mail().states())
        .containsExactly(delivered(0).state(), waiting(1, NOON).state());
    spool.settle(move(mail, Placement.INCOMING, Placement.INCOMING, delivered(1)));
    assertThat(spool.load(mail.id()).orElseThrow().mail().states().get(1).waiting()).isFalse();
    spool.settle(removal(mail, Placement.INCOMING));
    assertThat(spool.load(mail.id())).isEmpty();
  }

  @Test
  void aNoticeIsInIncomingTogetherWithItsCause() throws IOException {
    Mail mail = commit(spool, bytes("x"), 1);
    QueueId id = spool.nextId();
    byte[] text = content(70_000, 3);
    var notice =
        new Settlement.Notice(
            Mails.of(id, text.length, 2, 1), text, List.of(bytes("made")), new byte[0]);
    var settlement =
        new Settlement(
            mail, Placement.INCOMING, null, List.of(), List.of(notice), List.of(bytes("bounced")));
    spool.settle(settlement);
    spool.sync();
    restart();
    assertThat(spool.incoming(QueueId.FIRST, 10)).containsExactly(id);
    assertThat(read(spool.content(notice.mail()))).isEqualTo(text);
    assertThat(spool.trace(id)).containsExactly(bytes("made"));
    assertThat(spool.trace(mail.id()))
        .containsExactly(bytes("queued " + mail.id()), bytes("bounced"));
    assertThat(spool.usage().mails()).isEqualTo(1);
  }

  @Test
  void aSyncTakesAllThatWasSettledBeforeToTheDisk() throws IOException {
    Mail mail = commit(spool, bytes("x"), 1);
    long syncs = spool.usage().syncs();
    spool.settle(move(mail, Placement.INCOMING, Placement.HELD));
    spool.sync();
    assertThat(spool.usage().syncs()).isGreaterThan(syncs);
    spool.sync(); // With nothing to take along.
    assertThat(spool.held(QueueId.FIRST, 10)).containsExactly(mail.id());
  }

  @Test
  void thePaceOfNoticesIsRememberedOverARestart() throws IOException {
    assertThat(spool.pace()).isEmpty();
    for (String pace : List.of("one", "two", "")) {
      Mail mail = commit(spool, bytes("x"), 1);
      var about = Mails.of(spool.nextId(), 1, 1, 1);
      var notice = new Settlement.Notice(about, bytes("n"), List.of(), bytes(pace));
      spool.settle(
          new Settlement(mail, Placement.INCOMING, null, List.of(), List.of(notice), List.of()));
    }
    assertThat(spool.pace()).isEqualTo(bytes("two"));
    restart();
    assertThat(spool.pace()).isEqualTo(bytes("two"));
  }

  @Test
  void incomingIsListedInOrderAndInPieces() throws IOException {
    var ids = new ArrayList<QueueId>();
    for (int i = 0; i < 25; i++) {
      ids.add(commit(spool, bytes("x"), 1).id());
    }
    assertThat(spool.incoming(QueueId.FIRST, 10)).isEqualTo(ids.subList(0, 10));
    assertThat(spool.incoming(ids.get(9), 10)).isEqualTo(ids.subList(10, 20));
    assertThat(spool.incoming(ids.get(19), 10)).isEqualTo(ids.subList(20, 25));
    assertThat(spool.incoming(ids.get(24), 10)).isEmpty();
    assertThat(spool.incoming(QueueId.FIRST, 0)).isEmpty();
  }

  @Test
  void bulkAndOtherMailAreListedApartInEachPlaceAlsoAfterARestart() throws IOException {
    var places =
        List.of(Placement.INCOMING, new Placement.Deferred(NOON), new Placement.Parked("next"));
    var priorities = List.of(Priority.LOWEST, 0, Priority.HIGHEST, -1, Priority.BULK, 1);
    var bulk = new ArrayList<QueueId>();
    var others = new ArrayList<QueueId>();
    for (int i = 0; i < 18; i++) {
      int priority = priorities.get(i % 6);
      Mail mail = commit(spool, priority);
      spool.settle(move(mail, Placement.INCOMING, places.get(i / 6)));
      (priority < 0 ? bulk : others).add(mail.id());
    }
    for (int round = 0; round < 2; round++) {
      assertListed(Lane.BULK, bulk);
      assertListed(Lane.OTHERS, others);
      assertThat(spool.incoming(Lane.URGENT, QueueId.FIRST, 10)).isEqualTo(others.subList(1, 3));
      restart();
    }
    assertThat(spool.incoming(Lane.OTHERS, others.getFirst(), 1)).containsExactly(others.get(1));
    assertThat(spool.incoming(QueueId.FIRST, 10)).hasSize(6);
  }

  /// Three in each place.
  private void assertListed(Lane lane, List<QueueId> ids) throws IOException {
    assertThat(spool.incoming(lane, QueueId.FIRST, 10)).isEqualTo(ids.subList(0, 3));
    assertThat(spool.deferred(lane, Due.FIRST, NOON, 10).stream().map(Due::id))
        .isEqualTo(ids.subList(3, 6));
    assertThat(spool.parkedRanked("next", QueueId.FIRST, 10))
        .filteredOn(each -> lane.has(each.priority()))
        .extracting(Spool.Ranked::id)
        .isEqualTo(ids.subList(6, 9));
  }

  @Test
  void deferredIsListedInOrderOfTimeUntilTheGivenOne() throws IOException {
    var dues = new ArrayList<Due>();
    for (int i = 0; i < 12; i++) {
      Mail mail = commit(spool, bytes("x"), 1);
      var due = NOON.minusSeconds(i / 3);
      spool.settle(move(mail, Placement.INCOMING, new Placement.Deferred(due)));
      dues.add(new Due(due, mail.id()));
    }
    dues.sort(java.util.Comparator.comparing(Due::time).thenComparing(Due::id));
    assertThat(spool.deferred(Due.FIRST, NOON, 100)).isEqualTo(dues);
    assertThat(spool.deferred(Due.FIRST, NOON, 5)).isEqualTo(dues.subList(0, 5));
    assertThat(spool.deferred(dues.get(4), NOON, 100)).isEqualTo(dues.subList(5, 12));
    assertThat(spool.deferred(Due.FIRST, NOON.minusNanos(1), 100)).isEqualTo(dues.subList(0, 9));
    assertThat(spool.deferred(Due.FIRST, Instant.EPOCH, 100)).isEmpty();
    assertThat(spool.deferred(dues.get(11), Instant.MAX, 100)).isEmpty();
  }

  @Test
  void parkedMailIsListedByDestination() throws IOException {
    var names = List.of("a", "a\0", "a\0\1", "a\1", "ab", "b");
    var parked = new ArrayList<QueueId>();
    for (int i = 0; i < 18; i++) {
      Mail mail = commit(spool, bytes("x"), 1);
      spool.settle(move(mail, Placement.INCOMING, new Placement.Parked(names.get(i % 6))));
      parked.add(mail.id());
    }
    assertThat(spool.parkedDestinations()).isEqualTo(names);
    for (int i = 0; i < 6; i++) {
      String name = names.get(i);
      assertThat(spool.parked(name, QueueId.FIRST, 10))
          .containsExactly(parked.get(i), parked.get(i + 6), parked.get(i + 12));
      assertThat(spool.parked(name, parked.get(i), 1)).containsExactly(parked.get(i + 6));
    }
    assertThat(spool.parked("c", QueueId.FIRST, 10)).isEmpty();
  }

  @Test
  void tenThousandRecipientsAreKeptAndSettledOneByOne() throws IOException {
    Mail mail = commit(spool, bytes("x"), 10_000);
    assertSame(spool.load(mail.id()).orElseThrow().mail(), mail);
    spool.settle(move(mail, Placement.INCOMING, TILL_NOON, delivered(9_999)));
    var states = spool.load(mail.id()).orElseThrow().mail().states();
    assertThat(states.get(9_999)).isEqualTo(delivered(9_999).state());
    assertThat(states.subList(0, 9_999)).allMatch(RecipientState::waiting);
    spool.settle(removal(mail, TILL_NOON));
    assertThat(spool.load(mail.id())).isEmpty();
  }

  @Test
  void statesThatAMailIsCommittedWithAreKept() throws IOException {
    QueueId id = spool.nextId();
    try (var draft = spool.draft(id)) {
      var plain = Mails.of(id, 0, 0, 2);
      var states = List.of(plain.states().get(0), waiting(1, NOON).state());
      var mail = new Mail(plain.envelope(), plain.trace(), 0, plain.recipients(), states);
      draft.commit(mail, List.of());
      assertSame(spool.load(id).orElseThrow().mail(), mail);
    }
  }

  @Test
  void theTraceKeepsItsOrder() throws IOException {
    Mail mail = commit(spool, bytes("x"), 1);
    for (int i = 0; i < 20; i++) {
      spool.settle(
          new Settlement(
              mail,
              Placement.INCOMING,
              Placement.INCOMING,
              List.of(),
              List.of(),
              List.of(bytes("a" + i), bytes("b" + i))));
    }
    var trace = spool.trace(mail.id());
    assertThat(trace).hasSize(41);
    for (int i = 0; i < 20; i++) {
      assertThat(trace.get(1 + 2 * i)).isEqualTo(bytes("a" + i));
      assertThat(trace.get(2 + 2 * i)).isEqualTo(bytes("b" + i));
    }
    assertThat(spool.trace(spool.nextId())).isEmpty();
  }

  @Test
  void usageCounts() throws IOException {
    for (int i = 0; i < 3; i++) {
      commit(spool, bytes("x"), 1);
    }
    var usage = spool.usage();
    assertThat(usage.mails()).isEqualTo(3);
    assertThat(usage.commits()).isEqualTo(3);
    assertThat(usage.syncs()).isBetween(1L, 3L);
  }

  @Test
  void anUnknownMailIsNotThere() throws IOException {
    assertThat(spool.load(new QueueId(42))).isEmpty();
  }

  private static void assertSame(Mail found, Mail expected) {
    assertThat(found.envelope()).isEqualTo(expected.envelope());
    assertThat(found.trace()).isEqualTo(expected.trace());
    assertThat(found.chunks()).isEqualTo(expected.chunks());
    assertThat(found.recipients()).isEqualTo(expected.recipients());
    assertThat(found.states()).isEqualTo(expected.states());
  }
}
