package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.poststation.config.SmimeService;
import dev.poststation.message.Edit;
import dev.poststation.message.HeaderFields;
import dev.poststation.smime.Certificates;
import dev.poststation.smime.Keystore;
import dev.poststation.smime.Smime;
import dev.poststation.smime.Verifier;
import dev.poststation.smtp.ContentReplies;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Says in Authentication-Results what is to be thought of a signature by S/MIME (RFC 7281); what
/// others have said there in our name is removed. The mail stays signed, to the octet. Safe for any
/// thread; the work is done by those of S/MIME.
final class SmimeVerifying implements Service {
  private static final String RESULTS = "authentication-results";

  private final SmimeService.Verify settings;
  private final Supplier<Smime> smime;

  SmimeVerifying(SmimeService.Verify settings, Supplier<Smime> smime) {
    this.settings = settings;
    this.smime = smime;
  }

  /// What is signed, and the signature.
  ///
  /// @param content null: it is in the signature
  private record Signed(byte @Nullable [] content, byte[] cms) {}

  @Override
  public String describe() {
    return "smime-verify";
  }

  @Override
  public Finding examine(Message came, Facts facts, Duration atMost) throws ServiceException {
    var message = withoutClaims(came, facts.hostname());
    var type = Enclosure.type(message.header());
    boolean detached =
        type.media().equals("multipart/signed") && type.parameter("protocol").contains("pkcs7");
    boolean opaque = type.isCms() && type.parameter("smime-type").equals("signed-data");
    if (!detached && !opaque) {
      return unverified(came, message, "it is not signed by S/MIME");
    }
    if (message.size() > smime.get().largest()) {
      return unverified(came, message, "with " + message.size() + " octets it is too large");
    }
    try {
      var clock = smime.get();
      long end = clock.nanos() + atMost.toNanos();
      var verdict =
          smime
              .get()
              .work(
                  message.size(),
                  () -> {
                    byte[] body = message.body().bytes();
                    return verify(
                        message,
                        detached
                            ? parted(body, type.value("boundary"))
                            : new Signed(null, decoded(message.header(), body)),
                        () -> clock.nanos() - end > 0);
                  },
                  atMost);
      return told(message, facts.hostname(), verdict);
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  @SuppressWarnings("ReferenceEquality") // What nobody changed is the same one.
  private static Finding unverified(Message came, Message message, String why) {
    return message == came
        ? new Finding.Unchanged("not verified: " + why)
        : new Finding.Changed(message, "a forged result removed; not verified: " + why);
  }

  /// RFC 8601 5: what says that we have said it.
  private static Message withoutClaims(Message message, String hostname) {
    List<Edit> edits = new ArrayList<>(0);
    for (var field : message.fields().fields()) {
      if (field.name().equals(RESULTS)) {
        String value = value(message.header(), field).toLowerCase(Locale.ROOT);
        if (ResultsOf.name(value).equals(hostname.toLowerCase(Locale.ROOT))
            && value.contains("smime")) {
          edits.add(new Edit(field.start(), field.end(), new byte[0]));
        }
      }
    }
    return edits.isEmpty() ? message : message.withHeader(Edit.apply(edits, message.header(), 0));
  }

  private static String value(byte[] header, HeaderFields.Field field) {
    return new String(header, field.value(), field.end() - field.value(), ISO_8859_1).strip();
  }

  private Verifier.Verdict verify(Message message, Signed signed, BooleanSupplier isOver)
      throws IOException {
    String author = Author.of(message).address().map(Keystore::nameOf).orElse("");
    var kept = smime.get();
    return Verifier.verify(signed.content, signed.cms, kept.trusted(), author, kept.now(), isOver);
  }

  /// RFC 1847 2.1: the first part, to the octet, and the signature in the second.
  private static Signed parted(byte[] body, String boundary) throws IOException {
    String text = new String(body, ISO_8859_1);
    String delimiter = "--" + boundary;
    int first = text.startsWith(delimiter) ? 0 : text.indexOf("\r\n" + delimiter) + 2;
    int begin = text.indexOf("\r\n", first) + 2;
    int end = text.indexOf("\r\n" + delimiter, begin - 2);
    int second = end < 0 ? -1 : text.indexOf("\r\n", end + 2) + 2;
    int last = second < 2 ? -1 : text.indexOf("\r\n" + delimiter, second - 2);
    int gap = second < 2 ? -1 : text.indexOf("\r\n\r\n", second);
    if (boundary.isEmpty() || first < 0 || begin < 2 || end < begin || gap < 0 || last < gap) {
      throw new IOException("its parts cannot be told apart");
    }
    byte[] header = text.substring(second, gap + 2).getBytes(ISO_8859_1);
    byte[] signature = text.substring(gap + 4, Math.max(gap + 4, last)).getBytes(ISO_8859_1);
    return new Signed(text.substring(begin, end).getBytes(ISO_8859_1), decoded(header, signature));
  }

  /// By its Content-Transfer-Encoding.
  static byte[] decoded(byte[] header, byte[] body) throws IOException {
    for (var field : HeaderFields.of(header, true).fields()) {
      if (field.name().equals("content-transfer-encoding")
          && value(header, field).equalsIgnoreCase("base64")) {
        try {
          return Base64.getMimeDecoder().decode(body);
        } catch (IllegalArgumentException e) {
          throw new IOException("its base64 is damaged", e);
        }
      }
    }
    return body;
  }

  private Finding told(Message message, String hostname, Verifier.Verdict verdict) {
    String result =
        switch (verdict.outcome()) {
          case GOOD -> "pass";
          case BROKEN -> "fail";
          case EXPIRED, UNTRUSTED, OTHER_AUTHOR -> "policy";
          case UNREADABLE -> "permerror";
        };
    var signer = verdict.signer();
    String of = signer == null ? "" : String.join(", ", Certificates.addresses(signer));
    String field =
        "Authentication-Results: %s;\r\n smime=%s (%s)\r\n"
            .formatted(hostname, result, verdict.why().replaceAll("[^ -'*-\\[\\]-~]", "?"));
    if (signer != null && of.matches("[A-Za-z0-9.@_+-]+")) {
      field =
          field.stripTrailing()
              + "\r\n body.smime-identifier=%s body.smime-serial=%s\r\n"
                  .formatted(of, signer.getSerialNumber().toString(16));
    }
    String reason =
        "smime=" + result + ": " + verdict.why() + (of.isEmpty() ? "" : " (" + of + ")");
    var changed = message.withFront(field.getBytes(US_ASCII));
    if (verdict.outcome() != Verifier.Outcome.BROKEN) {
      return new Finding.Changed(changed, reason);
    }
    return switch (settings.onBroken()) {
      case PASS -> new Finding.Changed(changed, reason);
      case REJECT -> new Finding.Refused(ContentReplies.BROKEN_SIGNATURE, reason);
      case HOLD -> new Finding.Held("on-broken = hold: " + reason, changed);
    };
  }
}
