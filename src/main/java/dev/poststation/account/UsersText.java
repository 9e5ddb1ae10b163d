package dev.poststation.account;

import dev.poststation.config.Origin;
import dev.poststation.config.Problem;
import dev.poststation.config.Problem.Severity;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.UserNames;
import dev.poststation.tls.Fingerprint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the text of a users file (docs/manual/users.md): whatever stands in it, the outcome is
/// users or problems, never an exception. Confined to one thread.
final class UsersText {
  /// More are not told: whoever has mended these reads it anew.
  private static final int PROBLEMS_MAX = 20;

  private static final Pattern BLANKS = Pattern.compile("[ \\t]+");
  private static final Pattern OWN =
      Pattern.compile("[^\\s@\\p{Cntrl}]{0,64}@[^\\s@\\p{Cntrl}]{1,255}");
  private static final String CLEAR = "CRAM-MD5$";
  private static final String LINES = "user, own, disabled, cram-md5, certificate or password";
  private static final String WRITTEN =
      "let \"poststation user password\" write it, or take the line from a backup";

  private final String source;
  private final Map<String, User> users = new LinkedHashMap<>();
  private final Map<String, Block> blocks = new HashMap<>();
  private final Map<String, String> certificates = new HashMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private @Nullable Draft draft;
  private int line;

  /// Where a user stands in the text.
  ///
  /// @param line his first one, from 1
  /// @param from the first character of it
  /// @param to behind the last line that says something of him
  record Block(int line, int from, int to) {}

  /// What a text is.
  ///
  /// @param blocks by folded name
  /// @param problems all errors; with one, nothing of the text is used
  record Read(Users users, Map<String, Block> blocks, List<Problem> problems) {}

  /// A user who is being read.
  private static final class Draft {
    private final String name;
    private final int line;
    private final int from;
    private final List<String> own = new ArrayList<>();
    private final List<String> certificates = new ArrayList<>();
    private final List<Password> passwords = new ArrayList<>();
    private boolean disabled;
    private boolean cramMd5;
    private int to;

    private Draft(String name, int line, int from) {
      this.name = name;
      this.line = line;
      this.from = from;
    }
  }

  private UsersText(Path file) {
    this.source = file.toString();
  }

  /// @param file what problems name as their place
  static Read read(String text, Path file) {
    var reader = new UsersText(file);
    int from = 0;
    while (from < text.length() && reader.problems.size() < PROBLEMS_MAX) {
      int end = text.indexOf('\n', from);
      int to = end < 0 ? text.length() : end + 1;
      reader.line(text.substring(from, to).strip(), from, to);
      from = to;
    }
    reader.endOfUser();
    return new Read(
        reader.problems.isEmpty() ? new Users(reader.users) : Users.NONE,
        reader.blocks,
        List.copyOf(reader.problems));
  }

  private void line(String text, int from, int to) {
    line++;
    if (text.isEmpty() || text.startsWith("#")) {
      return;
    }
    String[] words = BLANKS.split(text, -1);
    if (words[0].equals("user")) {
      endOfUser();
      startOfUser(words, from);
    } else if (draft == null) {
      error(
          "\"" + shown(words[0]) + "\" stands before any user",
          "begin with a line user NAME, and a line that explains with #");
    } else {
      ofUser(draft, words);
    }
    if (draft != null) {
      draft.to = to;
    }
  }

  private void startOfUser(String[] words, int from) {
    String name = words.length == 2 ? words[1] : "";
    var flaw = UserNames.flaw(name);
    if (words.length != 2) {
      error("a user has one name without blanks", "write user NAME");
    } else if (flaw.isPresent()) {
      error("\"" + shown(name) + "\" is no name of a user", flaw.get());
    }
    // What follows is looked at all the same.
    draft = new Draft(name, line, from);
  }

