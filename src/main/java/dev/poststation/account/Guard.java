package dev.poststation.account;

import dev.poststation.sasl.Accounts.Login;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/// Stands between the mechanisms and those who guess passwords. Asked when a client has said a
/// password, or what proves one, and told what came of it. Whoever does not know the password of a
/// name finds it treated as every other one, whether there is such a user, and wherever he is at
/// home. Safe for any thread; waits only for a turn.
public interface Guard {
  /// How somebody stands who says a password.
  ///
  /// @param user the name as the client said it
  /// @param since when he says it, as [dev.poststation.os.Time#nanos] has it
  /// @param left how long he is blocked yet; zero: he is not
  /// @param looked whether the password is looked at: the right one lets him in. While he is
  ///   blocked all else is answered as if nobody had looked
  /// @param crowded whether he had no turn: he is answered as if he was blocked
  /// @param early whether the password was looked at before he had a turn; that it may be wrong was
  ///   counted then, where he is at home
  record Passage(
      InetAddress address,
      String user,
      long since,
      Duration left,
      boolean looked,
      boolean crowded,
      boolean early) {
    /// Of somebody who did not wait for a turn.
    public Passage(InetAddress address, String user, long since, Duration left, boolean looked) {
      this(address, user, since, left, looked, false, false);
    }

    /// Whether he is blocked.
    public boolean blocked() {
      return crowded || !left.isZero();
    }
  }

  /// Leave to have a password looked at, or a place in the line of those who wait for it. For the
  /// session's thread, but for `meanwhile`.
  interface Turn {
    /// Whether it came at once.
    boolean had();

    /// Whether the user is at home there: whoever has all turns does not keep him out.
    boolean isAtHome();

    /// Has the password of one who is at home looked at while he waits, on a thread of its own:
    /// when he is answered does not go by it. Only the right password ends the wait. It waits until
    /// no other one of his is looked at so.
    ///
    /// @param look says whose it is
    /// @return empty: nobody's, or nobody looked
    Optional<Login> meanwhile(Callable<Optional<Login>> look) throws Exception;

    /// Waits for it. How he stands is judged when it has come, whatever is known of his password.
    Passage await();

    /// He was answered.
    void over();
  }

  /// So long every answer takes while there is a block, whether it was looked at or not.
  Duration WHILE_BLOCKED = Duration.ofSeconds(8);

  /// A failure that does not count yet.
  ///
  /// @param due when it will, as [dev.poststation.os.Time#nanos] has it
  record Mistake(Passage passage, long due) {}

  /// How this address stands that wants to log in as this user now.
  ///
  /// @param user the name as the client said it
  Passage passage(InetAddress address, String user);

  /// A turn to have a password looked at. Few have one at once of a name, and from an address,
  /// until they are answered: many would keep a directory so busy with a name for which it has work
  /// to do that it could not say of that one alone that a password is wrong.
  ///
  /// @param said how he stood who has just said it, and was not blocked
  Turn turn(Passage said);

  /// How long to wait before a failure is answered: longer after each one, zero before any. While
  /// there is a block always as long, counted from when the password was said: nobody tells by the
  /// time whether it was looked at.
  Duration delay(Passage passage);

  /// Whether any user is at home at this address: has logged in from there lately.
  boolean atHome(InetAddress address);

  /// A login failed: a wrong password, an unknown user, or anything while it was blocked.
  ///
  /// @param passage how it stood
  void failed(Passage passage);

  /// A login failed by a mechanism that not every user can use: a device may have tried it in vain
  /// with the right password. It counts in a moment, or as soon as another login of this user or
  /// from this address fails, unless he logs in before that in the same session.
  ///
  /// @param passage how it stood
  Mistake failedSoFar(Passage passage);

  /// Nobody could say whether the password was right. That counts, too, as long as nobody can.
  ///
  /// @param passage how it stood
  void unanswered(Passage passage);

  /// A login succeeded. The address is from now on one where the user is at home, by the name that
  /// he said and by ours. Nobody else sees that he came.
  ///
  /// @param passage how it stood
  /// @param before what failed in the very same session and did not count yet: for this user it
  ///   never will
  void succeeded(Passage passage, Login login, List<Mistake> before);
}
