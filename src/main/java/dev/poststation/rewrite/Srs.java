package dev.poststation.rewrite;

import dev.poststation.config.Secret;
import dev.poststation.config.SrsSettings;
import dev.poststation.dns.DomainName;
import dev.poststation.message.AddressPatterns;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The Sender Rewriting Scheme (Shevek, 2004): a forwarder puts its own domain in the place of the
/// sender's, so that SPF is asked of it, and puts notices back on their way to the sender. Safe for
/// any thread.
///
/// - `anna@a.example` becomes `SRS0=HASH=DAY=a.example=anna@srs.example`: signed, with the day on
///   which that was.
/// - What another forwarder has rewritten becomes `SRS1=HASH=other.example==REST@srs.example`, by
///   which a notice goes to the other forwarder at once, however many are in between.
///
/// Hash and day are of letters whose case does not matter, for some servers change it. The hash has
/// 40 bits.
public final class Srs {
  private static final Pattern FIRST =
      Pattern.compile("SRS0[=+-]([^=]*)=([^=]*)=([^=]*)=(.*)", Pattern.CASE_INSENSITIVE);
  private static final Pattern LATER =
      Pattern.compile("SRS1[=+-]([^=]*)=([^=]*)=([=+-].*)", Pattern.CASE_INSENSITIVE);
  private static final Pattern SIGNED =
      Pattern.compile("SRS([01])([=+-].*)", Pattern.CASE_INSENSITIVE);

  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648 6
  private static final int HASH_LENGTH = 8;
  private static final int DAYS = 1 << 10; // Two letters.
  private static final Duration KEYS_AGE = Duration.ofMinutes(1);

  private final SrsSettings settings;
  private final AddressPatterns own;
  private final Time time;
  private volatile @Nullable Keys keys;

  private record Keys(List<SecretKeySpec> all, long readAt) {}

  /// What a recipient was found to be.
  public sealed interface Finding {
    /// No rewritten sender of ours.
    record Other() implements Finding {}

    /// One of ours.
    ///
    /// @param to the sender that it was
    record Original(Address to) implements Finding {}

    /// Looks like one of ours, and is not, or not any more.
    record Forged(String why) implements Finding {}

    /// It cannot be known now.
    record Unknown(String why) implements Finding {}
  }

  /// Reads no secret yet.
  public Srs(SrsSettings settings, Time time) {
    this.settings = settings;
    this.own = new AddressPatterns(settings.own());
    this.time = time;
  }

  /// Whether a sender is rewritten. The null sender is not, nor one of our own, nor one that we
  /// have rewritten already.
  public static boolean isMeant(SrsSettings settings, Address sender) {
    return isMeant(settings, new AddressPatterns(settings.own()), sender);
  }

  private static boolean isMeant(SrsSettings settings, AddressPatterns own, Address sender) {
    return !sender.isNull() && !isHere(settings, sender) && (own.isEmpty() || !own.match(sender));
  }

  private static boolean isHere(SrsSettings settings, Address address) {
    return address.domainKey().equals(settings.domain().toLowerCase(Locale.ROOT));
  }

  /// The sender under which a mail is sent on. One that would become too long for any server (RFC
  /// 5321 4.5.3.1.3) stays.
  ///
  /// @throws IOException when no secret can be read; one sentence
  public Address forward(Address sender) throws IOException {
    if (!isMeant(settings, own, sender)) {
      return sender;
    }
    String local = plain(sender.local());
    // Without SMTPUTF8 a domain can go as A-labels, but not within a local part.
    String domain = DomainName.ascii(sender.domain()).orElse(sender.domain());
    var signed = SIGNED.matcher(local);
    var later = LATER.matcher(local);
    String fresh;
    if (later.matches()) {
      fresh = "SRS1=" + hash(later.group(2), later.group(3)) + "=" + later.group(2);
      fresh += "=" + later.group(3);
    } else if (signed.matches() && signed.group(1).equals("0")) {
      fresh = "SRS1=" + hash(domain, signed.group(2)) + "=" + domain;
      fresh += "=" + signed.group(2);
    } else {
      String day = day(dayOf(time.now()));
      fresh = "SRS0=" + hash(day, domain, local) + "=" + day + "=" + domain;
      fresh += "=" + local;
    }
    return address(fresh, settings.domain()).orElse(sender);
  }

