package dev.poststation.reporting;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.tlsrpt.Tally;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How far one report has come. Immutable.
///
/// @param begun when it was tried first
/// @param attempts that failed
/// @param next when it is tried again
/// @param mail where it is still to be mailed to; null: where to is not known yet
/// @param sites where it is still to be posted to
/// @param problem what went wrong last; empty: nothing; not kept over a restart
record Dispatch(
    Tally.Key key,
    Instant begun,
    int attempts,
    Instant next,
    @Nullable List<Address> mail,
    List<URI> sites,
    String problem) {
  /// RFC 8460 5.5.
  private static final Duration END = Duration.ofHours(24);

  private static final Duration FIRST_WAIT = Duration.ofMinutes(5);
  private static final Duration LONGEST_WAIT = Duration.ofHours(4);
  private static final String UNKNOWN = "?";

  Dispatch {
    mail = mail == null ? null : List.copyOf(mail);
    sites = List.copyOf(sites);
  }

  static Dispatch begin(Tally.Key key, Instant now) {
    var start = now.truncatedTo(ChronoUnit.SECONDS);
    return new Dispatch(key, start, 0, start, null, List.of(), "");
  }

  /// Whether nothing is left to do.
  boolean done() {
    return mail != null && mail.isEmpty() && sites.isEmpty();
  }

  /// The same with other places left.
  Dispatch left(@Nullable List<Address> toMail, List<URI> toPost) {
    return new Dispatch(key, begun, attempts, next, toMail, toPost, problem);
  }

  /// The same after a failure: to be tried again later each time, and at last not any more.
  Dispatch failed(Instant now, String why) {
    if (now.isAfter(begun.plus(END))) {
      return new Dispatch(key, begun, attempts + 1, next, List.of(), List.of(), why);
    }
    var wait = FIRST_WAIT.multipliedBy(1L << Math.min(attempts, 10));
    var later = now.plus(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
    return new Dispatch(
        key, begun, attempts + 1, later.truncatedTo(ChronoUnit.SECONDS), mail, sites, why);
  }

  String line() {
    var mailboxes = mail;
    return String.join(
        " ",
        key.day().toString(),
        key.domain(),
        begun.toString(),
        Integer.toString(attempts),
        next.toString(),
        mailboxes == null
            ? UNKNOWN
            : mailboxes.stream().map(Address::toString).collect(Collectors.joining(",")),
        sites.stream().map(URI::toString).collect(Collectors.joining(",")));
  }

  static Optional<Dispatch> parse(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != 7) {
      return Optional.empty();
    }
    try {
      List<Address> mail =
          words[5].equals(UNKNOWN)
              ? null
              : items(words[5]).map(each -> AddressParser.parse(each).orElseThrow()).toList();
      return Optional.of(
          new Dispatch(
              new Tally.Key(LocalDate.parse(words[0]), words[1]),
              Instant.parse(words[2]),
              Integer.parseInt(words[3]),
              Instant.parse(words[4]),
              mail,
              items(words[6]).map(URI::create).toList(),
              ""));
    } catch (DateTimeException | IllegalArgumentException | NoSuchElementException _) {
      return Optional.empty();
    }
  }

  private static Stream<String> items(String list) {
    return Stream.of(list.split(",", -1)).filter(each -> !each.isEmpty());
  }
}
