package dev.poststation.delivery;

import dev.poststation.config.SourceAddress;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.store.Ledger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// How many mails each source address with a plan has sent today. Kept in `data` so that no end of
/// the relay makes it send more: a 50th of a day's mails is written down as sent before it is, and
/// nobody sends from what is still being written down. Days are those of this machine. Safe for any
/// thread.
final class WarmUps implements AutoCloseable {
  private static final String FILE = "warm-up.sent";
  private static final long LINES_MAX = 10_000;
  private static final int PROMISE = 50;

  private final Time time;
  private final @Nullable Ledger ledger;
  private final Map<InetAddress, Today> all = new HashMap<>();

  /// Held by whoever writes down what is promised; others who need that wait for it.
  private final ReentrantLock writer = new ReentrantLock();

  private boolean closing;

  /// Guarded by the whole.
  private static final class Today {
    private LocalDate day;
    private int mails;

    /// What is to be written down as sent, and may be more than what is.
    private int promised;

    /// How much of that is on the disk.
    private int written;

    /// What is set aside for mails that are under way, and goes out today or later.
    private int underWay;

    Today(LocalDate day) {
      this.day = day;
    }
  }

  /// @param data where it is kept; null: nowhere
  WarmUps(Os os, @Nullable Path data) {
    this.time = os.time();
    this.ledger = data == null ? null : new Ledger(os, data.resolve(FILE), this::lines);
    if (ledger != null) {
      ledger.read(LINES_MAX, this::read);
    }
  }

  /// What a relay has written down, which is only read: what is sent besides is not kept.
  static WarmUps read(Os os, Path data) {
    var plans = new WarmUps(os, null);
    Ledger.read(os.disk(), data.resolve(FILE)).stream().limit(LINES_MAX).forEach(plans::read);
    return plans;
  }

  /// @return whether it was understood
  private boolean read(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != 3) {
      return false;
    }
    try {
      var today = new Today(LocalDate.parse(words[1]));
      today.mails = Integer.parseInt(words[2]);
      today.promised = today.mails;
      today.written = today.mails;
      all.put(InetAddress.ofLiteral(words[0]), today);
      return true;
    } catch (DateTimeException | IllegalArgumentException _) {
      return false;
    }
  }

  private synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    var day = day();
    all.forEach(
        (address, today) -> {
          if (!today.day.isBefore(day)) {
            int mails = closing ? today.mails : Math.max(today.mails, today.promised);
            lines.add(address.getHostAddress() + " " + today.day + " " + mails);
          }
        });
    return lines;
  }

  private LocalDate day() {
    return time.now().atZone(ZoneId.systemDefault()).toLocalDate();
  }

  private Today today(SourceAddress source) {
    var day = day();
    var today = all.computeIfAbsent(source.address(), _ -> new Today(day));
    if (today.day.isBefore(day)) {
      today.mails = 0;
      today.promised = 0;
      today.written = 0;
    }
    today.day = day; // A clock that was set back gives nobody a second day.
    return today;
  }

  /// How many mails it has sent today, with those that are under way.
  synchronized int sent(SourceAddress source) {
    var today = today(source);
    return today.mails + today.underWay;
  }

  /// How many mails it may send today in all.
  int most(SourceAddress source) {
    var plan = source.warmUp();
    return plan == null ? Integer.MAX_VALUE : plan.mails(day());
  }

  /// How many mails it may still send today.
  synchronized int left(SourceAddress source) {
    return limits(source) ? Math.max(0, most(source) - sent(source)) : Integer.MAX_VALUE;
  }

  private boolean limits(SourceAddress source) {
    var plan = source.warmUp();
    return plan != null && plan.limits(day());
  }

  /// Sets aside what one mail needs; it must go out, or be given back. Of what is only under way
  /// nothing is written down.
  ///
  /// @return false: there is none left
  synchronized boolean take(SourceAddress source) {
    if (left(source) == 0) {
      return false;
    }
    if (source.warmUp() != null) {
      today(source).underWay++;
    }
    return true;
  }

  /// What was set aside is of no use.
  synchronized void leave(SourceAddress source) {
    if (source.warmUp() != null) {
      var today = today(source);
      today.underWay = Math.max(0, today.underWay - 1);
    }
  }

  /// The mail that it was set aside for goes out now, and counts today. Returns when a crash would
  /// not make anybody forget it.
  ///
  /// @return the day
  LocalDate out(SourceAddress source) {
    leave(source);
    if (ledger != null && !goesOut(source)) {
      writer.lock();
      try {
        while (!goesOut(source)) {
          promise(source, ledger);
        }
      } finally {
        writer.unlock();
      }
    } else if (ledger == null) {
      counts(source);
    }
    return day();
  }

  private synchronized void counts(SourceAddress source) {
    today(source).mails += limits(source) ? 1 : 0;
  }

  /// @return whether it does, as far as is on the disk
  private synchronized boolean goesOut(SourceAddress source) {
    boolean covered = !limits(source) || today(source).mails < today(source).written;
    if (covered) {
      counts(source);
      Objects.requireNonNull(ledger).changed();
    }
    return covered;
  }

  /// Has it on the disk that some more are sent. Where the disk does not take it (it is full), mail
  /// goes on all the same, and a crash before the next write forgets this promise: mail that waits
  /// is worse, and the program's log tells of it. Called with `writer` held.
  private void promise(SourceAddress source, Ledger file) {
    LocalDate day;
    int promised;
    synchronized (this) {
      closing = false; // Whoever sends after the end: it was not the end.
      var today = today(source);
      int most = most(source);
      int ahead = Math.clamp(most - today.mails - 1L, 0, most / PROMISE);
      // What was promised before stays so, also where some of it was given back meanwhile.
      promised = Math.max(today.promised, today.mails + 1 + ahead);
      today.promised = promised;
      day = today.day;
    }
    file.changed();
    file.write();
    synchronized (this) {
      var today = today(source);
      if (today.day.equals(day)) {
        today.written = Math.max(today.written, promised);
      }
    }
  }

  /// What went out on that day was not taken.
  synchronized void giveBack(SourceAddress source, LocalDate day) {
    var today = today(source);
    if (limits(source) && today.day.equals(day)) {
      today.mails = Math.max(0, today.mails - 1);
    }
  }

  /// When more may be sent from an address that has sent all it may.
  Instant more(SourceAddress source) {
    var next = day().plusDays(1);
    var plan = source.warmUp();
    var first = plan != null && plan.from().isAfter(next) ? plan.from() : next;
    return first.atStartOfDay(ZoneId.systemDefault()).toInstant();
  }

  /// Writes down exactly what was sent.
  @Override
  public void close() {
    if (ledger != null) {
      synchronized (this) {
        closing = true;
      }
      ledger.changed();
      ledger.close();
    }
  }
}
