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
import dev.poststation.smtp.Reply;
import dev.poststation.spool.Placement;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
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
    REFUSES,
    DISCARDS,
    FAILS,
    DOWN
  }

  /// @param alone whether it stands there as a service that may change mail, though it may not do
  ///   so: those that only look do it at the same time
  private record Plan(String name, Doing doing, String to, String onError, boolean alone) {
    private String entry() {
      String when = to.isEmpty() ? "" : ", for { to = [\"" + to + "\"] }";
      String use = alone || changes() ? "use = header, add = [\"A: b\"]" : "use = clamav";
      return "{ %s, name = %s, on-error = %s%s }\n".formatted(use, name, onError, when);
    }

    private boolean changes() {
      return doing == Doing.MARKS
          || doing == Doing.APPENDS
          || doing == Doing.GROWS
          || doing == Doing.DISCARDS
          || doing == Doing.DIVIDES;
    }

    /// With what it refuses a mail.
    private Reply reply() {
      return doing == Doing.REFUSES
          ? ContentReplies.MALWARE
          : onError.equals("defer") ? ContentReplies.NOT_EXAMINED_NOW : ContentReplies.NOT_EXAMINED;
    }

    private boolean means(Address recipient) {
      return to.isEmpty() || recipient.domain().equals(to);
    }
  }

  /// What the services make of the mail for one recipient, told by doing it for him alone.
  private record Expected(String header, String body, boolean held) {
    private Expected after(Plan plan, Address recipient) {
      return switch (plan.doing) {
        case DIVIDES -> isEven(recipient) ? new Expected(header, body + "even\r\n", held) : this;
        case MARKS -> new Expected("X-By: " + plan.name + "\r\n" + header, body, held);
        case APPENDS -> new Expected(header, body + plan.name + "\r\n", held);
        case GROWS -> new Expected(header, body + "y".repeat(LARGE) + "\r\n", held);
        case HOLDS -> new Expected(header, body, true);
        case FAILS, DOWN -> new Expected(header, body, held || plan.onError.equals("hold"));
        case LOOKS, REFUSES, DISCARDS -> this;
      };
    }
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

  private static Service service(Plan plan) {
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
          case HOLDS -> new Finding.Held("on-found = hold: something");
          case REFUSES -> new Finding.Refused(ContentReplies.MALWARE, "something");
          case DISCARDS -> new Finding.Discarded("thrown away");
          case FAILS -> throw ServiceException.atThisMail("cannot");
          case DOWN -> throw ServiceException.down("nobody answers");
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
      shares.add(new Finding.Share(more, even, why));
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
    var random = new Random(seed);
    List<Plan> plans = new ArrayList<>();
    Map<String, Service> services = new HashMap<>();
    var entries = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      var doing = Doing.values()[random.nextInt(Doing.values().length)];
      String to = List.of("", "one.test", "two.test").get(random.nextInt(3));
      String onError = List.of("pass", "hold", "defer", "reject").get(random.nextInt(4));
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
    boolean refused =
        fails || plans.stream().anyMatch(plan -> refuses(plan, left(plan, plans, recipients)));
    assertThat(admission).isInstanceOf(refused ? Admission.Refused.class : Admission.Queued.class);
    var first =
        plans.stream().filter(plan -> refuses(plan, left(plan, plans, recipients))).findFirst();
    if (first.isPresent()) {
      assertThat(((Admission.Refused) admission).reply())
          .as("as the first one says that refuses it")
          .isEqualTo(first.get().reply());
    }
    if (refused) {
      assertThat(stored).isEmpty();
      assertThat(handed.values()).allMatch("abandoned"::equals);
      return;
    }
    var getting = left(null, plans, recipients);
    assertThat(stored.keySet())
        .containsExactlyInAnyOrderElementsOf(getting.stream().map(Address::toString).toList());
    for (Address recipient : getting) {
      var expected = new Expected("", body, false);
      Set<Address> together = new HashSet<>(recipients);
      for (Plan plan : plans) {
        boolean meant = plan.means(recipient);
        if (plan.changes() ? meant : together.stream().anyMatch(plan::means)) {
          expected = expected.after(plan, recipient);
        }
        if (plan.changes()) { // Those who get something else go their own way from here on.
          together.removeIf(other -> plan.means(other) != meant);
          if (meant && plan.doing == Doing.DIVIDES) {
            together.removeIf(other -> isEven(other) != isEven(recipient));
          }
        }
      }
      var was = stored.get(recipient.toString());
      assertThat(was.header).startsWith(expected.header + "Received: ").endsWith("Subject: s\r\n");
      assertThat(was.body).isEqualTo(expected.body);
      assertThat(was.held).isEqualTo(expected.held);
    }
  }

  /// Who has not been discarded when it is the turn of a service; null: at the end.
  private static List<Address> left(
      @Nullable Plan turn, List<Plan> plans, List<Address> recipients) {
    List<Address> left = new ArrayList<>(recipients);
    for (Plan plan : plans) {
      if (plan.equals(turn)) {
        break;
      }
      if (plan.doing == Doing.DISCARDS) {
        left.removeIf(plan::means);
      }
    }
    return left;
  }

  private static boolean refuses(Plan plan, List<Address> recipients) {
    boolean asked = recipients.stream().anyMatch(plan::means);
    return switch (plan.doing) {
      case REFUSES -> asked;
      case FAILS, DOWN -> asked && !plan.onError.equals("pass") && !plan.onError.equals("hold");
      case LOOKS, MARKS, APPENDS, GROWS, DIVIDES, HOLDS, DISCARDS -> false;
    };
  }

  private static Map<String, Expected> stored(MemorySpool spool) throws IOException {
    Map<String, Expected> stored = new TreeMap<>();
    List<QueueId> ids = new ArrayList<>(spool.held(QueueId.FIRST, 100));
    Set<QueueId> held = new HashSet<>(ids);
    ids.addAll(spool.incoming(Lane.ALL, QueueId.FIRST, 100));
    for (QueueId id : ids) {
      Mail mail = spool.load(id).orElseThrow().mail();
      var text = new StringBuilder(new String(mail.trace(), ISO_8859_1));
      var content = spool.content(mail);
      for (int i = 0; i < content.chunks(); i++) {
        text.append(new String(content.chunk(i), ISO_8859_1));
      }
      assertThat(text.length()).isEqualTo((int) mail.size());
      int end = text.indexOf("\r\n\r\n");
      var part =
          new Expected(text.substring(0, end + 2), text.substring(end + 4), held.contains(id));
      for (var recipient : mail.recipients()) {
        assertThat(stored.put(recipient.address().toString(), part)).isNull();
      }
    }
    return stored;
  }
}
