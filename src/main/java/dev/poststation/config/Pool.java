package dev.poststation.config;

import java.time.Duration;
import java.util.List;

/// How a connector uses its hosts, and how much of its provider.
///
/// @param skipAfter after so many failures in a row a host comes last until it is back; 0: never
/// @param quota mails that the provider takes
/// @param quotaRecipients recipients that it takes
/// @param connections that it takes at the same time, in all; 0: as many as there are
/// @param quotaPer whose quotas these are
/// @param probe how hosts are asked that nobody calls
public record Pool(
    int skipAfter,
    List<Rate> quota,
    List<Rate> quotaRecipients,
    int connections,
    Per quotaPer,
    Probe probe) {
  /// What holds when nothing is written.
  public static final Pool STANDARD = new Pool(3);

  /// Whose a quota is.
  public enum Per {
    /// All accounts of the connector share it.
    CONNECTOR,
    /// Each account has its own.
    ACCOUNT
  }

  /// How hosts are asked that nobody calls.
  ///
  /// @param every after so long without a word of a host; zero: never
  /// @param login whether we log in
  public record Probe(Duration every, boolean login) {
    /// Not at all.
    public static final Probe NEVER = new Probe(Duration.ZERO, false);

    static Probe read(Section in) {
      Duration every =
          in.read(
              "probe-every",
              Kinds.duration("0 s", "1 day"),
              "1 hour",
              """
              A host that nobody has called for so long is asked by a connection without mail whether
              it works (greeting, EHLO, the TLS that is demanded, QUIT), if mail has another way:
              there are several `hosts`, or several connectors in `via` of a route. So a dead
              standby is known before it is needed, and is not tried first. Looked at once a minute;
              `"0 s"`: never. Not with `type = mx`, `graph` and `http`.
              """);
      boolean login =
          in.read(
              "probe-login",
              Kinds.FLAG,
              "off",
              """
              Whether such a connection logs in as well, as each account: it finds a password that
              was changed, or an account that was closed. Some providers count logins.
              """);
      return new Probe(every, login);
    }
  }

  public Pool {
    quota = List.copyOf(quota);
    quotaRecipients = List.copyOf(quotaRecipients);
  }

  /// One whose hosts are not asked.
  public Pool(
      int skipAfter, List<Rate> quota, List<Rate> quotaRecipients, int connections, Per quotaPer) {
    this(skipAfter, quota, quotaRecipients, connections, quotaPer, Probe.NEVER);
  }

  /// One without quotas.
  public Pool(int skipAfter) {
    this(skipAfter, List.of(), List.of(), 0, Per.CONNECTOR);
  }

  /// Whether there is no quota of mails or recipients.
  public boolean unlimited() {
    return quota.isEmpty() && quotaRecipients.isEmpty();
  }

  /// @param recipientsPerMail of the connector
  /// @param accounts whether it has several
  static Pool read(Section in, int recipientsPerMail, boolean accounts) {
    int skipAfter =
        in.read(
            "skip-after",
            Kinds.integer(0, 1000),
            "3",
            """
            After so many failures in a row a host comes last: mail goes to the others, and is not
            held up by it. After the waits of `queue.retry`, at most a quarter of an hour, a
            connection without mail asks while there is mail whether it is back (EHLO, TLS, login,
            QUIT); then it has its place again, and connections to hosts of a worse priority are
            given up. `0`: hosts are always tried in their order.
            """);
    List<Rate> quota =
        Rate.all(
            in,
            "quota",
            Standard.emptyList("as many as there are", "250/hour", "10000/day"),
            """
            Mails that the provider takes in a time (one for each transaction). In no hour, wherever
            it begins, are more sent than `250/hour`, also when the relay is restarted or killed. What
            is more waits until there is room again, or goes to the next connector of a route with
            `quota` in `fallback`. What a host refused does not count.
            """);
    List<Rate> recipients =
        Rate.all(
            in,
            "quota-recipients",
            Standard.emptyList("as many as there are", "10000/day"),
            """
            Recipients that the provider takes in a time, likewise.
            """);
    for (Rate rate : recipients) {
      if (rate.count() < recipientsPerMail) {
        in.error(
            "quota-recipients",
            in.path("quota-recipients")
                + " is less than the "
                + recipientsPerMail
                + " recipients that one mail may have, which could never be sent",
            "write recipients-per-mail = " + rate.count() + ", or fewer");
      }
    }
    int connections =
        in.optional(
                "quota-connections",
                Kinds.integer(1, 10_000),
                Standard.none("as many as there are", "10"),
                """
                Connections that the provider takes at the same time, to all of its hosts and from
                all destinations of the connector together; `max-connections` is for each of them.
                Destinations that find none free take turns, those that have only bulk last; to
                other mail bulk leaves a tenth of them, one at least where there are two or more.
                `limits.connections` holds for all connectors together.
                """)
            .orElse(0);
    Per per =
        in.read(
            "quota-per",
            Kinds.choice(Per.class),
            "connector",
            """
            Whose quotas these are: all accounts of `auth` share one (`connector`), or each has its
            own (`account`).
            """);
    // A preset does not know how many accounts there are.
    boolean written = !in.origin("quota-per").source().startsWith(Presets.ORIGIN);
    if (per == Per.ACCOUNT && written && !accounts && !in.reading().documenting()) {
      in.warning(
          "quota-per",
          in.path("quota-per") + " is of no effect: auth has no entries to choose between",
          "remove it, or write auth as a list");
    }
    return new Pool(skipAfter, quota, recipients, connections, per, Probe.read(in));
  }
}
