package dev.poststation.quarantine;

import dev.poststation.config.DigestSettings;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// What digest and page say, in one of their languages. Immutable.
///
/// @param when how a time is written
public record DigestWords(
    String tag,
    DateTimeFormatter when,
    String subject,
    String one,
    String many,
    String more,
    String until,
    String hint,
    String noLinks,
    String from,
    String noSubject,
    String reason,
    String notExamined,
    String score,
    String ends,
    String release,
    String delete,
    String good,
    String askRelease,
    String askDelete,
    String askGood,
    String released,
    String deleted,
    String learned,
    String notLearned,
    String over,
    String late,
    String unexamined,
    String expired,
    String invalid,
    String later,
    String broken,
    String title) {
  private static final DigestWords ENGLISH =
      new DigestWords(
          "en",
          DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm", Locale.ENGLISH),
          "Kept from you: {count}",
          "One mail to %s was kept from you.",
          "%d mails to %s were kept from you.",
          "There are %d more; the next digest tells of them.",
          "What you do nothing about is deleted at the time that stands there.",
          "A link asks first and opens nothing. Release only what you expect: it comes to you as it"
              + " was sent, with its links and its files.",
          "If you miss one of them, tell your administrator its number.",
          "From",
          "(no subject)",
          "Why",
          "it could not be examined; ask your administrator for it",
          "Score",
          "Deleted",
          "Release to me",
          "Delete",
          "It is no spam: release",
          "Do you want to have this mail?",
          "Do you want to delete this mail?",
          "Do you want to have this mail, and to report that it is no spam?",
          "The mail is released and on its way to you.",
          "The mail is deleted.",
          "Thank you. The mail is reported as good, and on its way to you.",
          "The mail is on its way to you. The filter could not be told now.",
          "There is nothing left to do: this mail is not kept from you any more. It was released or"
              + " deleted before, or its time was over.",
          "This mail cannot be released by a link any more. Please ask your administrator.",
          "This mail could not be examined, so it cannot be released by a link. Please ask your"
              + " administrator.",
          "This link has expired. A later digest has a new one; else ask your administrator.",
          "This link is not valid. Look whether your mail program has cut it off.",
          "Too many requests. Please try again in a minute.",
          "It did not work, and nothing was done. Please try again in some minutes.",
          "Mail in quarantine");

  private static final DigestWords GERMAN =
      new DigestWords(
          "de",
          DateTimeFormatter.ofPattern("d. MMM uuuu, HH:mm", Locale.GERMAN),
          "Für Sie zurückgehalten: {count}",
          "Eine E-Mail an %s wurde zurückgehalten.",
          "%d E-Mails an %s wurden zurückgehalten.",
          "Es gibt %d weitere; sie stehen in der nächsten Übersicht.",
          "Was Sie nicht freigeben, wird zur angegebenen Zeit gelöscht.",
          "Ein Link fragt erst und öffnet nichts. Geben Sie nur frei, was Sie erwarten: Es kommt"
              + " so, wie es gesendet wurde, mit seinen Links und Dateien.",
          "Wenn Sie eine davon vermissen, nennen Sie Ihrem Administrator ihre Nummer.",
          "Von",
          "(kein Betreff)",
          "Grund",
          "sie konnte nicht geprüft werden; fragen Sie Ihren Administrator danach",
          "Bewertung",
          "Wird gelöscht",
          "Freigeben",
          "Löschen",
          "Kein Spam: freigeben",
          "Möchten Sie diese E-Mail bekommen?",
          "Möchten Sie diese E-Mail löschen?",
          "Möchten Sie diese E-Mail bekommen und melden, dass sie kein Spam ist?",
          "Die E-Mail ist freigegeben und auf dem Weg zu Ihnen.",
          "Die E-Mail ist gelöscht.",
          "Danke. Die E-Mail ist als gut gemeldet und auf dem Weg zu Ihnen.",
          "Die E-Mail ist auf dem Weg zu Ihnen. Dem Filter konnte es gerade nicht gemeldet werden.",
          "Es ist nichts mehr zu tun: Diese E-Mail wird nicht mehr zurückgehalten. Sie wurde"
              + " schon freigegeben oder gelöscht, oder ihre Zeit war um.",
          "Diese E-Mail kann nicht mehr durch einen Link freigegeben werden. Bitte fragen Sie Ihren"
              + " Administrator.",
          "Diese E-Mail konnte nicht geprüft werden und kann deshalb nicht durch einen Link"
              + " freigegeben werden. Bitte fragen Sie Ihren Administrator.",
          "Dieser Link ist abgelaufen. Eine spätere Übersicht hat einen neuen; sonst fragen"
              + " Sie Ihren Administrator.",
          "Dieser Link ist nicht gültig. Vielleicht hat Ihr Mailprogramm ihn abgeschnitten.",
          "Zu viele Anfragen. Bitte versuchen Sie es in einer Minute noch einmal.",
          "Es hat nicht geklappt, und nichts ist geschehen. Bitte versuchen Sie es in einigen"
              + " Minuten noch einmal.",
          "E-Mail in Quarantäne");

  /// Those of a language.
  public static DigestWords of(DigestSettings.Language language) {
    return switch (language) {
      case EN -> ENGLISH;
      case DE -> GERMAN;
    };
  }

  /// What stands on the button and the link.
  public String action(DigestSettings.Action action) {
    return switch (action) {
      case RELEASE -> release;
      case DELETE -> delete;
      case GOOD -> good;
    };
  }

  /// What the page asks.
  public String ask(DigestSettings.Action action) {
    return switch (action) {
      case RELEASE -> askRelease;
      case DELETE -> askDelete;
      case GOOD -> askGood;
    };
  }

  /// A time, by the clock of this machine.
  public String at(Instant when) {
    return this.when.format(when.atZone(ZoneId.systemDefault()));
  }
}
