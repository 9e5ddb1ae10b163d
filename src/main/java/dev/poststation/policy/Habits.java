package dev.poststation.policy;

import dev.poststation.config.OutbreakSettings;
import dev.poststation.os.Os;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// How many recipients everybody usually sends to: the busiest hour of an ordinary day, as the
/// average of the days on which there was mail, of which the last ten count most. Six numbers each.
/// Bounded: whoever was idle for longest is forgotten. Kept in `data`. Safe for any thread.
final class Habits implements AutoCloseable {
  static final int MOST = 10_000;

  /// Nobody is judged who was seen on fewer days.
  static final int DAYS_LEAST = 3;

  private static final String FILE = "clients.usual";
  private static final int DAYS_MOST = 10;
  private static final int HOUR = 3600;
  private static final int DAY = 24 * HOUR;

  private final Ledger ledger;
  private final Map<Subject, Habit> clients = bounded();

  /// For themselves: a newsletter has a new one with each mail.
  private final Map<Subject, Habit> senders = bounded();

  /// Of one.
  private static final class Habit {
    /// In the busiest hour of an ordinary day.
    private double usual;

    /// On which it was seen before today.
    private int days;

    private long day;

    /// Of the busiest hour of today, but for the one that goes on.
    private int peak;

    private long hour;
    private int count;

    /// Whether this hour was too much already: it is told once, and not learned from.
    private boolean odd;

    void add(int recipients, long now) {
      long newHour = Math.floorDiv(now, HOUR);
      if (newHour != hour) {
        peak = odd ? peak : Math.max(peak, count);
        count = 0;
        odd = false;
        hour = newHour;
      }
      long newDay = Math.floorDiv(now, DAY);
      if (newDay != day) {
        if (peak > 0) {
          days = Math.min(days + 1, DAYS_MOST);
          usual += (peak - usual) / days;
        }
        peak = 0;
        day = newDay;
      }
      count = (int) Math.min(Integer.MAX_VALUE, (long) count + recipients);
    }
  }

  private static Map<Subject, Habit> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Subject, Habit> eldest) {
        return size() > MOST;
      }
    };
  }

  private Map<Subject, Habit> among(Subject who) {
    return who.kind() == Subject.Kind.SENDER ? senders : clients;
  }

  Habits(Os os, Path data) {
    this.ledger = new Ledger(os, data.resolve(FILE), this::lines);
    ledger.read(2L * MOST, this::readLine);
  }

  /// @return whether it was understood
  private boolean readLine(String line) {
    String[] words = line.split(" ", 7);
    if (words.length < 7) {
      return false;
    }
    try {
      var kind = Subject.Kind.of(words[4]);
      var habit = new Habit();
      habit.usual = Double.parseDouble(words[0]);
      habit.days = Integer.parseInt(words[1]);
      habit.day = Long.parseLong(words[2]);
      habit.peak = Integer.parseInt(words[3]);
      boolean sound =
          Double.isFinite(habit.usual) && habit.usual >= 0 && habit.days >= 0 && habit.peak >= 0;
      if (kind.isPresent() && sound) {
        String client = words[5].equals("-") ? "" : words[5];
        var who = new Subject(kind.get(), client, words[6]);
        among(who).put(who, habit);
        return true;
      }
    } catch (NumberFormatException _) {
      // Another line may be whole.
    }
    return false;
  }

  /// Counts recipients of a mail that was taken.
  ///
  /// @return why they are too many, once an hour
  Optional<String> add(Subject who, int recipients, Instant now, OutbreakSettings settings) {
    ledger.changed();
    synchronized (clients) {
      var habit = among(who).computeIfAbsent(who, _ -> new Habit());
      habit.add(recipients, now.getEpochSecond());
      double most = Math.max(settings.suddenFrom(), settings.sudden() * habit.usual);
      if (habit.odd || habit.days < DAYS_LEAST || habit.count <= most) {
        return Optional.empty();
      }
      habit.odd = true;
      return Optional.of(
          "mail to "
              + habit.count
              + " recipients in this hour, where "
              + Math.round(habit.usual)
              + " are usual in the busiest hour of a day");
    }
  }

  private List<String> lines() {
    List<String> lines = new ArrayList<>();
    synchronized (clients) {
      clients.forEach((who, habit) -> line(who, habit).ifPresent(lines::add));
      senders.forEach((who, habit) -> line(who, habit).ifPresent(lines::add));
    }
    return lines;
  }

  private static Optional<String> line(Subject who, Habit habit) {
    if (!Ledger.fits(who.name())) {
      return Optional.empty();
    }
    int peak = habit.odd ? habit.peak : Math.max(habit.peak, habit.count);
    return Optional.of(
        String.format(Locale.ROOT, "%.2f", habit.usual)
            + " "
            + habit.days
            + " "
            + habit.day
            + " "
            + peak
            + " "
            + who.kind().word()
            + " "
            + (who.client().isEmpty() ? "-" : who.client())
            + " "
            + who.name());
  }

  /// An administrator says that as many as now are usual.
  void accept(Subject who) {
    synchronized (clients) {
      var habit = among(who).get(who);
      if (habit != null) {
        habit.usual = Math.max(habit.usual, habit.count);
      }
    }
    ledger.changed();
  }

  /// Writes what has changed.
  void write() {
    ledger.write();
  }

  /// Writes what is left.
  @Override
  public void close() {
    ledger.close();
  }
}
