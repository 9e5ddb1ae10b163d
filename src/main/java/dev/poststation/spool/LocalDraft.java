package dev.poststation.spool;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A mail that comes into the local spool. Confined to one thread.
///
/// What fits into a chunk is written with the commit. Of a larger mail each chunk goes to the
/// committer when it is full, and is waited for before the next one goes: so the disk slows the
/// client down, and two chunks at most wait in memory.
final class LocalDraft implements Draft {
  /// Octets of a chunk.
  static final int CHUNK = Content.CHUNK_OCTETS;

  /// A content larger than this is not kept in memory for its first delivery, whatever the budget.
  private static final int KEPT_MAX = 1024 * 1024;

  private static final int FIRST_BUFFER = 4096;

  private static final int NONE = 0;
  private static final int LOST = -1;

  private final long id;
  private final LocalSpool spool;
  private final BodyMemory memory;
  private final List<byte[]> kept = new ArrayList<>(2);
  private byte[] filling = {};

  /// Whether that one is of the spool's, and goes back.
  private boolean borrowed;

  private int filled;
  private int early;
  private int reserved;
  private boolean keeping = true;
  private boolean tried;
  private boolean ended;
  private @Nullable Ticket<Integer> inFlight;

  /// The opening of the engine that took the chunks so far.
  private int opening = NONE;

  LocalDraft(long id, LocalSpool spool, BodyMemory memory) {
    this.id = id;
    this.spool = spool;
    this.memory = memory;
  }

  @Override
  public void write(byte[] octets, int offset, int length) throws SpoolException {
    int at = offset;
    int left = length;
    while (left > 0) {
      if (filled == CHUNK) {
        writeEarly();
      }
      int part = Math.min(left, CHUNK - filled);
      if (filling.length < filled + part) {
        room(filled + part);
      }
      System.arraycopy(octets, at, filling, filled, part);
      filled += part;
      at += part;
      left -= part;
    }
  }

  /// A buffer of the spool where one is free; else one that grows.
  private void room(int least) {
    byte[] buffer = filled == 0 ? spool.buffers().take() : null;
    if (buffer != null) {
      filling = buffer;
      borrowed = true;
    } else {
      int wanted = Math.max(Math.max(FIRST_BUFFER, 4 * filling.length), least);
      filling = Arrays.copyOf(filling, Math.min(CHUNK, wanted));
    }
  }

  /// Hands the full chunk to the committer, after the one before was written.
  private void writeEarly() throws SpoolException {
    awaitEarly();
    var ticket = new Ticket<Integer>();
    spool.add(new Job.Chunk(id, early++, filling, ticket));
    inFlight = ticket;
    keep(filling);
    release(false);
    filling = new byte[CHUNK];
    filled = 0;
  }

  private void awaitEarly() throws SpoolException {
    if (inFlight == null) {
      return;
    }
    int took = inFlight.await();
    inFlight = null;
    if (opening != NONE && opening != took) {
      opening = LOST;
      throw new SpoolException(
          "The spool was opened anew, and the first chunks may be lost", false);
    }
    opening = took;
  }

  private void keep(byte[] chunk) {
    keeping = keeping && reserved + chunk.length <= KEPT_MAX && memory.take(chunk.length);
    if (keeping) {
      reserved += chunk.length;
      kept.add(chunk);
    } else {
      memory.giveBack(reserved);
      reserved = 0;
      kept.clear();
    }
  }

  @Override
  public long size() {
    return (long) early * CHUNK + filled;
  }

  @Override
  public int chunks() {
    return early + (filled > 0 ? 1 : 0);
  }

  @Override
  public Content written() throws SpoolException {
    awaitEarly();
    if (borrowed) { // A service that was given up may still look at it.
      byte[] own = Arrays.copyOf(filling, filled);
      release(true);
      filling = own;
    }
    return new WrittenContent();
  }

  @Override
  public Content commit(Mail mail, Placement place, List<byte[]> trace) throws SpoolException {
    var whole = finished(mail, place, trace);
    var ticket = new Ticket<Integer>();
    spool.add(new Job.Commit(List.of(whole), opening, ticket));
    ticket.await();
    return committed(mail);
  }

  /// The mail that it becomes. To be called once.
  NewMail finished(Mail mail, Placement place, List<byte[]> trace) throws SpoolException {
    if (tried || ended || mail.id().value() != id) {
      throw new IllegalStateException("this draft has ended, or is of another mail");
    }
    tried = true;
    awaitEarly();
    List<byte[]> last = List.of();
    if (filled > 0) {
      byte[] rest = filled == filling.length ? filling : Arrays.copyOf(filling, filled);
      release(filled < CHUNK);
      filling = rest;
      last = List.of(rest);
      keep(rest);
    }
    return NewMail.of(mail, place, early, last, trace);
  }

  /// A borrowed buffer goes back, unless it became a chunk.
  private void release(boolean back) {
    if (borrowed) {
      if (back) {
        spool.buffers().giveBack(filling);
      } else {
        spool.buffers().lose();
      }
    }
    borrowed = false;
  }

  /// The opening of the engine that has its first chunks; 0: it has none.
  int opening() {
    return opening;
  }

  /// The mail is real.
  Content committed(Mail mail) {
    ended = true;
    if (!keeping) {
      return spool.content(mail);
    }
    memory.assign(id, reserved);
    return new KeptContent(List.copyOf(kept));
  }

  @Override
  public void close() {
    if (ended) {
      return;
    }
    ended = true;
    release(true);
    memory.giveBack(reserved);
    if (early > 0) {
      spool.add(new Job.Discard(id, early));
    }
  }

  /// What was written so far.
  private final class WrittenContent implements Content {
    @Override
    public int chunks() {
      return LocalDraft.this.chunks();
    }

    @Override
    public byte[] chunk(int number) throws SpoolException {
      if (number == early) {
        return filled == filling.length ? filling : Arrays.copyOf(filling, filled);
      }
      return number < kept.size() ? kept.get(number) : spool.draftChunk(id, number);
    }
  }

  /// A content in memory.
  private record KeptContent(List<byte[]> all) implements Content {
    @Override
    public int chunks() {
      return all.size();
    }

    @Override
    public byte[] chunk(int number) {
      return all.get(number);
    }
  }
}