  private void endOfUser() {
    var ended = draft;
    if (ended == null) {
      return;
    }
    draft = null;
    if (ended.passwords.stream().map(Password::sha256).anyMatch(keys -> differs(ended, keys))
        || ended.passwords.stream()
            .map(Password::sha1)
            .filter(Objects::nonNull)
            .anyMatch(keys -> differs(ended, keys))) {
      error(
          ended.line,
          "the passwords of " + shown(ended.name) + " have different salts or iterations",
          "set those anew that do not have those of the others, for a client learns only one");
    }
    String folded = UserNames.folded(ended.name);
    var user =
        new User(
            ended.name,
            ended.own,
            ended.disabled,
            ended.cramMd5,
            ended.certificates,
            ended.passwords);
    var block = new Block(ended.line, ended.from, ended.to);
    var former = blocks.putIfAbsent(folded, block);
    if (former == null) {
      users.put(folded, user);
    } else if (!ended.name.isEmpty()) {
      error(
          ended.line,
          "user " + shown(ended.name) + " is there already, in line " + former.line(),
          "make one of the two; capitals make no difference");
    }
  }

  private static boolean differs(Draft draft, ScramKeys keys) {
    var first = draft.passwords.getFirst().sha256();
    return first.iterations() != keys.iterations() || !Arrays.equals(first.salt(), keys.salt());
  }

  private void ofUser(Draft user, String[] words) {
    List<String> values = List.of(words).subList(1, words.length);
    switch (words[0]) {
      case "own" -> own(user, values);
      case "disabled" -> user.disabled = flag("disabled", values);
      case "cram-md5" -> user.cramMd5 = flag("cram-md5", values);
      case "certificate" -> certificates(user, values);
      case "password" -> password(user, values);
      default ->
          error(
              "\"" + shown(words[0]) + "\" is nothing that a user has",
              "a line begins with " + LINES);
    }
  }

  private boolean flag(String word, List<String> values) {
    if (!values.isEmpty()) {
      error("nothing may stand behind " + word, "remove it, or the whole line");
    }
    return true;
  }

  private void own(Draft user, List<String> values) {
    if (values.isEmpty()) {
      error("own names no address", "write own user@example.com, or remove the line");
    }
    for (String address : values) {
      if (OWN.matcher(address).matches()) {
        user.own.add(address);
      } else {
        error(
            "\"" + shown(address) + "\" is no address",
            "write user@example.com, or @example.com for all of a domain, with blanks between two");
      }
    }
  }

  private void certificates(Draft user, List<String> values) {
    if (values.isEmpty()) {
      error("certificate names no fingerprint", "write certificate sha256:..., or remove the line");
    }
    for (String text : values) {
      var fingerprint = Fingerprint.parse(text);
      if (fingerprint.isEmpty()) {
        error(
            "\"" + shown(text) + "\" is no fingerprint",
            "write sha256: and what openssl x509 -noout -fingerprint -sha256 prints behind the =");
        continue;
      }
      String other = certificates.putIfAbsent(fingerprint.get(), user.name);
      if (other != null) {
        error(
            "this certificate belongs to " + shown(other) + " already",
            "remove it from one of them");
      }
      user.certificates.add(fingerprint.get());
    }
  }

  private void password(Draft user, List<String> values) {
    String label = values.isEmpty() ? "" : values.getFirst();
    if (!UserNames.isLabel(label)) {
      error(
          "\"" + shown(label) + "\" is no label of a password",
          "write password LABEL main|application created=TIME KEYS; a label has letters, digits, ."
              + " _ and -");
      return;
    }
    if (user.passwords.stream().anyMatch(other -> other.label().equals(label))) {
      error(
          shown(user.name) + " has two passwords \"" + label + "\"",
          "give one of them another label");
      return;
    }
    parts(label, values.subList(1, values.size())).ifPresent(user.passwords::add);
  }

