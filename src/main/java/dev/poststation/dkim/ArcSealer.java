package dev.poststation.dkim;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.poststation.dns.Resolver;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.HeaderFields.Field;
import dev.poststation.os.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Seals mail that goes on to somebody else, so that he can see what was found of it here though it
/// was changed since (ARC, RFC 8617 5.1). Safe for any thread; the work is done on the caller's.
public final class ArcSealer {
  private static final Form SEAL_FORM = Form.RELAXED;

  /// The fields of a set, in the order in which they are sealed (RFC 8617 5.1.1).
  private static final List<String> IN_SET =
      List.of("arc-authentication-results", "arc-message-signature", "arc-seal");

  private final Keyring keyring;
  private final Resolver resolver;
  private final Time time;

  /// A header and a body.
  ///
  /// @param header all fields, with CRLF, without the empty line
  public record Mail(byte[] header, Octets body) {}

  ArcSealer(Keyring keyring, Resolver resolver, Time time) {
    this.keyring = keyring;
    this.resolver = resolver;
    this.time = time;
  }

  /// Seals a mail. Nothing may change it behind that but fields in front.
  ///
  /// @param came as it came to this relay: what it says of itself is verified of that
  /// @param leaves as it is now
  /// @param domain that seals; with A-labels, in lower case
  /// @param hostname our name
  /// @param atMost behind that no more key is asked for
  /// @throws IOException when a body cannot be read
  public Signing.Result seal(
      Mail came, Mail leaves, String domain, String hostname, Duration atMost) throws IOException {
    long end = time.nanos() + atMost.toNanos();
    var fields = HeaderFields.of(leaves.header, true);
    var objection = SignedFields.objection(fields);
    if (!objection.isEmpty()) {
      return new Signing.Result.Unsigned(objection);
    }
    var keys = keyring.of(domain);
    var fault = keys.flatMap(DomainKeys::fault);
    if (fault.isPresent()) {
      return new Signing.Result.Failed(fault.get());
    }
    var key = keys.flatMap(ArcSealer::key);
    if (key.isEmpty()) {
      return new Signing.Result.Unsigned("no key of " + domain + " is active");
    }
    var verifier =
        new Verifier(came.header, came.body, resolver, time.now(), () -> time.nanos() - end >= 0);
    var chain = ArcChain.validate(verifier);
    if (chain.state() == ArcChain.State.TEMPERROR) {
      return new Signing.Result.Failed("the chain of ARC cannot be verified now: " + chain.why());
    }
    int next = chain.sets().size() + 1;
    boolean over = chain.state() == ArcChain.State.FAIL && endedBefore(chain);
    if (over || next > ArcChain.MOST) {
      return new Signing.Result.Unsigned("the chain of ARC is broken: " + chain.why());
    }
    String results = results(next, hostname, chain, verifier.signatures());
    byte[] set = set(chain, leaves, fields, results, key.get());
    String found =
        "arc=" + chain.state().word() + (chain.why().isEmpty() ? "" : " (" + chain.why() + ")");
    return new Signing.Result.Signed(set, List.of(key.get().key() + ", i=" + next + ", " + found));
  }

  /// Who comes behind a seal that says so adds nothing (RFC 8617 5.1.2 and 5.2 step 2), nor to sets
  /// that are in no order.
  private static boolean endedBefore(ArcChain chain) {
    return chain.sets().isEmpty() || chain.sets().getLast().sealTags().get("cv").equals("fail");
  }

  /// The one that everybody understands comes first.
  private static Optional<Signer.Order> key(DomainKeys keys) {
    List<SigningKey> active = new ArrayList<>();
    for (var held : keys.in(KeyEntry.State.ACTIVE)) {
      var key = held.key();
      if (key != null) {
        active.add(key);
      }
    }
    active.sort(Comparator.comparing(SigningKey::algorithm));
    return active.stream().findFirst().map(each -> new Signer.Order(each, keys.terms()));
  }

  /// What was found, as RFC 8601 says it.
  private static String results(
      int instance, String hostname, ArcChain chain, List<Verifier.Verdict> signatures) {
    var text =
        new StringBuilder("ARC-Authentication-Results: i=" + instance + "; " + hostname + ";");
    text.append("\r\n\tarc=").append(chain.state().word());
    if (signatures.isEmpty()) {
      text.append(";\r\n\tdkim=none");
    }
    for (var signature : signatures) {
      text.append(";\r\n\tdkim=").append(signature.result().name().toLowerCase(Locale.ROOT));
      property(text, "d", signature.tags());
      property(text, "s", signature.tags());
    }
    return text.append("\r\n").toString();
  }

  /// Only what is harmless in a field: anybody may have written it.
  private static void property(StringBuilder text, String tag, Tags tags) {
    String value = tags.packed(tag);
    if (value.matches("[A-Za-z0-9._-]{1,253}")) {
      text.append(" header.").append(tag).append('=').append(value);
    }
  }

  private byte[] set(
      ArcChain chain, Mail mail, HeaderFields fields, String results, Signer.Order order)
      throws IOException {
    int instance = chain.sets().size() + 1;
    byte[] first = results.getBytes(ISO_8859_1);
    byte[] message = message(instance, mail, fields, order);
    byte[] behind = joined(message, first);
    var key = order.key();
    String unsigned =
        "ARC-Seal: i="
            + instance
            + "; a="
            + key.algorithm().word()
            + "; cv="
            + chain.state().word()
            + ";\r\n\td="
            + key.domain()
            + "; s="
            + key.selector()
            + "; t="
            + time.now().getEpochSecond()
            + ";\r\n\tb=";
    // Of a chain that is broken the last set alone (RFC 8617 5.1.2).
    int from = chain.state() == ArcChain.State.FAIL ? instance : 1;
    var members =
        Stream.concat(members(behind, HeaderFields.of(behind, true)), members(mail.header, fields))
            .filter(each -> each.instance >= from && each.instance <= instance);
    byte[] value = key.sign(sealed(members, unsigned));
    return joined((unsigned + Signer.folded(value) + "\r\n").getBytes(US_ASCII), behind);
  }

  private byte[] message(int instance, Mail mail, HeaderFields fields, Signer.Order order)
      throws IOException {
    var body = order.terms().body();
    byte[] hash = BodyHash.of(mail.body, List.of(body)).get(body);
    return Signer.signature(
        "ARC-Message-Signature: i=" + instance + ";",
        order,
        SignedFields.of(fields, order.terms().also()).with(fields, "DKIM-Signature"),
        mail.header,
        hash == null ? new byte[0] : hash,
        time.now());
  }

  /// A field of a set.
  private record Member(int instance, byte[] header, Field field) {}

  private static Stream<Member> members(byte[] header, HeaderFields fields) {
    return fields.fields().stream()
        .filter(each -> IN_SET.contains(each.name()))
        .map(each -> new Member(ArcChain.instance(header, each), header, each));
  }

  /// All sets in their order, and the seal itself.
  private static byte[] sealed(Stream<Member> members, String unsigned) {
    var out = new ByteArrayOutputStream();
    members
        .sorted(
            Comparator.comparingInt(Member::instance)
                .thenComparingInt(each -> IN_SET.indexOf(each.field.name())))
        .forEach(
            each ->
                Canonical.field(
                    SEAL_FORM,
                    each.header,
                    each.field.start(),
                    each.field.value(),
                    each.field.end(),
                    true,
                    out));
    byte[] own = unsigned.getBytes(US_ASCII);
    Canonical.field(SEAL_FORM, own, 0, unsigned.indexOf(':') + 1, own.length, false, out);
    return out.toByteArray();
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
