package dev.poststation.account;

import dev.poststation.account.UsersFile.UnusableException;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.os.Os;
import dev.poststation.sasl.UnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The users of a file that may change while we run. One that cannot be used is told once, and what
/// was read of it before goes on to hold; not what was read of another one, which is not the users
/// file any more. Safe for any thread.
final class WatchedUsers {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedUsers.class);
  private static final Duration BETWEEN_GLANCES = Duration.ofSeconds(1);

  private final Os os;
  private final Supplier<Path> file;
  private final ReentrantLock looking = new ReentrantLock();
  private volatile @Nullable State state;

  /// By which a file that has changed is known: it may be another one, other in content, or only in
  /// who may read it.
  private record Mark(
      Path file, Optional<String> identity, Optional<Instant> modified, long size, String access) {
    private boolean isGone() {
      return identity.isEmpty() && access.isEmpty();
    }
  }

  /// @param users what holds; null: nothing could ever be read
  /// @param problem why the file as it is now cannot be used; null: it can
  private record State(
      Mark mark, @Nullable Users users, @Nullable Problem problem, long lookedAt) {}

  /// @param file where it is now; another one may be named by a reload
  WatchedUsers(Os os, Supplier<Path> file) {
    this.os = os;
    this.file = file;
  }

  /// The users as the file has them now.
  ///
  /// @throws UnavailableException when it cannot be used, and could not since it is the users file
  Users now() throws UnavailableException {
    return usersOf(look());
  }

  /// The users as they were a second ago at most: for questions that must cost nothing.
  Users lately() throws UnavailableException {
    var seen = state;
    boolean young = seen != null && os.time().nanos() - seen.lookedAt < BETWEEN_GLANCES.toNanos();
    return usersOf(seen != null && young ? seen : look());
  }

  /// Why the file as it is now cannot be used.
  Optional<Problem> problem() {
    return Optional.ofNullable(look().problem);
  }

  /// What goes on to hold though the file is gone; empty when it is there, or nothing was in it.
  Optional<Users> vanished() {
    var seen = look();
    return seen.mark.isGone() ? Optional.ofNullable(seen.users) : Optional.empty();
  }

  private static Users usersOf(State state) throws UnavailableException {
    if (state.users == null) {
      throw new UnavailableException(String.valueOf(state.problem));
    }
    return state.users;
  }

  private State look() {
    var seen = state;
    if (seen == null) {
      looking.lock(); // Nobody can answer before it was read once.
    } else if (!looking.tryLock()) {
      return seen; // One looks; the others go on with what was.
    }
    try {
      var fresh = look(state);
      state = fresh;
      return fresh;
    } finally {
      looking.unlock();
    }
  }

  private State look(@Nullable State before) {
    long now = os.time().nanos();
    Path path = file.get();
    var mark = mark(path);
    if (before != null && before.mark.equals(mark)) {
      return new State(mark, before.users, before.problem, now);
    }
    if (before != null && hadUsers(before, path) && mark.isGone()) {
      return kept(mark, before.users, gone(path), now);
    }
    try {
      var users = UsersFile.read(os.disk(), path).users();
      if (before != null) {
        int many = users.all().size();
        LOG.info("Read {} anew: {}", path, many == 1 ? "1 user" : many + " users");
      }
      return new State(mark, users, null, now);
    } catch (UnusableException e) {
      var last = before != null && before.mark.file.equals(path) ? before.users : null;
      return kept(mark, last, e.problems().getFirst(), now);
    }
  }

  private static State kept(Mark mark, @Nullable Users last, Problem problem, long now) {
    LOG.warn(
        "{}{}",
        problem,
        last == null ? "; nobody can log in" : "; what was read before goes on to hold");
    return new State(mark, last, problem, now);
  }

  private static boolean hadUsers(State before, Path path) {
    return before.mark.file.equals(path) && before.users != null && !before.users.all().isEmpty();
  }

  private static Problem gone(Path path) {
    return new Problem(
        new Origin(path.toString()),
        "the users file is gone",
        "put it back, or write it anew from what the relay still knows with poststation user"
            + " write-back, or restart the relay if there shall be no users",
        Problem.Severity.ERROR);
  }

  private Mark mark(Path path) {
    var disk = os.disk();
    try {
      var identity = disk.identity(path);
      String access =
          identity.isEmpty() ? "" : disk.owner(path) + " " + disk.readableByOthers(path);
      return new Mark(path, identity, disk.modified(path), disk.size(path), access);
    } catch (IOException e) {
      return new Mark(path, Optional.empty(), Optional.empty(), 0, String.valueOf(e));
    }
  }
}