  private Optional<Password> parts(String label, List<String> words) {
    int before = problems.size();
    Password.Kind kind = null;
    Instant created = null;
    Instant expires = null;
    ScramKeys sha256 = null;
    ScramKeys sha1 = null;
    String clear = null;
    for (String word : words) {
      if (word.equals("main") || word.equals("application")) {
        kind = Password.Kind.valueOf(word.toUpperCase(Locale.ROOT));
      } else if (word.startsWith("created=")) {
        created = time(word).orElse(null);
      } else if (word.startsWith("expires=")) {
        expires = time(word).orElse(null);
      } else if (word.startsWith(ScramKeys.Hash.SHA_256.mechanism() + "$")) {
        sha256 = keys(word).orElse(null);
      } else if (word.startsWith(ScramKeys.Hash.SHA_1.mechanism() + "$")) {
        sha1 = keys(word).orElse(null);
      } else if (word.startsWith(CLEAR)) {
        clear = clear(word.substring(CLEAR.length())).orElse(null);
      } else {
        // It may be a password that somebody wrote there: it is not repeated.
        error("password " + label + ": a word is nothing that a password has", WRITTEN);
      }
    }
    if (problems.size() > before) {
      return Optional.empty();
    }
    if (kind == null) {
      error("password " + label + " says not what it is", "write main or application behind it");
    } else if (created == null) {
      error(
          "password " + label + " says not when it was set", "write created=2026-01-31T00:00:00Z");
    } else if (sha256 == null) {
      error("password " + label + " has no keys " + ScramKeys.Hash.SHA_256.mechanism(), WRITTEN);
    } else {
      return Optional.of(new Password(label, kind, created, expires, sha256, sha1, clear));
    }
    return Optional.empty();
  }

  private Optional<Instant> time(String word) {
    String text = word.substring(word.indexOf('=') + 1);
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException _) {
      error("\"" + shown(text) + "\" is no time", "write it in UTC, as in 2026-01-31T00:00:00Z");
      return Optional.empty();
    }
  }

  private Optional<ScramKeys> keys(String text) {
    var keys = ScramKeys.parse(text);
    if (keys.isEmpty()) {
      error("the keys of a password are damaged", WRITTEN);
    }
    return keys;
  }

  private Optional<String> clear(String text) {
    try {
      byte[] octets = Base64.getDecoder().decode(text);
      if (octets.length > 0) {
        return Optional.of(new String(octets, StandardCharsets.UTF_8));
      }
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    error("the secret of CRAM-MD5 is damaged", WRITTEN);
    return Optional.empty();
  }

  private void error(String message, String remedy) {
    error(line, message, remedy);
  }

  private void error(int where, String message, String remedy) {
    if (problems.size() < PROBLEMS_MAX) {
      problems.add(new Problem(new Origin(source, where), message, remedy, Severity.ERROR));
    }
  }

  /// What somebody wrote, short and without what steers a terminal.
  private static String shown(String text) {
    String some = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    return some.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}\"]", "?");
  }

  /// The lines of a user.
  static String text(User user) {
    var text = new StringBuilder("user ").append(user.name()).append('\n');
    if (user.disabled()) {
      text.append("  disabled\n");
    }
    if (user.cramMd5()) {
      text.append("  cram-md5\n");
    }
    if (!user.own().isEmpty()) {
      text.append("  own ").append(String.join(" ", user.own())).append('\n');
    }
    for (String fingerprint : user.certificates()) {
      text.append("  certificate ").append(fingerprint).append('\n');
    }
    user.passwords().forEach(password -> text(password, text));
    return text.toString();
  }

  private static void text(Password password, StringBuilder text) {
    text.append("  password ").append(password.label()).append(' ');
    text.append(password.kind().name().toLowerCase(Locale.ROOT));
    text.append(" created=").append(password.created());
    if (password.expires() != null) {
      text.append(" expires=").append(password.expires());
    }
    text.append(' ').append(password.sha256().text());
    if (password.sha1() != null) {
      text.append(' ').append(password.sha1().text());
    }
    if (password.clear() != null) {
      byte[] octets = password.clear().getBytes(StandardCharsets.UTF_8);
      text.append(' ').append(CLEAR).append(Base64.getEncoder().encodeToString(octets));
    }
    text.append('\n');
  }
}
