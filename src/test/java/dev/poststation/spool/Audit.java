package dev.poststation.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import dev.poststation.spool.Engine.Family;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Looks at the records of a spool that is closed, and fails for any that belong to nothing or miss
/// what belongs to them. Used by one thread.
final class Audit {
  private final Engine engine;
  private final Map<Long, Set<Integer>> chunks = new TreeMap<>();
  private final Map<Long, Placement> places = new TreeMap<>();
  private final Map<Long, MailCodec.Head> heads = new TreeMap<>();
  private final Set<String> entries = new TreeSet<>();

  private Audit(Engine engine) {
    this.engine = engine;
  }

  static void of(Engine engine) throws Exception {
    var audit = new Audit(engine);
    audit.read();
    audit.check();
  }

  private void read() throws Exception {
    engine.visit(
        Family.BODY,
        new byte[] {0},
        new byte[] {-1},
        (key, _) ->
            chunks
                .computeIfAbsent(Keys.longAt(key, 0), _ -> new TreeSet<>())
                .add(Keys.intAt(key, 8)));
    engine.visit(Family.RECORDS, new byte[] {Keys.MAIL}, this::part);
    for (byte kind : new byte[] {Keys.INCOMING, Keys.DEFERRED, Keys.PARKED, Keys.HELD}) {
      engine.visit(Family.RECORDS, new byte[] {kind}, (key, _) -> entries.add(hex(key)));
    }
  }

  /// The head of a mail is the first of its parts.
  private boolean part(byte[] key, byte[] value) throws SpoolException {
    long id = Keys.longAt(key, 1);
    try {
      switch (key[9]) {
        case Keys.PART_HEAD -> {
          heads.put(id, MailCodec.decode(new QueueId(id), value));
          places.put(id, Placement.INCOMING);
        }
        case Keys.PART_PLACE -> places.put(id, MailCodec.decodePlacement(value));
        case Keys.PART_BLOCK -> MailCodec.decodeBlock(value);
        default -> {
          MailCodec.decodeState(value);
          assertThat(Keys.intAt(key, 10)).isLessThan(heads.get(id).recipients());
        }
      }
    } catch (DamagedRecordException e) {
      throw new AssertionError(e);
    }
    assertThat(heads).as("the head of a part").containsKey(id);
    return true;
  }

  private void check() throws Exception {
    assertThat(chunks.keySet()).as("mails that have chunks").isSubsetOf(heads.keySet());
    for (long id : heads.keySet()) {
      int expected = heads.get(id).chunks();
      assertThat(chunks.getOrDefault(id, Set.of())).as("chunks of " + id).hasSize(expected);
    }
    var expected = new TreeSet<String>();
    places.forEach((id, place) -> expected.add(hex(Keys.place(place, id))));
    assertThat(entries).as("the indexes").isEqualTo(expected);
    assertThat(Tally.in(engine).mails()).as("the counter of mails").isEqualTo(heads.size());
    engine.visit(
        Family.RECORDS,
        new byte[] {Keys.OPEN},
        (key, _) -> {
          throw new AssertionError("a draft was left behind: " + hex(key));
        });
  }

  private static String hex(byte[] key) {
    return HexFormat.of().formatHex(key);
  }
}
