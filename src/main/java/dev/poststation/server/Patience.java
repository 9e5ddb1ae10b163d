package dev.poststation.server;

import dev.poststation.config.Limits;
import dev.poststation.os.Connection;
import dev.poststation.os.Time;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import java.time.Duration;

/// How long we wait for the client: a bound for each command line and each piece of content, one
/// for a mail as a whole, and one for the session, which ends it only between mails. Confined to
/// the session's thread.
final class Patience {
  /// Which bound comes first.
  private enum Bound {
    SILENCE,
    TRANSACTION,
    SESSION
  }

  private static final long NONE = Long.MAX_VALUE;
  private static final Duration EXAMINING = Duration.ofDays(1);

  private final Connection connection;
  private final Time time;
  private final long sessionStart;
  private Limits limits;
  private long transactionStart = NONE;
  private boolean content;
  private boolean armed;
  private Bound bound = Bound.SILENCE;

  Patience(Connection connection, Time time, Limits limits) {
    this.connection = connection;
    this.time = time;
    this.limits = limits;
    this.sessionStart = time.nanos();
  }

  void use(Limits newer) {
    limits = newer;
  }

  /// A mail begins.
  void transaction(long startNanos) {
    transactionStart = startNanos;
  }

  /// It is over.
  void noTransaction() {
    transactionStart = NONE;
  }

  /// From now on a command line is waited for. It must be there as a whole in time: the bound is
  /// not renewed for each octet of it.
  void command() {
    content = false;
    armed = false;
  }

  /// From now on content is waited for; the bound is renewed for each piece.
  void content() {
    content = true;
  }

  /// Gives ourselves time: the client is not to be blamed for what the disk takes.
  void working() {
    connection.deadline(limits.commandTimeout());
  }

  /// Services look at the mail now: each has a limit of its own, and whoever was sent away
  /// meanwhile would come again with a mail that has been taken. What follows says how long is
  /// waited then.
  void examining() {
    connection.deadline(EXAMINING);
  }

  /// Gives the client time for its part in a handshake.
  void handshake() {
    bound = Bound.SILENCE;
    connection.deadline(limits.tlsTimeout());
  }

  /// To be called before each read.
  void beforeRead() {
    if (armed && !content) {
      return;
    }
    armed = true;
    Duration silence = content ? limits.dataTimeout() : limits.commandTimeout();
    long left = left();
    boolean overall = left < silence.toNanos();
    bound = !overall ? Bound.SILENCE : inTransaction() ? Bound.TRANSACTION : Bound.SESSION;
    connection.deadline(overall ? Duration.ofNanos(Math.max(left, 0)) : silence);
  }

  private boolean inTransaction() {
    return transactionStart != NONE;
  }

  private long left() {
    long now = time.nanos();
    return inTransaction()
        ? limits.transactionTime().toNanos() - (now - transactionStart)
        : limits.sessionTime().toNanos() - (now - sessionStart);
  }

  /// Whether the mail, or between mails the session, has lasted too long already. A client that
  /// keeps sending never lets a read time out.
  boolean exhausted() {
    if (left() > 0) {
      return false;
    }
    bound = inTransaction() ? Bound.TRANSACTION : Bound.SESSION;
    return true;
  }

  /// What to say when time ran out.
  Reply farewell() {
    return switch (bound) {
      case SILENCE -> Replies.TIMED_OUT;
      case TRANSACTION -> Replies.TRANSACTION_TOO_SLOW;
      case SESSION -> Replies.SESSION_TOO_LONG;
    };
  }

  /// Which limit that was.
  String limit() {
    return switch (bound) {
      case SILENCE -> content ? "limits.data-timeout" : "limits.command-timeout";
      case TRANSACTION -> "limits.transaction-time";
      case SESSION -> "limits.session-time";
    };
  }

  /// How long the session has lasted.
  Duration lasted() {
    return Duration.ofNanos(time.nanos() - sessionStart);
  }
}
