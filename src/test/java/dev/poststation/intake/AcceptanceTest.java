package dev.poststation.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Facts;
import dev.poststation.content.Finding;
import dev.poststation.content.MadeUpServices;
import dev.poststation.content.Message;
import dev.poststation.content.Service;
import dev.poststation.content.ServiceException;
import dev.poststation.message.Content;
import dev.poststation.message.Hold;
import dev.poststation.message.Lane;
import dev.poststation.message.Mail;
import dev.poststation.message.Octets;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.RecordingJournal;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.Reply;
import dev.poststation.spool.Placement;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/// Mail on its way through any services into the spool, whatever fails: each recipient gets what
/// the services made of it for him, once, or the mail is refused and nothing is left of it.
class AcceptanceTest {
  private static final int LARGE = 150_000;

  /// What a made-up service does.
  private enum Doing {
    LOOKS,
    MARKS,
    APPENDS,
    GROWS,
    DIVIDES,
    HOLDS,
    QUARANTINES,
    REFUSES,
    DISCARDS,
    FAILS,
    HANGS,
    DOWN,
    KEEPS,
    KEEPS_NOT
  }

  /// @param alone whether it stands there as a service that may change mail, though it may not do
  ///   so: those that only look do it at the same time
  private record Plan(String name, Doing doing, String to, String onError, boolean alone) {
    private String entry() {
      String when = to.isEmpty() ? "" : ", for { to = [\"" + to + "\"] }";
      if (keeps()) {
        return "{ use = archive, to = files, directory = \"/nowhere/%s\", name = %s%s }\n"
            .formatted(name, name, when);
      }
      String use = onlyLooks() ? "use = clamav" : "use = header, add = [\"A: b\"]";
      return "{ %s, name = %s, on-error = %s%s }\n".formatted(use, name, onError, when);
    }

    private boolean onlyLooks() {
      return !alone && !changes() && !keeps();
    }

    private boolean changes() {
      return doing == Doing.MARKS
          || doing == Doing.APPENDS
          || doing == Doing.GROWS
          || doing == Doing.DISCARDS
          || doing == Doing.DIVIDES;
    }

    private boolean keeps() {
      return doing == Doing.KEEPS || doing == Doing.KEEPS_NOT;
    }

    private boolean fails() {
      return doing == Doing.FAILS || doing == Doing.HANGS || doing == Doing.DOWN;
    }

    private boolean quarantines() {
      return doing == Doing.QUARANTINES || fails() && onError.equals("quarantine");
    }

    /// @param group it is asked about
    private boolean holds(Group group) {
      return doing == Doing.HOLDS
          || fails() && onError.equals("hold")
          || refuses() && !refuses(group);
    }

    private boolean stops(Group group) {
      return quarantines() || holds(group);
    }

    private boolean refuses() {
      return doing == Doing.REFUSES
          || doing == Doing.KEEPS_NOT
          || fails() && List.of("defer", "reject").contains(onError);
    }

    /// Whoever sent what was decrypted hears nothing that is true of this mail alone.
    private boolean refuses(Group group) {
      boolean ofAnyMail = doing == Doing.DOWN || keeps();
      return refuses() && (ofAnyMail || !group.opened);
    }

    /// With what it refuses a mail.
    private Reply reply() {
      if (doing == Doing.REFUSES) {
        return ContentReplies.MALWARE;
      }
      return keeps() || onError.equals("defer")
          ? ContentReplies.NOT_EXAMINED_NOW
          : ContentReplies.NOT_EXAMINED;
    }

    private boolean means(Address recipient) {
      return to.isEmpty() || recipient.domain().equals(to);
    }
  }

  private enum Place {
    INCOMING,
    HELD,
    QUARANTINED
  }

  /// What a recipient gets.
  private record Expected(String header, String body, Place place) {}

  /// Recipients who get the same so far, by a model that knows nothing of messages.
  private static final class Group {
    final List<Address> who;
    String header = "";
    String body;
    boolean held;
    boolean quarantined;
    boolean opened;

    Group(List<Address> who, String body) {
      this.who = new ArrayList<>(who);
      this.body = body;
    }

