package dev.poststation.sim.world;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/// What an all-seeing eye knows of the mails of a simulated world: what clients were told, what
/// next hops got, and when the relay was ended. In the end it says which promises were broken.
/// Confined to the kernel's thread.
final class Ledger {
  /// A settlement may be this young and yet be lost with the process (invariant 2).
  private static final long SETTLED_WITHIN_NANOS = 1_000_000_000L;

  /// What a reply takes to the relay, and the relay to settle; generous.
  private static final long UNDER_WAY_NANOS = 500_000_000L;

  /// A mail that nothing holds up arrives within this.
  private static final Duration PROMPT = Duration.ofSeconds(60);

  /// What an attempt may take that was under way.
  private static final long ATTEMPT_NANOS = 3_600_000_000_000L;

  /// A clock that is set ahead by this makes a notice that waits older than its lifetime, at the
  /// end of the trouble if not at once: it expires, and nobody can be told.
  private static final Duration AGES = Duration.ofHours(5);

  /// How far the client got with a mail.
  enum Stage {
    /// The end of the content was not sent: it must not arrive.
    BEGUN,
    /// The end was sent, and no reply came: it may arrive.
    ENDED,
    /// 250: it must arrive.
    ACKNOWLEDGED,
    /// 4yz or 5yz: it must not arrive.
    REFUSED
  }

  /// One submission of a mail by a client.
  static final class Submitted {
    private final int number;
    private final boolean nullSender;
    private final boolean prompt;
    private final List<String> recipients = new ArrayList<>();
    private Stage stage = Stage.BEGUN;
    private String queueId = "";
    private String reply = "";
    private long repliedNanos;

    private Submitted(int number, boolean nullSender, boolean prompt) {
      this.number = number;
      this.nullSender = nullSender;
      this.prompt = prompt;
    }

    int number() {
      return number;
    }

    String sender() {
      return nullSender ? "" : "m" + number + "@clients.example";
    }

    String queueId() {
      return queueId;
    }

    /// A recipient was accepted.
    void accepted(String recipient) {
      recipients.add(recipient);
    }

    void ended() {
      stage = Stage.ENDED;
    }

    void replied(String line, long nanos) {
      reply = line;
      repliedNanos = nanos;
      if (line.startsWith("250")) {
        stage = Stage.ACKNOWLEDGED;
        queueId = line.substring(line.lastIndexOf(' ') + 1);
      } else {
        stage = Stage.REFUSED;
      }
    }
  }

  /// A mail that a next hop took for a recipient.
  static final class Arrival {
    private final String host;
    private final long repliedNanos;
    private boolean confirmed;

    private Arrival(String host, long repliedNanos) {
      this.host = host;
      this.repliedNanos = repliedNanos;
    }

    /// The relay went on with the dialogue: it has read the reply.
    void confirm() {
      confirmed = true;
    }

    @Override
    public String toString() {
      return (repliedNanos / 1_000_000) + " ms at " + host + (confirmed ? "" : " (unheard)");
    }
  }

  private record Copy(String mail, String recipient) {}

  private record End(long nanos, long untoldSince) {}

  private final List<Submitted> mails = new ArrayList<>();
  private final Map<Copy, List<Arrival>> arrivals = new LinkedHashMap<>();
  private final Set<Copy> notices = new LinkedHashSet<>();
  private final Map<Copy, Set<String>> failures = new LinkedHashMap<>();
  private final Set<Integer> lies = new HashSet<>();
  private final Set<Integer> meddled = new HashSet<>();
  private final Map<Integer, Long> endedByHand = new HashMap<>();
  private final LongSupplier now;
  private final List<End> ends = new ArrayList<>();
  private final List<String> broken = new ArrayList<>();
  private int deliveries;
  private long agedNanos = -1;

  Ledger(LongSupplier now) {
    this.now = now;
  }

  /// A client begins a mail.
  ///
  /// @param prompt whether nothing can hold it up
  Submitted begin(boolean nullSender, boolean prompt) {
    var mail = new Submitted(mails.size(), nullSender, prompt);
    mails.add(mail);
    return mail;
  }

  /// A next hop has taken a mail, and says so now.
  Arrival arrived(int mail, String recipient, String host) {
    return arrived(new Copy(name(mail), recipient), host);
  }

  /// The same for a notice.
  ///
  /// @param id its Message-ID
  Arrival arrivedNotice(String id, String recipient, String host) {
    var copy = new Copy("notice " + id, recipient);
    notices.add(copy);
    return arrived(copy, host);
  }

  private Arrival arrived(Copy copy, String host) {
    deliveries++;
    var arrival = new Arrival(host, now.getAsLong());
    arrivals.computeIfAbsent(copy, _ -> new ArrayList<>()).add(arrival);
    return arrival;
  }

  /// How long it took from its 250 until a next hop had taken it; empty: none has.
  Optional<Duration> took(Submitted mail) {
    return mail.recipients.stream()
        .flatMap(to -> arrivals.getOrDefault(new Copy(name(mail.number), to), List.of()).stream())
        .map(arrival -> Duration.ofNanos(arrival.repliedNanos - mail.repliedNanos))
        .findFirst();
  }

  private static String name(int mail) {
    return "mail " + mail;
  }

