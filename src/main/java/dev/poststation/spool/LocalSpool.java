package dev.poststation.spool;

import dev.poststation.config.SpoolSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.message.Content;
import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The spool on this machine's disk: an engine in the directory `spool` of `data`, written by one
/// thread with group commit. Safe for any thread.
public final class LocalSpool implements Spool {
  private static final Logger LOG = LoggerFactory.getLogger(LocalSpool.class);

  private final DataDirectory directory;
  private final Ids ids;
  private final Room room;
  private final BodyMemory memory;
  private final Buffers buffers = new Buffers(LocalDraft.CHUNK);
  private final Set<Long> corrupt;
  private final Writer writer;
  private final Committer committer;
  private final ReadPool readers;
  private final Upkeep upkeep;

  private LocalSpool(Os os, DataDirectory directory, Opening opening, Room room, long bodyMemory)
      throws SpoolException {
    this.directory = directory;
    this.room = room;
    memory = new BodyMemory(bodyMemory);
    Opening.Opened opened = opening.open(false);
    opening.healthy();
    corrupt = ConcurrentHashMap.newKeySet();
    corrupt.addAll(opened.corrupt());
    ids = new Ids(os.time(), opened.greatestId());
    writer = new Writer(os, opening, opened, room, ids, corrupt);
    committer = new Committer(os, writer);
    readers = new ReadPool(os.tasks());
    upkeep = new LocalUpkeep(os, directory, this, room);
    opened.orphans().forEach(committer::add);
    os.tasks().platform("spool-committer", committer::run);
  }

  /// Opens the spool in this directory; makes it if there is none. What was damaged is kept aside
  /// and reported.
  ///
  /// @param data the directory, ours alone as long as the spool is open
  /// @param bodyMemory octets of content that stay in memory until first delivered
  /// @throws SpoolException when it cannot be used; the message says why and what to do
  public static LocalSpool open(
      Os os, Path data, SpoolSettings settings, TraceSettings trace, long bodyMemory)
      throws SpoolException {
    return open(os, data, settings, new RocksEngines(os.disk(), settings, trace), bodyMemory);
  }

