package dev.poststation.spool;

import dev.poststation.spool.Engine.Family;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tables of a family, each read by itself: damage to one of them hides nothing of another, as
/// it does when the engine, which merges them, reads all at once. Used by one thread.
///
/// What a later table deletes is not seen here to be deleted.
final class Tables implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Tables.class);

  private final Options options = new Options();
  private final List<Table> tables = new ArrayList<>();

  private record Table(Path file, SstFileReader reader) {}

  /// Opens those that can be opened.
  Tables(RocksEngine engine, Family family) throws RocksDBException {
    try {
      for (Path file : engine.tables(family)) {
        open(file);
      }
    } catch (RocksDBException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void open(Path file) throws RocksDBException {
    var reader = new SstFileReader(options);
    tables.add(new Table(file, reader));
    try {
      reader.open(file.toString());
    } catch (RocksDBException e) {
      tables.removeLast().reader().close();
      if (!Engine.damaged(e)) {
        throw e;
      }
      LOG.error("What is in {} is lost: {}", file, e.getMessage());
    }
  }

  /// Visits what can be read from a key (inclusive) to another (exclusive), in order: each key
  /// once, with the value of the newest table that shows it.
  void visit(byte[] from, byte[] to, Engine.Visitor visitor)
      throws RocksDBException, SpoolException {
    var cursors = new ArrayList<Cursor>();
    try {
      var order = new PriorityQueue<Cursor>();
      for (Table table : tables) {
        var cursor = new Cursor(table, cursors.size(), to);
        cursors.add(cursor);
        if (cursor.seek(from)) {
          order.add(cursor);
        }
      }
      byte[] shown = {};
      for (Cursor first = order.poll(); first != null; first = order.poll()) {
        if (!Arrays.equals(first.key, shown)) {
          shown = first.key;
          if (!visitor.visit(shown, first.at.value())) {
            return;
          }
        }
        if (first.next()) {
          order.add(first);
        }
      }
    } finally {
      cursors.forEach(Cursor::close);
    }
  }

  @Override
  public void close() {
    tables.forEach(table -> table.reader().close());
    options.close();
  }

  /// A position in a table. Steps over the damage in it.
  private static final class Cursor implements Comparable<Cursor>, AutoCloseable {
    private final Table table;
    private final int age;
    private final byte[] to;
    private final Slice end;
    private final ReadOptions reading;
    private final SstFileReaderIterator at;
    private byte[] key = {};

    /// @param age its place among the tables, of which the oldest comes first
    Cursor(Table table, int age, byte[] to) {
      this.table = table;
      this.age = age;
      this.to = to;
      end = new Slice(to);
      reading = new ReadOptions().setIterateUpperBound(end);
      at = table.reader().newIterator(reading);
    }

    /// Goes to the first entry from a key on; says whether there is one.
    boolean seek(byte[] from) throws RocksDBException, SpoolException {
      at.seek(from);
      return found(from);
    }

    boolean next() throws RocksDBException, SpoolException {
      at.next();
      return found(Gaps.after(key));
    }

    private boolean found(byte[] from) throws RocksDBException, SpoolException {
      byte[] next = from;
      while (!at.isValid()) {
        try {
          at.status();
          return false;
        } catch (RocksDBException e) {
          if (!Engine.damaged(e)) {
            throw e;
          }
          LOG.warn("Damage in {}: {}", table.file(), e.getMessage());
          next = Gaps.behindGap(next, to, this::readableFrom);
          if (Arrays.compareUnsigned(next, to) >= 0) {
            return false;
          }
          at.seek(next);
        }
      }
      key = at.key();
      return true;
    }

    private boolean readableFrom(byte[] position) throws RocksDBException {
      at.seek(position);
      try {
        at.status();
        return true;
      } catch (RocksDBException e) {
        if (!Engine.damaged(e)) {
          throw e;
        }
        return false;
      }
    }

    /// By key, and the newest first.
    @Override
    public int compareTo(Cursor other) {
      int byKey = Arrays.compareUnsigned(key, other.key);
      return byKey == 0 ? Integer.compare(other.age, age) : byKey;
    }

    @Override
    public void close() {
      at.close();
      reading.close();
      end.close();
    }
  }
}
