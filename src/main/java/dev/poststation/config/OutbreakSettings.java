package dev.poststation.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `limits.outbreak`: when a client is not itself any more, and what becomes of its mail then.
/// Immutable.
///
/// @param action for entries of `clients` that do not say otherwise
/// @param failures how many recipients next hops must refuse
/// @param within in which time
/// @param sudden so many times the usual is too much
/// @param suddenFrom recipients in an hour that are never too many
/// @param pause how long a client is refused, or not told of again
public record OutbreakSettings(
    Action action, Share failures, Duration within, int sudden, int suddenFrom, Duration pause) {
  /// As when nothing is written.
  public static final OutbreakSettings STANDARD =
      new OutbreakSettings(
          Action.REPORT, new Share(25, 50), Duration.ofHours(1), 10, 200, Duration.ofHours(1));

  /// What becomes of the mail of a client that is not itself.
  public enum Action {
    /// Nothing is looked at.
    OFF,
    /// It is told of, and goes its way.
    REPORT,
    /// It is refused for a while.
    THROTTLE,
    /// It is taken and waits for an administrator.
    HOLD;

    /// As it is written in the file.
    public String word() {
      return Kinds.word(this);
    }
  }

  /// A part of at least so many.
  ///
  /// @param percent from 1 to 100
  public record Share(int percent, int least) {
    private static final Pattern FORM =
        Pattern.compile("\\s*([0-9]{1,3})\\s*%\\s+of\\s+([0-9]{1,6})\\s*");

    static Parsed<Share> read(String text) {
      Matcher parts = FORM.matcher(text);
      if (!parts.matches()) {
        return Parsed.bad("is no share", "write percent and the least number, as in \"25% of 50\"");
      }
      var share = new Share(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
      return share.percent < 1 || share.percent > 100 || share.least < 1
          ? Parsed.bad("is out of range", "write from 1% to 100% of at least 1")
          : Parsed.good(share);
    }

    /// As it is written in the file.
    @Override
    public String toString() {
      return percent + "% of " + least;
    }
  }

  private static final Kind<Share> SHARE =
      new Kind<>("share", Kind.Form.QUOTED, (text, _) -> Share.read(text));

  static OutbreakSettings read(Section in) {
    return new OutbreakSettings(
        in.read(
            "action",
            Kinds.choice(Action.class),
            "report",
            """
            What becomes of the mail of a client, user or sender with an outbreak: `report` tells of
            it in log and `status` and lets it go, `throttle` refuses it with 451 4.7.1 for `pause`,
            `hold` takes it and holds it until an administrator has looked; `off` looks at nothing.
            An entry of `clients` may say otherwise. Report, because a relay that has just been set
            up knows nobody's habits, and what is taken for an outbreak may be the newsletter.
            """),
        in.read(
            "failures",
            SHARE,
            "25% of 50",
            """
            An outbreak is when next hops have refused for good so large a share of the recipients
            of a client, user or sender, of at least so many within `within`: unknown recipients,
            refusals by policy, and whatever else they answer with 5xx. What a next hop refuses that
            refuses three clients or more, whatever they send, counts against none of them.
            """),
        in.read(
            "within",
            Kinds.duration("1 minute", "1 day"),
            "1 hour",
            """
            How far back is counted for `failures`: from half of this to all of it.
            """),
        in.read(
            "sudden",
            Kinds.integer(2, 10_000),
            "10",
            """
            An outbreak is, too, when somebody sends to so many times as many recipients in an hour
            as in the busiest hour of an ordinary day. What is ordinary is learned; nobody is judged
            by it who was not seen on three days.
            """),
        in.read(
            "sudden-from",
            Kinds.integer(1, 10_000_000),
            "200",
            """
            So many recipients in an hour are never sudden, however quiet the client is.
            """),
        in.read(
            "pause",
            Kinds.duration("1 minute", "7 days"),
            "1 hour",
            """
            How long `throttle` refuses, and how long an outbreak that was told of is not told of
            again. A hold lasts until `poststation outbreak lift`.
            """));
  }
}
