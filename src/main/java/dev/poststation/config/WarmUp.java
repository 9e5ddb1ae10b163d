package dev.poststation.config;

import java.time.Duration;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// How many mails a new source address may send on each day, until it is known: `warm-up`.
/// Immutable.
///
/// @param from its first day, in the time of this machine
/// @param start mails on that day
/// @param doubleEvery after so long it may be twice as many
/// @param days after so many days there is no limit any more
public record WarmUp(LocalDate from, int start, Duration doubleEvery, int days) {
  /// More than anybody sends in a day.
  private static final int UNLIMITED = Integer.MAX_VALUE;

  /// How many mails it may send on a day: none before the first, and as many as there are after the
  /// last.
  public int mails(LocalDate day) {
    long number = ChronoUnit.DAYS.between(from, day);
    if (number < 0) {
      return 0;
    }
    double doubled = number / (doubleEvery.toMinutes() / 1440.0);
    return number >= days ? UNLIMITED : (int) Math.min(UNLIMITED, start * Math.pow(2, doubled));
  }

  /// Whether there is a limit on a day.
  public boolean limits(LocalDate day) {
    return mails(day) != UNLIMITED;
  }

  static Optional<WarmUp> read(Section in) {
    return in.optionalSection(
        "warm-up",
        """
        A plan for an address that nobody knows yet: so many mails a day, more each day. What is
        more goes from the other addresses, or waits for the next day where there is none.
        """,
        WarmUp::of);
  }

  private static WarmUp of(Section in) {
    return new WarmUp(
        in.required(
            "from",
            ClientKinds.DATE,
            LocalDate.EPOCH,
            "2026-12-01",
            """
            The first day, in the time of this machine. Before it the address sends nothing.
            """),
        in.read(
            "start",
            Kinds.integer(1, 1_000_000),
            "50",
            """
            Mails on the first day (one for each transaction).
            """),
        in.read(
            "double-every",
            Kinds.duration("1 day", "30 days"),
            "3 days",
            """
            After so long it may be twice as many; each day in between a little more.
            """),
        in.read(
            "days",
            Kinds.integer(1, 365),
            "30",
            """
            After so many days the plan is at its end, and there is no limit any more.
            """));
  }
}
