package dev.poststation.cli;

import dev.poststation.account.Salts;
import dev.poststation.admin.AdminToken;
import dev.poststation.config.Exposure;
import dev.poststation.config.Loaded;
import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.config.Problem.Severity;
import dev.poststation.content.JournalSeal;
import dev.poststation.dkim.KeyShelf;
import dev.poststation.oauth.SavedTokens;
import dev.poststation.os.Os;
import dev.poststation.quarantine.DigestKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The relay's own files, where others can read or write what is secret in them: what `check` and
/// `run` say of it. Those that the configuration names were looked at when it was read. Who cannot
/// look into `data` is told nothing. Confined to the main thread.
final class ExposedFiles {
  private final Os os;
  private final Loaded.Good loaded;
  private final Path data;
  private final Origin origin;
  private final Exposure exposure;
  private final List<Problem> problems = new ArrayList<>();

  private ExposedFiles(Os os, Loaded.Good loaded) {
    this.os = os;
    this.loaded = loaded;
    this.data = loaded.configuration().data();
    this.origin = loaded.effective().origin("data");
    this.exposure = new Exposure(os.disk());
  }

  /// All of them. An error is what keeps the relay from its start; the rest are warnings.
  static List<Problem> problems(Os os, Loaded.Good loaded) {
    var look = new ExposedFiles(os, loaded);
    look.add(look.exposure.directory(look.origin, look.data));
    look.token();
    look.secret("the refresh tokens", look.data.resolve(SavedTokens.FILE));
    look.secret("the secret of salts", Salts.file(look.data));
    look.secret("the secret of journal reports", JournalSeal.file(look.data));
    look.secret("the key of digests", DigestKey.file(look.data));
    look.users();
    look.keys();
    return look.problems;
  }

  /// One that is too short the relay makes anew.
  private void token() {
    Path file = AdminToken.file(data);
    String what = "the admin token " + file;
    if (AdminToken.isRefused(os, data)) {
      exposure
          .readable(origin, what, file)
          .map(it -> new Problem(it.origin(), it.message(), it.remedy(), Severity.ERROR))
          .ifPresent(problems::add);
    }
    add(exposure.writable(origin, what, file));
  }

  private void secret(String what, Path file) {
    add(exposure.readable(origin, what + " " + file, file));
    add(exposure.writable(origin, what + " " + file, file));
  }

  /// One that others can read is not used, which is told where it is read.
  private void users() {
    Path file = loaded.configuration().users().file();
    var named = loaded.effective().origin("users.file");
    add(exposure.writable(named, "the users file " + file, file));
    add(exposure.replaceable(named, file));
  }

  /// Those that others can read are not used either.
  private void keys() {
    for (Path domain : in(data.resolve(KeyShelf.DIRECTORY))) {
      keys(domain);
    }
    for (String kind : List.of("smime", "openpgp")) {
      keys(data.resolve(kind).resolve("own"));
    }
  }

  private void keys(Path directory) {
    for (Path file : in(directory)) {
      add(exposure.writable(origin, "the key " + file, file));
      add(exposure.replaceable(origin, file));
    }
  }

  private List<Path> in(Path directory) {
    try {
      return os.disk().list(directory);
    } catch (IOException _) {
      return List.of();
    }
  }

  /// A directory may be that of several files, also of the configuration.
  private void add(Optional<Problem> found) {
    found
        .filter(it -> isNew(it, loaded.problems()) && isNew(it, problems))
        .ifPresent(problems::add);
  }

  private static boolean isNew(Problem problem, List<Problem> told) {
    return told.stream().noneMatch(each -> each.message().equals(problem.message()));
  }
}
