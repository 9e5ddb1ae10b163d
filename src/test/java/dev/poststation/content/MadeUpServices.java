package dev.poststation.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.Zones;
import dev.poststation.ldap.Directories;
import dev.poststation.log.Event;
import dev.poststation.message.Envelope;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.SevenBitForm;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A pipeline of a configuration, and mail for it.
public final class MadeUpServices {
  final List<Event> told = new ArrayList<>();

  /// The services.
  public final Pipeline pipeline;

  private long mails;

  /// @param services what stands in the brackets of `content`
  public MadeUpServices(String services) {
    this(services, Kept.asWritten(Os.real(), Path.of("nowhere")));
  }

  MadeUpServices(String services, Kept kept) {
    pipeline =
        Services.of(
            configuration(services),
            new ScriptedResolver(),
            directories(),
            () -> {
              throw new AssertionError("no domain signs here");
            },
            () -> {
              throw new AssertionError("there are no keys here");
            },
            SevenBitForm.Ready::new,
            kept,
            Os.real(),
            (service, up, reason) -> told.add(new Event.ServiceChanged(service, up, reason)));
  }

  /// One whose services are made up, by the names of the entries.
  public MadeUpServices(String services, Time time, Map<String, Service> madeUp) {
    var configuration = configuration(services);
    var zones = new Zones(configuration.clients(), configuration.listeners());
    List<Step> steps = new ArrayList<>();
    for (var rule : configuration.content()) {
      steps.add(
          new Step(
              rule,
              When.of(rule.when(), zones, directories(), configuration.limits().mime()),
              madeUp.get(rule.name()),
              new Breaker(rule.retryAfter())));
    }
    pipeline =
        new Pipeline(
            steps,
            Os.real().tasks(),
            time,
            (service, up, reason) -> told.add(new Event.ServiceChanged(service, up, reason)));
  }

  /// The service lives, and says nothing about a mail.
  public static ServiceException mute() {
    return ServiceException.mute("it hangs");
  }

  private static Directories directories() {
    return new Directories(Os.real(), new ScriptedResolver());
  }

  static Configuration configuration(String services) {
    String text =
        """
        hostname = "relay.example.com"
        own-domains = ["here.test", ".here.test"]
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        """
            + "content = [ "
            + services
            + " ]\n";
    return switch (new Loader(
            Os.real(), Map.of("SECRET", "0123456789abcdef", "OTHER", "fedcba9876543210"))
        .parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  static Facts facts(String from, String... to) {
    return facts(new QueueId(1), from, to);
  }

  private static Facts facts(QueueId id, String from, String... to) {
    return facts(id, Envelope.Source.SELF, from, to);
  }

  private static Facts facts(QueueId id, Envelope.Source source, String from, String... to) {
    List<Recipient> recipients = new ArrayList<>();
    for (String each : to) {
      recipients.add(new Recipient(recipients.size(), address(each), Set.of(), null));
    }
    return new Facts(id, source, address(from), recipients, "relay.example.com", null, false);
  }

  private static Address address(String text) {
    int at = text.lastIndexOf('@');
    return at < 0
        ? new Address("", "")
        : new Address(text.substring(0, at), text.substring(at + 1));
  }

  /// What becomes of a mail of one recipient that passes.
  Variant one(Message message) {
    var variants = passed(message, "b@there.test");
    assertThat(variants).hasSize(1);
    return variants.getFirst();
  }

  /// What becomes of a mail that somebody hands in by his address.
  Treatment from(String client, String sender, Message message) {
    var source = new Envelope.Source("lan", "relay", client, "client.test", "ESMTP");
    return pipeline.treat(message, facts(new QueueId(++mails), source, sender, "b@there.test"));
  }

  /// What becomes of a mail that passes.
  List<Variant> passed(Message message, String... to) {
    var treatment = pipeline.treat(message, facts(new QueueId(++mails), "a@here.test", to));
    assertThat(treatment).isInstanceOf(Treatment.Passed.class);
    return ((Treatment.Passed) treatment).variants();
  }

  /// Why it is refused.
  Treatment.Refused refused(Message message, String... to) {
    var treatment = pipeline.treat(message, facts(new QueueId(++mails), "a@here.test", to));
    assertThat(treatment).isInstanceOf(Treatment.Refused.class);
    return (Treatment.Refused) treatment;
  }
}
