package dev.poststation.content;

import dev.poststation.config.DirectorySettings.Query;
import dev.poststation.config.DisclaimerService;
import dev.poststation.config.MimeLimits;
import dev.poststation.disclaimer.Disclaimer;
import dev.poststation.disclaimer.Wording;
import dev.poststation.ldap.Directories;
import dev.poststation.message.Hold;
import dev.poststation.mime.TooComplexException;
import dev.poststation.os.Time;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Puts a text into mail: whose words, and with what of the sender in them. Safe for any thread.
final class Disclaiming implements Service {
  private final DisclaimerService settings;
  private final MimeLimits limits;
  private final Directories directories;
  private final Time time;
  private final Wording wording;
  private final Disclaimer disclaimer;

  Disclaiming(DisclaimerService settings, MimeLimits limits, Directories directories, Time time) {
    this.settings = settings;
    this.limits = limits;
    this.directories = directories;
    this.time = time;
    this.wording = new Wording(settings.text(), settings.html());
    this.disclaimer = new Disclaimer(settings.position(), settings.oncePerThread());
  }

  @Override
  public String describe() {
    return "disclaimer";
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    if (facts.sender().isNull()) {
      return new Finding.Unchanged("left as it is: it has no sender, as bounces have none");
    }
    long end = time.nanos() + atMost.toNanos();
    try {
      var mime = message.mime(limits);
      var words = wording.filled(fields(sender(message, facts))::get);
      return switch (disclaimer.put(words, mime, () -> time.nanos() - end > 0)) {
        case Disclaimer.Result.Added(var splices, var where) ->
            new Finding.Changed(
                message.changed(splices), "added to " + String.join(" and ", where));
        case Disclaimer.Result.Left(var why) -> new Finding.Unchanged("left as it is: " + why);
        case Disclaimer.Result.Late() ->
            throw ServiceException.atThisMail("it took longer than " + atMost.toSeconds() + " s");
      };
    } catch (TooComplexException e) {
      return tooComplex(e.reason());
    } catch (UnavailableException e) {
      throw ServiceException.atThisMail("the sender is not known: " + e.getMessage());
    } catch (IOException e) {
      throw ServiceException.atThisMail("the mail cannot be read: " + e.getMessage());
    }
  }

  private Finding tooComplex(String why) {
    return switch (settings.tooComplex()) {
      case PASS -> new Finding.Unchanged("left as it is: " + why);
      case REJECT -> new Finding.Refused(ContentReplies.TOO_COMPLEX, why);
      case HOLD -> new Finding.Held(Hold.by("too-complex", why));
    };
  }

  /// Who wrote it, where that is one.
  private static Address sender(Message message, Facts facts) {
    return Author.of(message).address().orElse(facts.sender());
  }

  private Map<String, Optional<String>> fields(Address sender) throws UnavailableException {
    String address = sender.toString();
    var known = settings.people().getOrDefault(address.toLowerCase(Locale.ROOT), Map.of());
    var directory = settings.directory();
    Map<String, Optional<String>> fields = new HashMap<>();
    for (String field : wording.fields()) {
      Optional<String> value = Optional.ofNullable(known.get(field));
      if (value.isEmpty() && field.equals(DisclaimerService.MAIL)) {
        value = Optional.of(address);
      }
      if (value.isEmpty() && directory != null) {
        value = directories.value(new Query(directory, directory.entry(), field, null), sender);
      }
      fields.put(field, value);
    }
    return fields;
  }
}
