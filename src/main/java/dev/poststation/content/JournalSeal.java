package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.os.Os;
import dev.poststation.store.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// By what a journal report of this installation is known when it comes back, so that none is made
/// of it, and nobody can write on his mail that it is one; and by what a copy for a filter is. Safe
/// for any thread.
public final class JournalSeal {
  /// Its name in `data`.
  static final String FILE = "journal.secret";

  private static final String MAC = "HmacSHA256";
  private static final String LOSS = "journal reports of before are not known";
  private static final Pattern FORM = Pattern.compile("([0-9]{1,12})-[0-9a-f]{64}");

  /// A report that comes back does so by then; else one is made of it, which is known again.
  private static final Duration VALID = Duration.ofDays(30);

  private final Os os;
  private final SecretFile secret;
  private final String what;

  JournalSeal(Os os, Path data) {
    this(os, new SecretFile(os, file(data)), "");
  }

  /// Where its secret is.
  public static Path file(Path data) {
    return data.resolve(FILE);
  }

  /// @param what stands in front of what is sealed, which else begins with a number
  private JournalSeal(Os os, SecretFile secret, String what) {
    this.os = os;
    this.secret = secret;
    this.what = what;
  }

  /// That of copies for a filter: who sees one has none for a journal report.
  JournalSeal ofMirrors() {
    return new JournalSeal(os, secret, "mirror ");
  }

  /// The seal of a report.
  ///
  /// @param made when it is made: seconds since 1970
  String of(String messageId, long made) {
    try {
      var mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(secret.orAnother(LOSS), MAC));
      byte[] sealed = mac.doFinal((what + made + " " + messageId).getBytes(UTF_8));
      return made + "-" + HexFormat.of().formatHex(sealed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Whether this is the seal of that report, and it was made lately: who has once seen one could
  /// else write it on his mail for ever. Makes no secret: a command may ask.
  boolean fits(String messageId, String seal) {
    var parts = FORM.matcher(seal);
    if (!parts.matches() || !isKnown()) {
      return false;
    }
    long made = Long.parseLong(parts.group(1));
    long age = Math.abs(os.time().now().getEpochSecond() - made);
    return age <= VALID.toSeconds()
        && MessageDigest.isEqual(of(messageId, made).getBytes(UTF_8), seal.getBytes(UTF_8));
  }

  private boolean isKnown() {
    try {
      return secret.known().isPresent();
    } catch (IOException _) {
      return false;
    }
  }
}
