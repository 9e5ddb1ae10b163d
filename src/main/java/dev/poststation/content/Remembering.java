package dev.poststation.content;

import dev.poststation.message.FieldWatch;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// Remembers to whom mail is written. Safe for any thread.
final class Remembering implements Service {
  private final Correspondents correspondents;

  Remembering(Correspondents correspondents) {
    this.correspondents = correspondents;
  }

  @Override
  public String describe() {
    return "remember";
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) {
    if (facts.sender().isNull() || byItself(message)) {
      return new Finding.Unchanged("nobody is remembered: no person has written it");
    }
    if (!facts.trial()) {
      facts.recipients().forEach(each -> correspondents.remember(facts.sender(), each.address()));
    }
    return new Finding.Unchanged("remembered: recipients of " + facts.sender());
  }

  /// An answer by a program (RFC 3834), such as that of somebody on holiday, goes to spammers too;
  /// and what goes to a list (RFC 2369, 2919) would take the place of those who are written to.
  private static boolean byItself(Message message) {
    var watch =
        new FieldWatch(Set.of("auto-submitted", "precedence", "list-id", "list-unsubscribe"));
    watch.feed(message.header(), 0, message.header().length);
    watch.finish();
    return watch.values("auto-submitted").stream()
            .anyMatch(value -> !value.strip().toLowerCase(Locale.ROOT).startsWith("no"))
        || Stream.of("precedence", "list-id", "list-unsubscribe")
            .anyMatch(name -> !watch.values(name).isEmpty());
  }
}
