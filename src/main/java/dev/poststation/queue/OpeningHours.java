package dev.poststation.queue;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Connector;
import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.route.Destination;
import dev.poststation.smtp.EnhancedStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;

/// Knows who waits for the `hours` of a connector, and not for its own next turn. Safe for any
/// thread.
final class OpeningHours {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
  private static final DateTimeFormatter DAY_AND_TIME =
      DateTimeFormatter.ofPattern("EEE HH:mm", Locale.ENGLISH);

  private final RouteFinding finding;
  private final Supplier<Directions> directions;
  private final Function<Mail, Content> contents;

  /// @param contents where the content of a mail can be read
  OpeningHours(
      RouteFinding finding, Supplier<Directions> directions, Function<Mail, Content> contents) {
    this.finding = finding;
    this.directions = directions;
    this.contents = contents;
  }

  /// Whether it is due when the hours begin of the connector that it waits for, or at a time of its
  /// own before that.
  boolean explain(
      MailFacts facts, Mail mail, Recipient recipient, RecipientState state, Instant now) {
    try {
      return explain(way(facts, recipient), mail, state, now);
    } catch (UndecidedException _) {
      // Nobody may be asked here. That its route is not known does not mean that it does not wait
      // for these hours: made due, it would be put off again at once, and so on.
      return explain(directions.get().connectors(facts.tls()), mail, state, now);
    }
  }

  private static boolean explain(
      List<Connector> way, Mail mail, RecipientState state, Instant now) {
    for (var connector : way) {
      if (Destination.leads(connector, state.destination())) {
        var opens = connector.line().opens(mail.size(), now);
        return !opens.equals(now)
            && state.due().equals(Deadlines.noLater(mail.envelope(), state, opens, now));
      }
    }
    return false;
  }

  /// Whether it was put off until hours began that are not in force any more.
  ///
  /// @param way that it would take now
  static boolean outdated(List<Connector> way, Mail mail, RecipientState state, Instant now) {
    return state.due().isAfter(state.schedule().turn()) && !explain(way, mail, state, now);
  }

  /// Why mail waits until then.
  static Outcome outcome(Connector connector, Instant now, Instant opens) {
    // The day only where it is needed, for it is the same for many mails.
    boolean soon = Duration.between(now, opens).compareTo(Duration.ofDays(1)) < 0;
    String from = (soon ? TIME : DAY_AND_TIME).format(opens.atZone(ZoneId.systemDefault()));
    String text = "sent from " + from + ": the hours of connector " + connector.name();
    return new Outcome.Deferred(Outcome.Stage.ROUTE, new EnhancedStatus(4, 3, 2), text, null, true);
  }

  /// What routes ask of a mail: its header is read once, for all recipients.
  MailFacts facts(Mail mail) {
    return MailFacts.of(mail, contents.apply(mail));
  }

  /// The connectors of the route that the recipient would take now.
  ///
  /// @throws UndecidedException when that cannot be known now
  List<Connector> way(MailFacts mail, Recipient recipient) throws UndecidedException {
    return finding
        .route(directions.get(), mail, recipient.address(), false)
        .map(route -> route.via())
        .orElse(List.of());
  }
}