    /// Those of whom this is true go their own way; null where it is nobody.
    @Nullable Group split(Predicate<Address> some) {
      if (who.stream().noneMatch(some)) {
        return null;
      }
      if (who.stream().allMatch(some)) {
        return this;
      }
      var out = new Group(who.stream().filter(some).toList(), body);
      out.header = header;
      out.held = held;
      out.quarantined = quarantined;
      out.opened = opened;
      who.removeIf(some);
      return out;
    }

    Expected expected() {
      var place = quarantined ? Place.QUARANTINED : held ? Place.HELD : Place.INCOMING;
      return new Expected(header, body, place);
    }
  }

  /// What becomes of a mail that nobody refuses, what is kept of it, and who refuses it.
  private static List<Group> model(
      List<Plan> plans,
      List<Address> recipients,
      String body,
      List<String> copies,
      List<Plan> refusing) {
    List<Group> groups = new ArrayList<>(List.of(new Group(recipients, body)));
    List<Plan> atOnce = new ArrayList<>(); // Services that only look.
    for (Plan plan : plans) {
      if (!plan.onlyLooks()) {
        separate(atOnce, groups);
      }
      for (Group group : List.copyOf(groups)) {
        if (group.who.stream().noneMatch(plan::means)) {
          continue;
        }
        if (plan.refuses(group)) {
          refusing.add(plan);
        } else if (plan.keeps()) {
          copies.add(copy(group.who.stream(), group.header + "|" + group.body));
        } else if (plan.changes() || plan.stops(group) && !plan.onlyLooks()) {
          change(plan, group, groups);
        }
      }
      if (plan.onlyLooks()) {
        atOnce.add(plan);
      }
    }
    separate(atOnce, groups);
    return groups;
  }

  /// Who decides: what keeps comes last.
  private static Optional<Plan> first(List<Plan> refusing) {
    return Stream.concat(
            refusing.stream().filter(plan -> !plan.keeps()), refusing.stream().filter(Plan::keeps))
        .findFirst();
  }

  private static void change(Plan plan, Group group, List<Group> groups) {
    var mine = group.split(plan::means);
    groups.removeIf(each -> each == mine || each.who.isEmpty());
    if (mine == null || plan.doing == Doing.DISCARDS) {
      return;
    }
    groups.add(mine);
    switch (plan.doing) {
      case MARKS -> mine.header = "X-By: " + plan.name + "\r\n" + mine.header;
      case APPENDS -> mine.body += plan.name + "\r\n";
      case GROWS -> mine.body += "y".repeat(LARGE) + "\r\n";
      case DIVIDES -> {
        var even = mine.split(AcceptanceTest::isEven);
        if (even != null) {
          even.body += "even\r\n";
          even.opened = true;
          if (even != mine) {
            groups.add(even);
          }
        }
      }
      default -> stop(plan, mine);
    }
  }

  private static void stop(Plan plan, Group mine) {
    mine.quarantined |= plan.quarantines();
    mine.held |= plan.holds(mine);
  }

  /// Those that only look do so at the same time, and keep mail from those for whom they looked
  /// when all have.
  private static void separate(List<Plan> atOnce, List<Group> groups) {
    for (Plan plan : atOnce) {
      for (Group group : List.copyOf(groups)) {
        if (!plan.stops(group)) {
          continue;
        }
        boolean waits = group.quarantined || group.held && !plan.quarantines();
        var mine = waits ? group : group.split(plan::means);
        if (mine != null && mine.who.stream().anyMatch(plan::means)) {
          stop(plan, mine);
          if (mine != group) {
            groups.add(mine);
          }
        }
      }
    }
    atOnce.clear();
  }

  private static String copy(Stream<Address> to, String text) {
    return to.map(Address::toString).sorted().toList()
        + ": "
        + text.hashCode()
        + "/"
        + text.length();
  }

  private final Set<QueueId> announced = new HashSet<>();
  private final Map<QueueId, String> handed = new HashMap<>();