  /// A sender was told that his mail failed for a recipient.
  void failed(int mail, String recipient, String notice) {
    var copy = new Copy(name(mail), recipient);
    failures.computeIfAbsent(copy, _ -> new LinkedHashSet<>()).add(notice);
  }

  /// The process of the relay ends without being asked.
  ///
  /// @param untoldSince since when its disk has not taken what was settled
  void ended(long untoldSince) {
    ends.add(new End(now.getAsLong(), untoldSince));
  }

  /// The wall clock of the relay was set.
  void clockSet(Duration ahead) {
    if (ahead.compareTo(AGES) > 0) {
      agedNanos = now.getAsLong();
    }
  }

  /// A next hop said something about this mail, or a notice about it, that it did not mean.
  void lied(int mail) {
    lies.add(mail);
  }

  /// An administrator wants it bounced or deleted: whether it arrives is not known any more.
  void meddledWith(int mail) {
    meddled.add(mail);
  }

  /// That was done: later than this it must not arrive.
  void endedByHand(int mail) {
    endedByHand.putIfAbsent(mail, now.getAsLong());
  }

  /// A promise was broken.
  void broken(String how) {
    broken.add(how);
  }

  List<Submitted> acknowledged() {
    return mails.stream().filter(mail -> mail.stage == Stage.ACKNOWLEDGED).toList();
  }

  int deliveries() {
    return deliveries;
  }

  /// All that was broken.
  List<String> judge() {
    var verdict = new ArrayList<>(broken);
    for (var mail : mails) {
      for (String recipient : lies.contains(mail.number) ? List.<String>of() : mail.recipients) {
        judge(mail, recipient, verdict);
      }
    }
    for (var notice : notices) {
      if (lies.contains(Postbox.number(notice.recipient))) {
        continue;
      }
      judgeCopies(notice.mail + " to " + notice.recipient, arrivals.get(notice), verdict);
    }
    return verdict;
  }

  private void judge(Submitted mail, String recipient, List<String> verdict) {
    var copy = new Copy(name(mail.number), recipient);
    var came = arrivals.getOrDefault(copy, List.of());
    var told = failures.getOrDefault(copy, Set.of());
    String name = "mail " + mail.number + " (" + mail.queueId + ") to " + recipient;
    switch (mail.stage) {
      case BEGUN -> {
        if (!came.isEmpty()) {
          verdict.add(name + " arrived, but its end was never sent");
        }
      }
      case REFUSED -> {
        if (!came.isEmpty() && !endedBeforeItWasRemoved(mail, came)) {
          verdict.add(name + " arrived, but was refused: " + mail.reply);
        }
      }
      case ACKNOWLEDGED -> {
        if (came.isEmpty()
            && told.isEmpty()
            && !mail.nullSender
            && mail.repliedNanos > agedNanos
            && !meddled.contains(mail.number)) {
          verdict.add(name + " is lost");
        }
      }
      case ENDED -> {}
    }
    var byHand = endedByHand.get(mail.number);
    if (byHand != null
        && came.stream().anyMatch(arrival -> arrival.repliedNanos > byHand + ATTEMPT_NANOS)) {
      verdict.add(name + " arrived after an administrator had ended it at " + byHand + ": " + came);
    }
    if (mail.prompt && recipient.startsWith("good-") && !came.isEmpty()) {
      var took = Duration.ofNanos(came.getFirst().repliedNanos - mail.repliedNanos);
      if (took.compareTo(PROMPT) > 0) {
        verdict.add(name + " arrived only after " + took);
      }
    }
    long certain = judgeCopies(name, came, verdict);
    if (told.size() > 1) {
      verdict.add(name + ": its sender was told " + told.size() + " times that it failed");
    }
    if (certain > 0 && !told.isEmpty() && !meddled.contains(mail.number)) {
      verdict.add(name + " arrived, and its sender was told that it failed");
    }
  }

  private long judgeCopies(String name, List<Arrival> came, List<String> verdict) {
    long certain = came.stream().filter(this::certain).count();
    if (certain > 1) {
      verdict.add(
          name
              + " arrived "
              + came.size()
              + " times, for no reason "
              + (certain - 1)
              + ": "
              + came);
    }
    return certain;
  }

  /// A mail that was refused because the disk failed is removed when the disk works again; it may
  /// be there all the same when the process ends before that.
  private boolean endedBeforeItWasRemoved(Submitted mail, List<Arrival> came) {
    return mail.reply.matches("(?s)45[12][- ]4\\.3\\.[01].*")
        && ends.stream()
            .anyMatch(
                end ->
                    mail.repliedNanos >= end.untoldSince
                        && mail.repliedNanos <= end.nanos
                        && came.stream().allMatch(arrival -> arrival.repliedNanos > end.nanos));
  }

  /// Whether the relay must know of it, and must have remembered it.
  private boolean certain(Arrival arrival) {
    return arrival.confirmed
        && ends.stream()
            .noneMatch(
                end ->
                    end.nanos >= arrival.repliedNanos
                        && arrival.repliedNanos
                            > Math.min(end.nanos, end.untoldSince)
                                - SETTLED_WITHIN_NANOS
                                - UNDER_WAY_NANOS);
  }
}
