package dev.poststation.delivery;

import dev.poststation.dns.NumericAddress;
import dev.poststation.message.Classification;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.Category;
import dev.poststation.smtp.Reply;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whether a refusal is about the address of ours that we came from: because it is on a list, or
/// has a bad name. That a mail looks like spam, or its sender's domain is listed, is no such
/// refusal. Pure functions.
final class Blame {
  private static final Pattern FOUR =
      Pattern.compile("(?<![\\d.])\\d{1,3}(?:\\.\\d{1,3}){3}(?!\\d|\\.\\d)");

  private static final Pattern SIX =
      Pattern.compile("(?<![\\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\\w:])");

  /// What is said of who calls, where no address is named.
  private static final List<String> OURS =
      List.of(
          "client host",
          "blocked using",
          "sending ip",
          "your ip",
          "source ip",
          "connecting ip",
          "your host");

  private Blame() {}

  /// Whether it is.
  ///
  /// @param seen our address as the next hop sees it
  static boolean on(InetAddress seen, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Deferred refusal -> on(seen, refusal.stage(), refusal.reply());
      case Outcome.Bounced refusal -> on(seen, refusal.stage(), refusal.reply());
      case Outcome.Delivered _, Outcome.Held _, Outcome.Discarded _ -> false;
    };
  }

  private static boolean on(InetAddress seen, Stage stage, @Nullable Reply reply) {
    if (reply == null || Classification.of(stage, reply).category() != Category.SPAM_BLOCK) {
      return false;
    }
    String text = Classification.said(reply);
    Set<InetAddress> named = named(text);
    if (!named.isEmpty()) {
      return named.contains(seen); // Else it is about who sent us the mail, or a link in it.
    }
    return stage.compareTo(Stage.RCPT) <= 0 && (isOfAddress(reply) || speaksOfUs(text));
  }

  /// Microsoft's codes for an address that may not send: the other ones are about accounts.
  private static boolean isOfAddress(Reply reply) {
    var status = reply.status();
    return status != null
        && status.subject() == 7
        && (status.detail() == 708 || (status.detail() >= 606 && status.detail() <= 649));
  }

  private static boolean speaksOfUs(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return OURS.stream().anyMatch(lower::contains);
  }

  /// The addresses that a text names, also in the order of the DNS (`10.2.0.192.zen.example.org`).
  private static Set<InetAddress> named(String text) {
    Set<InetAddress> named = new HashSet<>();
    for (var pattern : List.of(FOUR, SIX)) {
      pattern
          .matcher(text)
          .results()
          .map(found -> NumericAddress.parse(found.group()))
          .forEach(found -> found.ifPresent(address -> add(named, address)));
    }
    return named;
  }

  private static void add(Set<InetAddress> named, InetAddress address) {
    named.add(address);
    byte[] octets = address.getAddress();
    if (octets.length == 4) {
      try {
        named.add(
            InetAddress.getByAddress(new byte[] {octets[3], octets[2], octets[1], octets[0]}));
      } catch (UnknownHostException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