  private final Handover handover =
      new Handover() {
        @Override
        public void announced(QueueId id) {
          assertThat(announced.add(id)).isTrue();
        }

        @Override
        public void abandoned(QueueId id) {
          assertThat(handed.put(id, "abandoned")).isNull();
        }

        @Override
        public void held(QueueId id, Placement place) {
          assertThat(handed.put(id, "held")).isNull();
        }

        @Override
        public void accepted(Mail mail, Content content, long intakeNanos) {
          assertThat(handed.put(mail.id(), "accepted")).isNull();
        }
      };

  private final List<String> copies = Collections.synchronizedList(new ArrayList<>());

  private Service service(Plan plan) {
    return new Service() {
      @Override
      public String describe() {
        return plan.name;
      }

      @Override
      public Finding examine(Message message, Facts facts, Duration atMost)
          throws ServiceException {
        return switch (plan.doing) {
          case LOOKS -> new Finding.Unchanged("nothing");
          case MARKS ->
              new Finding.Changed(
                  message.withFront(("X-By: " + plan.name + "\r\n").getBytes(ISO_8859_1)),
                  "marked");
          case APPENDS -> appended(message, plan.name + "\r\n");
          case GROWS -> appended(message, "y".repeat(LARGE) + "\r\n");
          case DIVIDES -> divided(message, facts.recipients());
          case HOLDS -> new Finding.Held(Hold.by("on-found", "something"));
          case QUARANTINES -> new Finding.Quarantined("on-found = quarantine: something");
          case KEEPS -> {
            copies.add(copy(facts.recipients().stream().map(Recipient::address), text(message)));
            yield new Finding.Unchanged("kept");
          }
          case REFUSES -> new Finding.Refused(ContentReplies.MALWARE, "something");
          case DISCARDS -> new Finding.Discarded("thrown away");
          case FAILS -> throw ServiceException.atThisMail("cannot");
          case HANGS -> throw MadeUpServices.mute();
          case DOWN, KEEPS_NOT -> throw ServiceException.down("nobody answers");
        };
      }
    };
  }

  private static boolean isEven(Address recipient) {
    return (recipient.local().charAt(1) - '0') % 2 == 0;
  }

  /// Some get more, the others what came.
  private static Finding divided(Message message, List<Recipient> recipients) {
    var even = recipients.stream().filter(each -> isEven(each.address())).toList();
    var odd = recipients.stream().filter(each -> !isEven(each.address())).toList();
    List<Finding.Share> shares = new ArrayList<>();
    if (!odd.isEmpty()) {
      shares.add(new Finding.Share(null, odd, "as it was"));
    }
    if (!even.isEmpty()
        && appended(message, "even\r\n") instanceof Finding.Changed(var more, var why)) {
      shares.add(new Finding.Share(more, even, why, true));
    }
    return new Finding.Divided(shares);
  }

  private static Finding appended(Message message, String text) {
    var more = Octets.of(text.getBytes(ISO_8859_1));
    return new Finding.Changed(
        new Message(message.header(), message.gap(), Octets.joined(List.of(message.body(), more))),
        "appended");
  }

