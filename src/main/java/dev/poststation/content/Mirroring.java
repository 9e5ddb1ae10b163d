package dev.poststation.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.MirrorService;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.Octets;
import dev.poststation.message.Recipient;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// Has a copy of each outbound mail sent to a filter, which learns from it whom our people write
/// to. It is asked when all services have let the mail go on, about the mail as it was at its
/// place, and for those who get it. Safe for any thread.
final class Mirroring implements Service {
  /// By this field we know a copy of ours that comes back. What stands in front of it, and it, was
  /// added.
  private static final String SEAL = "X-Mirror-Seal";

  /// More recipients are not named, for the sake of servers that bound the header.
  private static final int NAMED_MOST = 100;

  private final String name;
  private final MirrorService settings;
  private final When when;
  private final Set<Address> filters;
  private final JournalSeal seal;
  private final BooleanSupplier scarce;
  private final Os os;

  /// @param when knows who is ours
  /// @param filters all addresses that get copies
  /// @param kept has the seal, and knows whether there is room
  Mirroring(
      String name, MirrorService settings, When when, Set<Address> filters, Kept kept, Os os) {
    this.name = name;
    this.settings = settings;
    this.when = when;
    this.filters = filters;
    this.seal = kept.seal().ofMirrors();
    this.scarce = kept.scarce();
    this.os = os;
  }

  @Override
  public String describe() {
    return "mirror to " + settings.to();
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    var watch = new FieldWatch(Set.of("message-id", SEAL.toLowerCase(Locale.ROOT)));
    watch.feed(message.header(), 0, message.header().length);
    watch.finish();
    String id = Journaling.first(watch, "message-id");
    var not = whyNot(watch, id, facts);
    if (not.isPresent()) {
      return new Finding.Unchanged("not mirrored: " + not.get());
    }
    if (facts.trial()) {
      return new Finding.Unchanged("a copy would go to " + settings.to());
    }
    if (scarce.getAsBoolean()) { // Copies for a filter that is down long are not to stop mail.
      throw ServiceException.down(
          "no copies are made while the spool has half of spool.size-max, or less than twice"
              + " spool.reserve is left on its disk");
    }
    byte[] added = added(facts, id).getBytes(UTF_8);
    var content = Octets.joined(List.of(Octets.of(added), message.octets()));
    return new Finding.Reported(
        new MirrorCopy(name, settings.to(), id, content), "a copy goes to " + settings.to());
  }

  /// Each of these ends a loop by itself: a copy has no sender, and a seal that nobody else can
  /// make.
  private Optional<String> whyNot(FieldWatch watch, String id, Facts facts) {
    if (facts.sender().isNull()) {
      return Optional.of("it has no sender, so no person has written it");
    }
    boolean sealed =
        watch.values(SEAL.toLowerCase(Locale.ROOT)).stream()
            .anyMatch(each -> seal.fits(id, each.strip()));
    if (sealed) {
      return Optional.of("it is such a copy itself, which has come back");
    }
    boolean home =
        facts.recipients().stream()
            .allMatch(each -> filters.stream().anyMatch(each.address()::isSameMailbox));
    return home ? Optional.of("it goes to a filter itself") : Optional.empty();
  }

  /// The envelope, as far as the filter can learn from it: whoever is ours is no business of it.
  private String added(Facts facts, String id) {
    var out = new StringBuilder(300);
    out.append("X-Envelope-From: <").append(facts.sender()).append(">\r\n");
    facts.recipients().stream()
        .map(Recipient::address)
        .filter(each -> !when.own().match(each))
        .limit(NAMED_MOST)
        .forEach(each -> out.append("X-Envelope-To: <").append(each).append(">\r\n"));
    String made = seal.of(id, os.time().now().getEpochSecond());
    return out.append(SEAL).append(": ").append(made).append("\r\n").toString();
  }
}
