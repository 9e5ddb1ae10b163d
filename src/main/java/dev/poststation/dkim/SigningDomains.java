package dev.poststation.dkim;

import dev.poststation.config.DkimDomain;
import dev.poststation.dns.Resolver;
import dev.poststation.message.HeaderFields;
import dev.poststation.os.Os;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// The domains that sign in a running relay: who signs by their keys, and who watches over these.
/// Safe for any thread.
public final class SigningDomains implements AutoCloseable {
  private final Signing signing;
  private final ArcSealer sealer;
  private final KeyWatch watch;

  /// @param data that of the relay
  /// @param settings `dkim` of the configuration in force
  public SigningDomains(
      Os os, Path data, Supplier<Map<String, DkimDomain>> settings, Resolver resolver) {
    var keyring = new Keyring(os, data, settings);
    this.signing = new Signing(keyring, os.time());
    this.sealer = new ArcSealer(keyring, resolver, os.time());
    this.watch = new KeyWatch(os, keyring, resolver);
  }

  /// Watches over the keys, if there are domains; to be called again after a reload.
  public void start() {
    watch.start();
  }

  /// Signs mail.
  public Signing signing() {
    return signing;
  }

  /// A mail of our own with its signatures in front; as it is where none signs, or none can now: it
  /// must go all the same.
  ///
  /// @param mail its header, an empty line, and its body
  public byte[] signed(byte[] mail) {
    var fields = HeaderFields.of(mail, true).fields();
    int end = fields.isEmpty() ? 0 : fields.getLast().end();
    int body = Math.min(mail.length, end + 2);
    try {
      var result =
          signing.sign(
              Arrays.copyOf(mail, end),
              () -> new ByteArrayInputStream(mail, body, mail.length - body));
      if (result instanceof Signing.Result.Signed(var front, _)) {
        byte[] all = Arrays.copyOf(front, front.length + mail.length);
        System.arraycopy(mail, 0, all, front.length, mail.length);
        return all;
      }
      return mail;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // It is in memory.
    }
  }

  /// Seals mail that goes on to somebody else (ARC).
  public ArcSealer sealer() {
    return sealer;
  }

  /// All keys, as they are now.
  public List<KeyWatch.Standing> standings() {
    return watch.standings();
  }

  /// What an administrator should know of the keys, a sentence each.
  public List<String> concerns() {
    return watch.concerns();
  }

  @Override
  public void close() {
    watch.close();
  }
}
