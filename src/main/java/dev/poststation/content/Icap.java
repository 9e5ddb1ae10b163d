package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.poststation.config.IcapService;
import dev.poststation.config.ServicePoint;
import dev.poststation.dns.Resolver;
import dev.poststation.message.Hold;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.smtp.ContentReplies;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Asks an ICAP server (RFC 3507) about a mail, which is shown to it as a whole. What it offers is
/// asked once in a while; connections are used again. Safe for any thread.
final class Icap implements Service {
  private final IcapService settings;
  private final Call call;
  private final Os os;
  private final Resting resting = new Resting();
  private final Map<ServicePoint, IcapOffer> offers = new ConcurrentHashMap<>();

  Icap(IcapService settings, Resolver resolver, Os os) {
    this.settings = settings;
    this.call =
        new Call(
            settings.at(),
            resolver,
            os,
            place -> IcapExchange.options(settings, place.toString()).getBytes(ISO_8859_1));
    this.os = os;
  }

  @Override
  public String describe() {
    return "ICAP server at " + call.places();
  }

  @Override
  public Optional<Finding> unasked(Message message, Facts facts) {
    return Finding.tooLarge(settings.tooLarge(), message, settings.maxSize());
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    var octets = message.octets();
    return switch (verdict(octets, facts, atMost)) {
      case IcapExchange.Verdict.Clean(String why) -> new Finding.Unchanged(why);
      case IcapExchange.Verdict.Found(String what) ->
          switch (settings.onFound()) {
            case REJECT -> new Finding.Refused(ContentReplies.MALWARE, what);
            case HOLD -> new Finding.Held(Hold.by("on-found", what));
            case QUARANTINE -> new Finding.Quarantined("on-found = quarantine: " + what);
          };
    };
  }

  /// A server that closes the connection behind its offer is asked over another one.
  private IcapExchange.Verdict verdict(Octets octets, Facts facts, Duration atMost)
      throws ServiceException {
    long end = os.time().nanos() + atMost.toNanos();
    for (int i = 0; i <= settings.at().size(); i++) {
      var left = Duration.ofNanos(Math.max(1, end - os.time().nanos()));
      var verdict = call.make(left, resting, (place, wire) -> ask(place, wire, octets, facts));
      if (verdict.isPresent()) {
        return verdict.get();
      }
    }
    throw ServiceException.down("it closes each connection behind OPTIONS");
  }

  private Call.Kept<Optional<IcapExchange.Verdict>> ask(
      ServicePoint place, Wire wire, Octets octets, Facts facts)
      throws IOException, ServiceException {
    var exchange = new IcapExchange(wire, settings, place.toString());
    long now = os.time().nanos();
    var offer = offers.get(place);
    if (offer == null || now - offer.until() >= 0) {
      offer = exchange.options(now);
      offers.put(place, offer);
      if (!exchange.open()) {
        return new Call.Kept<>(Optional.empty(), false);
      }
    }
    var verdict = exchange.show(octets, facts, offer);
    return new Call.Kept<>(Optional.of(verdict), exchange.open());
  }
}
