package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.ListUnsubscribe;
import dev.poststation.os.Os;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Gives bulk mail the fields by which its recipient gets rid of it, where it has none (RFC 2369
/// 3.2, RFC 8058). Each recipient has a token of his own, and so a mail of his own. Safe for any
/// thread.
final class ListUnsubscribing implements Service {
  private static final String FIELD = "list-unsubscribe";
  private static final String POST = "list-unsubscribe-post";
  private static final String ONE_CLICK = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";

  /// Of a line (RFC 5322 2.1.1), with some room.
  private static final int LINE_MAX = 950;

  /// A mail with more recipients does not become one for each of them.
  static final int RECIPIENTS_MOST = 50;

  private final ListUnsubscribe settings;
  private final Os os;

  ListUnsubscribing(ListUnsubscribe settings, Os os) {
    this.settings = settings;
    this.os = os;
  }

  @Override
  public String describe() {
    return "list-unsubscribe";
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    var fields = message.fields().fields();
    if (fields.stream().anyMatch(field -> field.name().equals(FIELD))) {
      return new Finding.Unchanged("it has List-Unsubscribe already");
    }
    if (facts.recipients().size() > RECIPIENTS_MOST) {
      return new Finding.Unchanged(
          "it has more than "
              + RECIPIENTS_MOST
              + " recipients, and would become as many mails; List-Unsubscribe is for mail to one");
    }
    boolean oneClick =
        settings.url() != null && fields.stream().noneMatch(field -> field.name().equals(POST));
    String secret = secret();
    List<Finding.Share> shares = new ArrayList<>(facts.recipients().size());
    for (var recipient : facts.recipients()) {
      var alone = List.of(recipient);
      var field = field(facts, recipient.address().toString(), secret);
      shares.add(
          field.isEmpty()
              ? new Finding.Share(null, alone, "its addresses are too long for List-Unsubscribe")
              : new Finding.Share(
                  message.withFront((field + (oneClick ? ONE_CLICK : "")).getBytes(US_ASCII)),
                  alone,
                  "+List-Unsubscribe for " + recipient.address()));
    }
    return new Finding.Divided(shares);
  }

  /// Empty when a line would be too long.
  private String field(Facts facts, String recipient, String secret) {
    var token =
        new UnsubscribeToken(
            facts.id().toString(), facts.sender().toString(), recipient, os.time().now());
    String text = token.text(secret, os.chance());
    List<String> ways = new ArrayList<>(2);
    var url = settings.url();
    if (url != null) {
      ways.add("<" + url.replace(ListUnsubscribe.TOKEN, text) + ">");
    }
    var mailto = settings.mailto();
    if (mailto != null) {
      ways.add("<mailto:" + escaped(mailto.toString()) + "?subject=unsubscribe%20" + text + ">");
    }
    return ways.stream().anyMatch(way -> way.length() > LINE_MAX)
        ? ""
        : "List-Unsubscribe: " + String.join(",\r\n\t", ways) + "\r\n";
  }

  private String secret() throws ServiceException {
    try {
      String secret = settings.secrets().getFirst().reveal();
      if (secret.length() < UnsubscribeToken.SECRET_MIN) {
        throw ServiceException.atThisMail(
            "the first of secrets is shorter than " + UnsubscribeToken.SECRET_MIN + " characters");
      }
      return secret;
    } catch (IOException e) {
      throw ServiceException.atThisMail(String.valueOf(e.getMessage()));
    }
  }

  /// What a `mailto:` cannot have as it is (RFC 6068 2).
  private static String escaped(String address) {
    var out = new StringBuilder();
    for (byte octet : address.getBytes(UTF_8)) {
      boolean plain = octet > ' ' && octet < 127 && "\"%?&#<>[]\\^`{|},;:()".indexOf(octet) < 0;
      out.append(plain ? String.valueOf((char) octet) : "%%%02X".formatted(octet & 0xff));
    }
    return out.toString();
  }
}