  /// The same, with another engine than RocksDB.
  public static LocalSpool open(
      Os os, Path data, SpoolSettings settings, Engines engines, long bodyMemory)
      throws SpoolException {
    var directory = DataDirectory.claim(os, data);
    try {
      directory.prepare(os);
      var opening = new Opening(os, data, settings, engines);
      var spool = new LocalSpool(os, directory, opening, new Room(os, data, settings), bodyMemory);
      Format.note(os, data);
      return spool;
    } catch (SpoolException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  @Override
  public QueueId nextId() {
    return ids.next();
  }

  @Override
  public Draft draft(QueueId id) {
    return new LocalDraft(id.value(), this, memory);
  }

  @Override
  public List<Content> commit(List<Draft.Ready> together) throws SpoolException {
    List<NewMail> mails = new ArrayList<>(together.size());
    int opening = 0;
    for (var ready : together) {
      var draft = (LocalDraft) ready.draft();
      mails.add(draft.finished(ready.mail(), ready.place(), ready.trace()));
      if (opening != 0 && draft.opening() != 0 && draft.opening() != opening) {
        throw new SpoolException("The spool was opened anew, and chunks may be lost", false);
      }
      opening = draft.opening() == 0 ? opening : draft.opening();
    }
    var ticket = new Ticket<Integer>();
    committer.add(new Job.Commit(mails, opening, ticket));
    ticket.await();
    List<Content> contents = new ArrayList<>(together.size());
    for (var ready : together) {
      contents.add(((LocalDraft) ready.draft()).committed(ready.mail()));
    }
    return contents;
  }

  /// A chunk of a mail that is coming in.
  byte[] draftChunk(long id, int number) throws SpoolException {
    return read(
        catalogue -> {
          byte[] chunk = catalogue.chunk(new QueueId(id), number);
          if (chunk == null) {
            throw new SpoolException(
                "The spool was opened anew, and the first chunks are lost", false);
          }
          return chunk;
        });
  }

  Buffers buffers() {
    return buffers;
  }

  void add(Job job) {
    committer.add(job);
  }

  @Override
  public void settle(Settlement settlement) {
    committer.add(Job.Settle.of(settlement));
    if (!(settlement.to() instanceof Placement.Incoming)) {
      letGo(settlement.mail().id());
    }
  }

  @Override
  public void sync() throws SpoolException {
    committer.sync();
  }

  @Override
  public void letGo(QueueId id) {
    memory.release(id.value());
  }

  @Override
  public Optional<Stored> load(QueueId id) throws SpoolException {
    committer.barrier(id.value());
    return read(catalogue -> loadNow(catalogue, id));
  }

  private Optional<Stored> loadNow(Catalogue catalogue, QueueId id)
      throws SpoolException, RocksDBException {
    if (corrupt.contains(id.value())) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(catalogue.load(id));
    } catch (DamagedRecordException e) {
      setAside(id, catalogue.place(id), Job.SetAside.NO_CHUNK, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /// @param place its key in the index of its place, or null when that is not known
  void setAside(QueueId id, byte @Nullable [] place, int chunk, String reason) {
    if (!corrupt.add(id.value())) {
      return;
    }
    LOG.error(
        "Mail {} is damaged and was set aside: {}. It is not delivered, and its sender is not told;"
            + " what is left of it stays in the spool. Check the disk.",
        id,
        reason);
    committer.add(new Job.SetAside(id.value(), place, chunk, reason));
  }

  @Override
  public Content content(Mail mail) {
    return new StoredContent(mail.id(), mail.chunks());
  }

  /// A content that is read back chunk by chunk.
  private final class StoredContent implements Content {
    private final QueueId id;
    private final int chunks;

    StoredContent(QueueId id, int chunks) {
      this.id = id;
      this.chunks = chunks;
    }

    @Override
    public int chunks() {
      return chunks;
    }

    @Override
    public byte[] chunk(int number) throws SpoolException {
      return read(catalogue -> chunkNow(catalogue, id, number));
    }
  }

  private byte[] chunkNow(Catalogue catalogue, QueueId id, int number)
      throws SpoolException, RocksDBException {
    String problem = "a chunk of its content is missing";
    try {
      byte[] chunk = catalogue.chunk(id, number);
      if (chunk != null) {
        return chunk;
      }
      if (!catalogue.has(id)) {
        throw new SpoolException("Mail " + id + " is gone", false);
      }
    } catch (RocksDBException e) {
      if (!Engine.damagedBlob(e)) {
        throw e;
      }
      problem = String.valueOf(e.getMessage());
    }
    setAside(id, catalogue.place(id), number, problem);
    throw new SpoolException("The content of " + id + " is damaged: " + problem, false);
  }

  @Override
  public List<QueueId> incoming(Lane lane, QueueId after, int most) throws SpoolException {
    return upToDate(catalogue -> catalogue.ids(lane, new byte[] {Keys.INCOMING}, after, most));
  }

  @Override
  public List<QueueId> held(QueueId after, int most) throws SpoolException {
    return upToDate(catalogue -> catalogue.ids(Lane.ALL, new byte[] {Keys.HELD}, after, most));
  }

  @Override
  public List<Due> deferred(Lane lane, Due after, Instant until, int most) throws SpoolException {
    return upToDate(catalogue -> catalogue.timed(Keys.DEFERRED, lane, after, until, most));
  }

  @Override
  public List<Due> quarantined(Due after, Instant until, int most) throws SpoolException {
    return upToDate(catalogue -> catalogue.timed(Keys.QUARANTINED, Lane.ALL, after, until, most));
  }

  @Override
  public List<Ranked> parkedRanked(String destination, QueueId after, int most)
      throws SpoolException {
    return upToDate(
        catalogue -> catalogue.ranked(Lane.ALL, Keys.parkedPrefix(destination), after, most));
  }

  @Override
  public List<String> parkedDestinations() throws SpoolException {
    return upToDate(catalogue -> catalogue.parkedDestinations());
  }

  @Override
  public List<byte[]> trace(QueueId id) throws SpoolException {
    return upToDate(catalogue -> catalogue.trace(id));
  }

  private <T> T upToDate(SpoolAccess.Lookup<T> lookup) throws SpoolException {
    committer.barrier();
    return read(lookup);
  }

  <T> T read(SpoolAccess.Lookup<T> lookup) throws SpoolException {
    return readers.read(
        () -> {
          Engine engine = writer.engine();
          try {
            return lookup.in(new Catalogue(engine, corrupt));
          } catch (RocksDBException e) {
            if (Engine.damaged(e)) {
              committer.add(new Job.Distrust(engine, String.valueOf(e.getMessage())));
            }
            throw e;
          }
        });
  }

  @Override
  public byte[] pace() throws SpoolException {
    return upToDate(
        catalogue -> {
          byte[] found = catalogue.engine().get(Engine.Family.RECORDS, Keys.PACE);
          return found == null ? new byte[0] : found;
        });
  }

  @Override
  public Upkeep upkeep() {
    return upkeep;
  }

  Set<Long> corrupt() {
    return corrupt;
  }

  long greatestId() {
    return ids.greatest();
  }

  long mails() {
    return writer.mails();
  }

  void barrier() throws SpoolException {
    committer.barrier();
  }

  Engine engine() throws SpoolException {
    return writer.engine();
  }

  /// Whether this is the engine that is in use.
  boolean hasOpen(Engine engine) {
    return writer.hasOpen(engine);
  }

  /// Whether nothing will be written any more.
  boolean ended() {
    return committer.ended();
  }

  @Override
  public boolean inOrder() {
    return writer.inOrder() && !committer.ended();
  }

  @Override
  public Optional<Problem> problem() {
    if (committer.ended()) {
      return Optional.of(new Problem(false, "The spool is closed: restart the relay"));
    }
    if (!writer.inOrder()) {
      return Optional.of(new Problem(false, writer.outOfOrder().getMessage()));
    }
    return Optional.ofNullable(room.verdict(bytesOnDisk())).map(text -> new Problem(true, text));
  }

  @Override
  public boolean isScarce() {
    return room.isScarce();
  }

  @Override
  public Usage usage() {
    long bytes = bytesOnDisk(); // It takes longest: the figures are of the same moment, nearly.
    return new Usage(writer.mails(), corrupt.size(), bytes, writer.commits(), writer.syncs());
  }

  private long bytesOnDisk() {
    try {
      return read(catalogue -> catalogue.engine().bytesOnDisk());
    } catch (SpoolException e) {
      LOG.debug("The size of the spool is not known just now: {}", e.getMessage());
      return room.bytesOnDisk();
    }
  }

  @Override
  public void close() {
    try {
      committer.close();
    } catch (SpoolException e) {
      LOG.error("The spool did not close in order: {}", e.getMessage());
    }
    readers.close();
    writer.close();
    directory.close();
  }
}