  /// The sender that a recipient was before it was rewritten here.
  public Finding reverse(Address recipient) {
    return reverse(recipient, time.now());
  }

  /// The same at another moment.
  Finding reverse(Address recipient, Instant now) {
    if (!isHere(settings, recipient)) {
      return new Finding.Other();
    }
    String local = plain(recipient.local());
    var first = FIRST.matcher(local);
    var later = LATER.matcher(local);
    try {
      if (first.matches()) {
        String day = first.group(2).toUpperCase(Locale.ROOT);
        if (!isSignature(first.group(1), day, first.group(3), first.group(4))) {
          return new Finding.Forged("its signature is not ours");
        }
        return isOver(day, now)
            ? new Finding.Forged("it was rewritten longer ago than srs.keep")
            : original(first.group(4), first.group(3));
      }
      if (later.matches()) {
        return isSignature(later.group(1), later.group(2), later.group(3))
            ? original("SRS0" + later.group(3), later.group(2))
            : new Finding.Forged("its signature is not ours");
      }
      return new Finding.Other();
    } catch (IOException e) {
      return new Finding.Unknown(String.valueOf(e.getMessage()));
    }
  }

  private static Finding original(String local, String domain) {
    return address(local, domain)
        .<Finding>map(Finding.Original::new)
        .orElseGet(() -> new Finding.Forged("it is no address"));
  }

  /// Quoted where it must be.
  private static Optional<Address> address(String local, String domain) {
    return AddressParser.parse(local + "@" + domain)
        .or(
            () ->
                AddressParser.parse(
                    "\"" + local.replace("\\", "\\\\").replace("\"", "\\\"") + "\"@" + domain));
  }

  private static String plain(String local) {
    return local.startsWith("\"") && local.length() > 1
        ? local.substring(1, local.length() - 1).replaceAll("\\\\(.)", "$1")
        : local;
  }

  private static int dayOf(Instant now) {
    return (int) Math.floorMod(now.getEpochSecond() / 86_400, (long) DAYS);
  }

  private static String day(int number) {
    return "" + LETTERS.charAt(number >> 5) + LETTERS.charAt(number & 31);
  }

  /// A clock that is a day behind is no reason to refuse.
  private boolean isOver(String day, Instant now) {
    if (day.length() != 2) {
      return true;
    }
    int number = LETTERS.indexOf(day.charAt(0)) * 32 + LETTERS.indexOf(day.charAt(1));
    int age = Math.floorMod(dayOf(now) - number, DAYS);
    return age > settings.keep().toDays() && age != DAYS - 1;
  }

  private String hash(String... parts) throws IOException {
    return hash(keys().getFirst(), parts);
  }

  private boolean isSignature(String hash, String... parts) throws IOException {
    byte[] said = hash.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
    boolean good = false;
    for (var key : keys()) {
      byte[] ours = hash(key, parts).getBytes(StandardCharsets.UTF_8);
      good |= MessageDigest.isEqual(ours, said);
    }
    return good;
  }

  private static String hash(SecretKeySpec key, String... parts) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      String text = String.join("=", parts).toLowerCase(Locale.ROOT);
      byte[] digest = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      var letters = new StringBuilder(HASH_LENGTH);
      long bits = 0;
      for (int i = 0; i < HASH_LENGTH * 5 / 8; i++) {
        bits = bits << 8 | (digest[i] & 255);
      }
      for (int i = HASH_LENGTH - 1; i >= 0; i--) {
        letters.append(LETTERS.charAt((int) (bits >> 5 * i & 31)));
      }
      return letters.toString();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // Every JDK has it.
    }
  }

  /// A secret that changes is taken within a minute; while one cannot be read, what was read of it
  /// before goes on to hold.
  private List<SecretKeySpec> keys() throws IOException {
    var known = keys;
    if (known != null && time.nanos() - known.readAt < KEYS_AGE.toNanos()) {
      return known.all;
    }
    try {
      List<SecretKeySpec> all = new ArrayList<>();
      for (Secret secret : settings.secrets()) {
        byte[] octets = secret.reveal().getBytes(StandardCharsets.UTF_8);
        all.add(new SecretKeySpec(octets, "HmacSHA256"));
      }
      keys = new Keys(all, time.nanos());
      return all;
    } catch (IOException e) {
      if (known == null) {
        throw e;
      }
      keys = new Keys(known.all, time.nanos());
      return known.all;
    }
  }
}
