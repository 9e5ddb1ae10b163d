package dev.poststation.config;

import dev.poststation.message.Priority;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Before which other mail that of a client goes: `priority` and `bulk` of an entry of `clients`.
/// Immutable.
///
/// @param urgency as a whole
/// @param headers fields by which normal mail is bulk
/// @param names of those fields, in lower case
/// @param recipients more of them make normal mail bulk; 0: their number does not matter
public record Precedence(
    Urgency urgency, List<HeaderPattern> headers, Set<String> names, int recipients) {
  /// Neither before nor after other mail.
  public static final Precedence NORMAL = new Precedence(Urgency.NORMAL, List.of(), 0);

  /// How urgent mail is.
  public enum Urgency {
    /// Newsletters and the like.
    BULK(Priority.BULK),
    /// What people write.
    NORMAL(Priority.NORMAL),
    /// Alarms.
    URGENT(Priority.URGENT);

    private final int priority;

    Urgency(int priority) {
      this.priority = priority;
    }

    /// As a number ([Priority]).
    public int priority() {
      return priority;
    }
  }

  public Precedence {
    headers = List.copyOf(headers);
    names = Set.copyOf(names);
  }

  /// The same, with the names taken from the fields.
  public Precedence(Urgency urgency, List<HeaderPattern> headers, int recipients) {
    this(
        urgency,
        headers,
        headers.stream().map(HeaderPattern::name).collect(Collectors.toSet()),
        recipients);
  }

  static Precedence read(Section in) {
    Urgency urgency =
        in.read(
            "priority",
            Kinds.choice(Urgency.class),
            "normal",
            """
            Before which other mail that of the entry goes, to the same destination: `urgent`,
            `normal`, or `bulk`, which besides leaves one of the connections to other mail, and half
            of `queue.ready-per-destination`.
            """);
    return in.section(
        "bulk",
        """
        Which mail is bulk with `priority = normal`, as all is with `priority = bulk`.
        """,
        bulk -> new Precedence(urgency, headers(bulk), recipients(bulk)));
  }

  private static List<HeaderPattern> headers(Section in) {
    return in.list(
        "headers",
        HeaderPattern.KIND,
        Standard.list(
            HeaderPattern.KIND,
            "Precedence: bulk",
            "Precedence: list",
            "Precedence: junk",
            "List-Id",
            "List-Unsubscribe"),
        """
        Fields of the header that mark bulk: a name, or a name and all that stands in it. One is
        enough. Those of mailing lists and newsletters (RFC 2919, RFC 2369); `[]`: none.
        """);
  }

  private static int recipients(Section in) {
    return in.read(
        "recipients",
        Kinds.integer(0, 1_000_000),
        "100",
        """
        A mail with more recipients is bulk; 0: their number does not matter.
        """);
  }
}
