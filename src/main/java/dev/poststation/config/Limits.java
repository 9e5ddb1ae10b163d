package dev.poststation.config;

import java.time.Duration;

/// `limits`: everything that a peer can make grow.
///
/// @param sessions connections from clients that may relay, in all
/// @param strangerSessions connections from all others, in all
/// @param strangerPause how long one of those is not let in again after it misbehaved
/// @param sessionsPerClient connections from one IPv4 address or IPv6 network of 64 bits
/// @param messageSize octets of one mail
/// @param recipients recipients of one mail
/// @param incomingRecipients recipients of all mails that are coming in
/// @param commandLine octets of a command line, CRLF included
/// @param headerSize octets of the header of a mail
/// @param hops Received fields in a mail (RFC 5321 6.3)
/// @param errors commands refused in one session before it is closed
/// @param authFailures failed attempts to log in before the session is closed
/// @param idleCommands commands without mail in a row (NOOP, RSET, VRFY …) before the session is
///   closed
/// @param mailsPerSession mails in one session
/// @param commandTimeout how long we wait for a command (RFC 5321 4.5.3.2.7)
/// @param dataTimeout how long we wait for the next octets of a mail
/// @param transactionTime how long one mail may take from MAIL to the final dot
/// @param sessionTime how long a session may last
/// @param tlsTimeout how long a handshake may take
/// @param replyLine octets of one reply line of a next hop
/// @param replyLines lines of one reply of a next hop
/// @param activeMails mails in memory: being routed, ready, in flight
/// @param activeRecipients recipients of those
/// @param connections connections to next hops in all
/// @param destinations destinations that are known to be unreachable
/// @param bodyMemory octets of content kept in memory until first delivered
/// @param shutdownGrace how long a shutdown waits for transactions and attempts
/// @param outbreak when a client is not itself any more
/// @param mime how far services look into the parts of a mail
public record Limits(
    int sessions,
    int strangerSessions,
    Duration strangerPause,
    int sessionsPerClient,
    long messageSize,
    int recipients,
    int incomingRecipients,
    int commandLine,
    int headerSize,
    int hops,
    int errors,
    int authFailures,
    int idleCommands,
    int mailsPerSession,
    Duration commandTimeout,
    Duration dataTimeout,
    Duration transactionTime,
    Duration sessionTime,
    Duration tlsTimeout,
    int replyLine,
    int replyLines,
    int activeMails,
    int activeRecipients,
    int connections,
    int destinations,
    long bodyMemory,
    Duration shutdownGrace,
    OutbreakSettings outbreak,
    MimeLimits mime) {
  static Limits read(Section in) {
    int sessions = sessions(in);
    var limits =
        new Limits(
            sessions,
            strangerSessions(in, sessions),
            strangerPause(in),
            sessionsPerClient(in),
            messageSize(in),
            recipients(in),
            incomingRecipients(in),
            commandLine(in),
            headerSize(in),
            hops(in),
            errors(in),
            authFailures(in),
            idleCommands(in),
            mailsPerSession(in),
            commandTimeout(in),
            dataTimeout(in),
            transactionTime(in),
            sessionTime(in),
            tlsTimeout(in),
            replyLine(in),
            replyLines(in),
            activeMails(in),
            activeRecipients(in),
            connections(in),
            destinations(in),
            bodyMemory(in),
            shutdownGrace(in),
            in.section(
                "outbreak",
                """
                When a client, user or sender is not itself any more: a password was stolen, a
                machine was broken into.
                """,
                OutbreakSettings::read),
            in.section(
                "mime",
                """
                How far services of `content` look into the parts of a mail. What they make of a mail
                that goes beyond, their `too-complex` says.
                """,
                MimeLimits::read));
    if (limits.activeRecipients < limits.recipients) {
      in.error(
          "active-recipients",
          "limits.active-recipients is smaller than recipients: the largest mail would never leave",
          "make it at least " + limits.recipients);
    }
    return limits;
  }

  /// These, but for what is only taken at a start, which stays as it was then.
  public Limits asStarted(Limits start) {
    return new Limits(
        sessions,
        strangerSessions,
        strangerPause,
        sessionsPerClient,
        messageSize,
        recipients,
        incomingRecipients,
        commandLine,
        headerSize,
        hops,
        errors,
        authFailures,
        idleCommands,
        mailsPerSession,
        commandTimeout,
        dataTimeout,
        transactionTime,
        sessionTime,
        tlsTimeout,
        replyLine,
        replyLines,
        start.activeMails,
        start.activeRecipients,
        start.connections,
        start.destinations,
        start.bodyMemory,
        shutdownGrace,
        outbreak,
        mime);
  }

  private static int sessions(Section in) {
    return in.read(
        "sessions",
        Kinds.integer(1, 1_000_000),
        "1000",
        """
        Connections from clients that may relay, at the same time, in all; further ones wait until
        one ends. A session takes little, but every one of them may be sending a mail: this bounds
        memory and file descriptors. When all are taken, a client that has fewer than another one
        gets a place of that one, and one that has waited for a command for ten seconds makes room;
        both are sent away with 421 4.3.2.
        """);
  }

  private static int strangerSessions(Section in, int sessions) {
    int tenth = Math.max(1, sessions / 10);
    return in.read(
        "stranger-sessions",
        Kinds.integer(1, 1_000_000),
        Standard.computed(tenth, Integer.toString(tenth), "a tenth of `sessions`", "100"),
        """
        Connections from clients that no entry of `clients` names, in all, besides `sessions`;
        further ones are refused with 421 4.3.2 at once. Nobody of them can send a mail before he
        logs in: so few that they cost nothing, and whatever they do, the others have their places.
        Once half are taken by those who have not logged in, a client that has a quarter so gets no
        more.
        """);
  }

  private static Duration strangerPause(Section in) {
    return in.read(
        "stranger-pause",
        Kinds.duration("0 s", "1 day"),
        "1 minute",
        """
        How long a client whose address no entry of `clients` names is refused with 421 4.7.0, after
        it made too many errors, failed to log in too often, talked before the greeting, or was
        silent for too long within a session, or failed at TLS five times in a row within ten
        minutes each. Not an address from which a user has logged in lately, nor one that went
        without a word. What floods the relay with nonsense costs it next to nothing then.
        """);
  }

  private static int sessionsPerClient(Section in) {
    return in.read(
        "sessions-per-client",
        Kinds.integer(1, 1_000_000),
        "200",
        """
        Connections from one client at the same time; further ones are refused with 421, so that
        one client that runs wild leaves room for the others. A client is an IPv4 address, or all of
        an IPv6 network of 64 bits (/64).
        """);
  }

  private static long messageSize(Section in) {
    return in.read(
        "message-size",
        Kinds.size("64 kB", "10 GB"),
        "50 MB",
        """
        Octets of one mail, announced by SIZE (RFC 1870); larger ones are refused with 552 5.3.4.
        What the large providers take from their own customers is 25 to 50 MB, with attachments a
        third larger in transport than on the disk.
        """);
  }

  private static int recipients(Section in) {
    return in.read(
        "recipients",
        Kinds.integer(1, 100_000),
        "1000",
        """
        Recipients of one mail; further ones get 452 4.5.3, and the client sends the rest in another
        mail (RFC 5321 4.5.3.1.10). It must be at least 100 (4.5.3.1.8) to suit every client.
        """);
  }

  private static int incomingRecipients(Section in) {
    return in.read(
        "incoming-recipients",
        Kinds.integer(100, 10_000_000),
        "20000",
        """
        Recipients of all mails that are just coming in, the first ten of each not counted; further
        ones get 452 4.5.3 as beyond `recipients`. Bounds the memory that clients can take before
        the first mail is complete.
        """);
  }

  private static int commandLine(Section in) {
    return Math.toIntExact(
        in.read(
            "command-line",
            Kinds.size("512 B", "64 KiB"),
            "4 KiB",
            """
            Octets of a command line, CRLF included; longer ones are refused with 500. RFC 5321
            4.5.3.1.4 asks for 512, and extensions add a few hundred to MAIL and RCPT.
            """));
  }

  private static int headerSize(Section in) {
    return Math.toIntExact(
        in.read(
            "header-size",
            Kinds.size("16 KiB", "16 MiB"),
            "1 MiB",
            """
            Octets of the header of a mail, which is looked at as a whole; a larger one is refused
            with 554 5.6.0. Headers of real mail are some 10 kB; long lists in To make more.
            """));
  }

  private static int hops(Section in) {
    return in.read(
        "hops",
        Kinds.integer(5, 1000),
        "100",
        """
        Received fields in a mail; with more it is taken for a loop and refused with 554 5.4.6. RFC
        5321 6.3 asks for at least 100.
        """);
  }

  private static int errors(Section in) {
    return in.read(
        "errors",
        Kinds.integer(1, 10_000),
        "20",
        """
        Commands refused in one session since its last mail before it is closed with 421: enough for
        a list with some dead addresses, too few to guess with.
        """);
  }

  private static int authFailures(Section in) {
    return in.read(
        "auth-failures",
        Kinds.integer(1, 100),
        "3",
        """
        Failed attempts to log in after which a session is closed with 421. Clients try two or three
        mechanisms with the same password; more only serves who guesses. They count as `errors`,
        too.
        """);
  }

  private static int idleCommands(Section in) {
    return in.read(
        "idle-commands",
        Kinds.integer(5, 100_000),
        "100",
        """
        Commands without a mail in a row (NOOP, RSET, VRFY …) before the session is closed with 421:
        a client that sends no mail must not hold a session.
        """);
  }

  private static int mailsPerSession(Section in) {
    return in.read(
        "mails-per-session",
        Kinds.integer(1, 100_000_000),
        "100000",
        """
        Mails in one session; then it is closed with 421, and the client connects anew. Only a
        bound: persistent sessions are welcome, they save work on both sides.
        """);
  }

  private static Duration commandTimeout(Section in) {
    return in.read(
        "command-timeout",
        Kinds.duration("1 s", "1 day"),
        "5 minutes",
        """
        How long a client may take to send the next command. RFC 5321 4.5.3.2.7 asks for at least
        five minutes.
        """);
  }

  private static Duration dataTimeout(Section in) {
    return in.read(
        "data-timeout",
        Kinds.duration("1 s", "1 day"),
        "5 minutes",
        """
        How long nothing may come in the middle of a mail. As for a command.
        """);
  }

  private static Duration transactionTime(Section in) {
    return in.read(
        "transaction-time",
        Kinds.duration("10 s", "7 days"),
        "1 hour",
        """
        How long one mail may take from MAIL to the final dot, in or out, however busy the other
        side looks. In an hour a mail of 50 MB passes a line of 128 kbit/s; who drips octets is sent
        away.
        """);
  }

  private static Duration sessionTime(Section in) {
    return in.read(
        "session-time",
        Kinds.duration("1 minute", "30 days"),
        "12 hours",
        """
        How long a session may last; then it is closed with 421 before the next mail.
        """);
  }

  private static Duration tlsTimeout(Section in) {
    return in.read(
        "tls-timeout",
        Kinds.duration("1 s", "10 minutes"),
        "30 s",
        """
        How long a TLS handshake may take. It is a few round trips; more only serves who wants to
        hold a session.
        """);
  }

  private static int replyLine(Section in) {
    return Math.toIntExact(
        in.read(
            "reply-line",
            Kinds.size("512 B", "64 KiB"),
            "2 KiB",
            """
            Octets of one line of a next hop's reply that are kept; what is longer is cut. RFC 5321
            4.5.3.1.5 allows 512; many write more.
            """));
  }

  private static int replyLines(Section in) {
    return in.read(
        "reply-lines",
        Kinds.integer(10, 10_000),
        "100",
        """
        Lines of one reply of a next hop; with more it is taken for broken, and mail waits.
        """);
  }

  private static int activeMails(Section in) {
    return in.read(
        "active-mails",
        Kinds.integer(10, 10_000_000),
        "10000",
        """
        Mails in memory: being routed, waiting for room at their destination, or on their way. All
        others wait on the disk and cost no memory, however many they are.
        """);
  }

  private static int activeRecipients(Section in) {
    return in.read(
        "active-recipients",
        Kinds.integer(100, 10_000_000),
        "50000",
        """
        Recipients of those mails together.
        """);
  }

  private static int connections(Section in) {
    return in.read(
        "connections",
        Kinds.integer(1, 1_000_000),
        "1000",
        """
        Connections to next hops at the same time, in all; destinations take turns when there are
        not enough, those that have only bulk last, which leaves a tenth to other mail. Each
        takes a file descriptor, and up to 130 kB while it sends a large mail.
        """);
  }

  private static int destinations(Section in) {
    return in.read(
        "destinations",
        Kinds.integer(100, 10_000_000),
        "10000",
        """
        Destinations that are known to be unreachable and set aside as a whole. Mail for further
        ones waits all the same, each by its own schedule. Bounds the memory that mail to many dead
        domains can take.
        """);
  }

  private static long bodyMemory(Section in) {
    return in.read(
        "body-memory",
        Kinds.size("1 MB", "64 GB"),
        "64 MB",
        """
        Octets of content that are kept in memory until the first attempt; mail beyond that is read
        back from the disk. At full speed most mail is delivered within a second and never read
        back.
        """);
  }

  private static Duration shutdownGrace(Section in) {
    return in.read(
        "shutdown-grace",
        Kinds.duration("0 s", "10 minutes"),
        "30 s",
        """
        How long a shutdown waits for mails that are coming in or going out; then connections are
        closed, and what was on its way out may be delivered twice. systemd waits for 90 s before it
        kills.
        """);
  }
}