  @Property(tries = 400)
  void everyRecipientGetsTheMailOnceAsTheServicesLeftItOrNobodyDoes(@ForAll long seed)
      throws IOException {
    announced.clear();
    handed.clear();
    copies.clear();
    var random = new Random(seed);
    List<Plan> plans = new ArrayList<>();
    Map<String, Service> services = new HashMap<>();
    var entries = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      var doing = Doing.values()[random.nextInt(Doing.values().length)];
      String to = List.of("", "one.test", "two.test").get(random.nextInt(3));
      String onError =
          List.of("pass", "hold", "defer", "reject", "quarantine").get(random.nextInt(5));
      var plan = new Plan("s" + i, doing, to, onError, random.nextBoolean());
      plans.add(plan);
      services.put(plan.name, service(plan));
      entries.append(plan.entry());
    }
    List<Address> recipients = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(4); i++) {
      recipients.add(new Address("r" + i, random.nextBoolean() ? "one.test" : "two.test"));
    }
    var time = new ManualTime();
    var spool = new MemorySpool(time);
    var pipeline = new MadeUpServices(entries.toString(), time, services).pipeline;
    var intake = new Intake(spool, new RecordingJournal(), handover, time, () -> pipeline);
    String body = "x".repeat(random.nextInt(5) == 0 ? LARGE : 10) + "\r\n";
    boolean fails = random.nextInt(8) == 0;

    Admission admission;
    try (var arrival = intake.begin(TraceHeaderTest.submissionTo(recipients, 10_000_000))) {
      var scanner = new ContentScanner(arrival);
      byte[] octets = ("Subject: s\r\n\r\n" + body).getBytes(ISO_8859_1);
      scanner.accept(octets, 0, octets.length);
      spool.failWith(fails ? new SpoolException("full", true) : null);
      admission = arrival.commit(scanner.traits());
    }
    spool.failWith(null);

    assertThat(spool.openDrafts()).isZero();
    assertThat(handed.keySet()).isEqualTo(announced);
    var stored = stored(spool);
    List<String> kept = new ArrayList<>();
    List<Plan> refusing = new ArrayList<>();
    var groups = model(plans, recipients, body, kept, refusing);
    var first = first(refusing);
    boolean refused = fails || first.isPresent();
    assertThat(admission).isInstanceOf(refused ? Admission.Refused.class : Admission.Queued.class);
    if (first.isPresent()) {
      assertThat(((Admission.Refused) admission).reply())
          .as("as the first one says that refuses it")
          .isEqualTo(first.get().reply());
    }
    if (first.isPresent() && !first.get().keeps()) {
      assertThat(copies).as("kept of what nobody took").isEmpty();
    }
    if (refused) {
      assertThat(stored).isEmpty();
      assertThat(handed.values()).allMatch("abandoned"::equals);
      return;
    }
    assertThat(stored.keySet())
        .containsExactlyInAnyOrderElementsOf(
            groups.stream().flatMap(group -> group.who.stream()).map(Address::toString).toList());
    for (Group group : groups) {
      var expected = group.expected();
      for (Address recipient : group.who) {
        var was = stored.get(recipient.toString());
        assertThat(was.header)
            .startsWith(expected.header + "Received: ")
            .endsWith("Subject: s\r\n");
        assertThat(was.body).isEqualTo(expected.body);
        assertThat(was.place).isEqualTo(expected.place);
      }
    }
    assertThat(copies).containsExactlyInAnyOrderElementsOf(kept);
  }

  /// The fields in front of `Received`, and the body.
  private static String text(Message message) {
    String all;
    try (var octets = message.octets().open()) {
      all = new String(octets.readAllBytes(), ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int end = all.indexOf("\r\n\r\n");
    return all.substring(0, all.indexOf("Received: ")) + "|" + all.substring(end + 4);
  }

  private static Map<String, Expected> stored(MemorySpool spool) throws IOException {
    Map<String, Expected> stored = new TreeMap<>();
    List<QueueId> ids = new ArrayList<>(spool.held(QueueId.FIRST, 100));
    Set<QueueId> held = new HashSet<>(ids);
    var quarantined =
        spool.quarantined(Spool.Due.FIRST, Instant.MAX, 100).stream().map(Spool.Due::id).toList();
    ids.addAll(quarantined);
    ids.addAll(spool.incoming(Lane.ALL, QueueId.FIRST, 100));
    for (QueueId id : ids) {
      Mail mail = spool.load(id).orElseThrow().mail();
      var text = new StringBuilder(new String(mail.trace(), ISO_8859_1));
      var content = spool.content(mail);
      for (int i = 0; i < content.chunks(); i++) {
        text.append(new String(content.chunk(i), ISO_8859_1));
      }
      assertThat(text.length()).isEqualTo((int) mail.size());
      assertThat(mail.envelope().ret() == DsnReturn.HDRS)
          .as("only the header of what was for some goes back")
          .isEqualTo(text.indexOf("\r\neven\r\n") > 0);
      int end = text.indexOf("\r\n\r\n");
      var place =
          quarantined.contains(id)
              ? Place.QUARANTINED
              : held.contains(id) ? Place.HELD : Place.INCOMING;
      var part = new Expected(text.substring(0, end + 2), text.substring(end + 4), place);
      for (var recipient : mail.recipients()) {
        assertThat(stored.put(recipient.address().toString(), part)).isNull();
      }
    }
    return stored;
  }
}
