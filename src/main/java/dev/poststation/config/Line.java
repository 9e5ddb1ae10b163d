package dev.poststation.config;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;

/// How much of its line a connector may take, and when, and how large a mail it takes: `bandwidth`,
/// `hours`, `larger-than`, `max-size`. Immutable.
///
/// @param bandwidth octets in a second, over all connections; 0: as many as there can be
/// @param hours when mail is sent; empty: always
/// @param largerThan octets; mail that is not larger is not meant. 0: all mail is
/// @param maxSize octets of a mail at most; 0: as many as there are
public record Line(long bandwidth, List<Hours> hours, long largerThan, long maxSize) {
  /// All of it, always.
  public static final Line FREE = new Line(0, List.of(), 0, 0);

  public Line {
    hours = List.copyOf(hours);
  }

  /// Whether mail of this size is meant.
  ///
  /// @param size octets
  public boolean means(long size) {
    return (bandwidth > 0 || !hours.isEmpty()) && size > largerThan;
  }

  /// Whether a mail of this size is more than the connector takes.
  public boolean tooLarge(long size) {
    return maxSize > 0 && size > maxSize;
  }

  /// Whether only large mail is meant, and mail of this size is.
  public boolean large(long size) {
    return largerThan > 0 && means(size);
  }

  /// When mail of this size may be sent: now, or when the next of the hours begins, by the clock of
  /// this machine.
  public Instant opens(long size, Instant now) {
    return opens(size, now, ZoneId.systemDefault());
  }

  Instant opens(long size, Instant now, ZoneId zone) {
    if (hours.isEmpty() || !means(size)) {
      return now;
    }
    var local = now.atZone(zone);
    if (hours.stream().anyMatch(each -> each.include(local.toLocalDateTime()))) {
      return now;
    }
    return hours.stream().map(each -> each.nextBegin(local)).sorted().findFirst().orElse(now);
  }

  /// For people: `mail above 5 MB at 125 kB/s, sent 20:00-06:00`; empty: nothing is limited.
  public String describe() {
    String what = largerThan > 0 ? "mail above " + Units.show(largerThan) : "mail";
    String much = bandwidth > 0 ? " at " + Units.show(bandwidth) + "/s" : "";
    String when =
        hours.isEmpty()
            ? ""
            : (much.isEmpty() ? " sent " : ", sent ")
                + hours.stream().map(Hours::toString).collect(Collectors.joining(", "));
    String rate = (much + when).isEmpty() ? "" : what + much + when;
    String most = maxSize > 0 ? "no mail above " + Units.show(maxSize) : "";
    return rate.isEmpty() || most.isEmpty() ? rate + most : rate + "; " + most;
  }

  static Line read(Section in) {
    long bandwidth =
        in.optional(
                "bandwidth",
                Kinds.BANDWIDTH,
                Standard.none("as much as there is", "1 Mbit/s"),
                """
                How much mail is sent in a second at most, over all connections of the connector
                together: `bit/s`, `kbit/s`, `Mbit/s`, or `kB/s`, `MB/s`. What TLS, TCP and IP add
                is not counted: about a twentieth. A second's worth may go at a stroke. Bulk has what
                other mail leaves of it.
                """)
            .orElse(0L);
    List<Hours> hours =
        in.list(
            "hours",
            ClientKinds.HOURS,
            Standard.emptyList("always", "20:00-06:00"),
            """
            When mail is sent, in the time of this machine, as `hours` in `clients`. What comes at
            another time waits until they begin, and by that grows no older; what is on its way when
            they end is sent to its end.
            """);
    in.refuseEmpty("hours", hours, "write when mail is sent, or remove it");
    long largerThan =
        in.optional(
                "larger-than",
                Kinds.size("1 kB", "2 GB"),
                Standard.none("all mail is meant", "5 MB"),
                """
                Only mail that is larger is meant by `bandwidth` and `hours`. Other mail goes at once,
                and always finds a connection that no large one has taken, unless `max-connections`
                is 1.
                """)
            .orElse(0L);
    if (in.has("larger-than") && !in.has("bandwidth") && !in.has("hours")) {
      in.warning(
          "larger-than",
          in.path("larger-than") + " is of no effect without bandwidth or hours",
          "write, for example, hours = \"20:00-06:00\", or remove it");
    }
    long maxSize =
        in.optional(
                "max-size",
                Kinds.size("1 kB", "2 GB"),
                Standard.none("as the next hop says", "25 MB"),
                """
                The largest mail that goes by this connector, as it is stored: attachments in BASE64
                are a third larger than their files. What is larger goes to the next connector of
                the route, if `fallback` has `connection`, else back to its sender with 5.3.4. What
                no connector of any route takes is refused when it comes.
                """)
            .orElse(0L);
    return new Line(bandwidth, hours, largerThan, maxSize);
  }
}
