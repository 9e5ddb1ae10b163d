package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import dev.poststation.message.Hold;
import dev.poststation.message.Octets;
import dev.poststation.message.Recipient;
import dev.poststation.sim.ManualTime;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The way of a mail through services that are made up.
class RoundTest {
  private static final Message MAIL =
      new Message(
          "Received: x\r\nSubject: s\r\n".getBytes(US_ASCII),
          "\r\n".getBytes(US_ASCII),
          Octets.of("body\r\n".getBytes(US_ASCII)));

  private final ManualTime time = new ManualTime();
  private final Map<String, Service> services = new HashMap<>();
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  @FunctionalInterface
  private interface Doing {
    Finding at(Message message) throws ServiceException;
  }

  private void service(String name, Doing doing) {
    services.put(
        name,
        new Service() {
          @Override
          public String describe() {
            return name;
          }

          @Override
          public Finding examine(Message message, Facts facts, Duration atMost)
              throws ServiceException {
            asked.add(name + " for " + facts.recipients().size());
            return doing.at(message);
          }
        });
  }

  private void marks(String name) {
    service(
        name,
        message ->
            new Finding.Changed(
                message.withFront(("X-By: " + name + "\r\n").getBytes(US_ASCII)), "marked"));
  }

  private MadeUpServices bench(String... entries) {
    return new MadeUpServices(String.join("\n", entries), time, services);
  }

  private static String entry(String name, String more) {
    return "{ use = header, name = " + name + ", add = [\"A: b\"], " + more + " }";
  }

  private static String header(Variant variant) {
    return header(variant.message());
  }

  private static String header(Message message) {
    return new String(message.header(), US_ASCII);
  }

  @Test
  void aServiceWithAFaultFailsAtThatMailAsOnErrorSaysAndIsAskedAgain() {
    service(
        "broken",
        message -> {
          throw new IllegalStateException("index 7");
        });
    marks("two");
    var bench = bench(entry("broken", "on-error = pass"), entry("two", ""));
    var variant = bench.one(MAIL);
    assertThat(header(variant)).startsWith("X-By: two");
    assertThat(variant.notes().getFirst().reason()).contains("has a fault", "index 7");
    bench.one(MAIL);
    assertThat(asked).filteredOn(each -> each.startsWith("broken")).hasSize(2);
  }

  @Test
  void aChainedArchiveIsAskedWhenAllElseIsKept() {
    service("chain", _ -> new Finding.Unchanged("archived"));
    service(
        "box",
        _ -> {
          throw ServiceException.down("no room");
        });
    String files = "{ use = archive, to = files, directory = ";
    var bench =
        bench(
            files + "\"/nowhere/a\", name = chain }",
            files + "\"/nowhere/b\", format = maildir, name = box }");
    bench.refused(MAIL, "b@there.test");
    assertThat(asked).containsExactly("box for 1");
  }

  @Test
  void servicesHaveAMailInTheirOrder() {
    marks("one");
    marks("two");
    var variant = bench(entry("one", ""), entry("two", "")).one(MAIL);
    assertThat(header(variant)).startsWith("X-By: two\r\nX-By: one\r\nReceived: x\r\n");
    assertThat(variant.notes()).extracting(Note::service).containsExactly("one", "two");
    assertThat(variant.notes()).extracting(Note::result).containsOnly(Note.Result.CHANGED);
  }

  @Test
  void aMailBecomesTwoOnlyWhereAServiceChangesItForSome() {
    marks("some");
    marks("all");
    service("looks", _ -> new Finding.Unchanged("nothing"));
    var variants =
        bench(
                entry("looks", "for { to = [\"there.test\"] }"),
                entry("some", "for { to = [\"there.test\"] }"),
                entry("all", ""))
            .passed(MAIL, "a@there.test", "b@else.test", "c@there.test");
    assertThat(variants).hasSize(2);
    assertThat(header(variants.getFirst())).startsWith("X-By: all\r\nX-By: some\r\n");
    assertThat(variants.getFirst().recipients())
        .extracting(each -> each.address().toString())
        .containsExactly("a@there.test", "c@there.test");
    assertThat(header(variants.getLast())).startsWith("X-By: all\r\nReceived:");
    assertThat(variants.getLast().recipients()).hasSize(1);
    assertThat(asked).containsExactly("looks for 2", "some for 2", "all for 2", "all for 1");
  }

  @Test
  void aServiceMayDivideAMailAndEachShareGoesOnByItself() {
    services.put(
        "divide",
        new Service() {
          @Override
          public String describe() {
            return "divide";
          }

          @Override
          public Finding examine(Message message, Facts facts, Duration atMost) {
            var changed = message.withFront("X-By: divide\r\n".getBytes(US_ASCII));
            var all = facts.recipients();
            return new Finding.Divided(
                List.of(
                    new Finding.Share(changed, all.subList(0, 1), "for one"),
                    new Finding.Share(null, all.subList(1, 2), "not for the other")));
          }
        });
    marks("all");
    var variants =
        bench(entry("divide", "for { to = [\"there.test\"] }"), entry("all", ""))
            .passed(MAIL, "a@there.test", "b@there.test", "c@else.test");
    assertThat(variants).hasSize(3);
    assertThat(header(variants.get(0))).startsWith("X-By: all\r\nX-By: divide\r\n");
    assertThat(header(variants.get(1))).startsWith("X-By: all\r\nReceived");
    assertThat(variants.get(1).notes().getFirst().reason()).isEqualTo("not for the other");
    assertThat(variants.get(1).notes().getFirst().result()).isEqualTo(Note.Result.UNCHANGED);
    assertThat(variants.get(2).notes()).hasSize(1);
  }

  private static List<String> to(Variant variant) {
    return variant.recipients().stream().map(each -> each.address().toString()).toList();
  }

  private Treatment treated(MadeUpServices bench) {
    return bench.pipeline.treat(
        MAIL, MadeUpServices.facts("f@here.test", "a@there.test", "b@else.test"));
  }

  @Test
  void whatOnePartOfTheRecipientsDoesNotGetIsDroppedAndKeepsTheirNames() {
    marks("split");
    service(
        "drops",
        message ->
            header(message).startsWith("X-By")
                ? new Finding.Discarded("not for them")
                : new Finding.Unchanged("nothing"));
    var passed =
        (Treatment.Passed)
            treated(bench(entry("split", "for { to = [\"there.test\"] }"), entry("drops", "")));
    assertThat(passed.variants()).hasSize(1);
    assertThat(to(passed.variants().getFirst())).containsExactly("b@else.test");
    assertThat(passed.dropped()).hasSize(1);
    var dropped = passed.dropped().getFirst();
    assertThat(dropped.rule()).startsWith("drops").endsWith("not for them");
    assertThat(to(dropped.variant())).containsExactly("a@there.test");
    assertThat(dropped.variant().notes())
        .extracting(Note::result)
        .containsExactly(Note.Result.CHANGED, Note.Result.DISCARDED);
  }

  private static Finding rerouted(Message message, Address removed, Address added) {
    var change =
        new EnvelopeChange(
            null, List.of(new Recipient(0, added, Set.of(), null)), List.of(removed));
    return new Finding.Rerouted(message, change, null, "moved");
  }

  @Test
  void nobodyIsLostAndNobodyGetsAMailTwiceWhenSeveralPartsHaveNewRecipients() {
    var a = new Address("a", "there.test");
    var b = new Address("b", "else.test");
    var c = new Address("c", "else.test");
    marks("split");
    service(
        "moves",
        message ->
            header(message).startsWith("X-By") ? rerouted(message, a, b) : rerouted(message, b, c));
    var bench = bench(entry("split", "for { to = [\"there.test\"] }"), entry("moves", ""));
    var moved = ((Treatment.Passed) treated(bench)).variants();
    assertThat(moved)
        .extracting(RoundTest::to)
        .containsExactly(List.of("b@else.test"), List.of("c@else.test"));

    service("moves", message -> rerouted(message, header(message).startsWith("X-By") ? a : b, c));
    var joined =
        (Treatment.Passed)
            treated(bench(entry("split", "for { to = [\"there.test\"] }"), entry("moves", "")));
    assertThat(joined.variants()).extracting(RoundTest::to).containsExactly(List.of("c@else.test"));
    assertThat(to(joined.dropped().getFirst().variant())).containsExactly("b@else.test");
  }

  @Test
  void conditionsAreOfTheMailAsTheServicesBeforeLeftIt() {
    marks("one");
    marks("two");
    marks("three");
    var bench =
        bench(
            entry("one", ""),
            entry("two", "for { header = [\"X-By: one\"] }"),
            entry("three", "for { header = [\"X-By: four\"] }"));
    assertThat(header(bench.one(MAIL))).startsWith("X-By: two\r\nX-By: one\r\nReceived:");
  }

  @Test
  void aRefusalEndsTheWayAndIsForAllRecipients() {
    service("scan", _ -> new Finding.Refused(ContentReplies.MALWARE, "found it"));
    marks("after");
    var refused =
        bench(entry("scan", "for { to = [\"there.test\"] }"), entry("after", ""))
            .refused(MAIL, "a@there.test", "b@else.test");
    assertThat(refused.reply()).isEqualTo(ContentReplies.MALWARE);
    assertThat(refused.rule()).matches("scan \\(test\\.conf:\\d+\\): found it");
    assertThat(asked).containsExactly("scan for 1");
  }

  @Test
  void aMailThatIsHeldGoesThroughTheServicesBehind() {
    service("scan", _ -> new Finding.Held(Hold.by("on-found", "found it")));
    marks("after");
    var variant = bench(entry("scan", ""), entry("after", "")).one(MAIL);
    assertThat(variant.hold().reason()).isEqualTo("on-found = hold: found it");
    assertThat(header(variant)).startsWith("X-By: after\r\n");
  }

  private void fails(String name, boolean down) {
    service(
        name,
        _ -> {
          throw down
              ? ServiceException.down("nobody answers")
              : ServiceException.atThisMail("it cannot read this");
        });
  }

  private Reply replyOn(String onError) {
    fails("scan", false);
    return bench(entry("scan", onError)).refused(MAIL, "b@there.test").reply();
  }

  @Test
  void whatBecomesOfAMailAtWhichAServiceFailsIsAsItsEntrySays() {
    assertThat(replyOn("")).isEqualTo(ContentReplies.NOT_EXAMINED_NOW);
    assertThat(replyOn("on-error = defer").code()).isEqualTo(451);
    assertThat(replyOn("on-error = reject").code()).isEqualTo(554);

    var held = bench(entry("scan", "on-error = hold")).one(MAIL);
    assertThat(held.hold().reason()).isEqualTo("on-error = hold: scan: it cannot read this");
    assertThat(held.hold().setting()).isEqualTo("on-error");
    assertThat(held.hold().unencrypted()).isFalse();

    String encrypt = "{ use = smime-encrypt, name = scan, on-error = hold }";
    service("first", _ -> new Finding.Held(Hold.by("on-found", "found it")));
    var open = bench(entry("first", ""), encrypt).one(MAIL);
    assertThat(open.hold().reason())
        .isEqualTo(
            "on-error = hold: unencrypted: scan: it cannot read this; also on-found = hold: found"
                + " it");
    assertThat(open.hold().unencrypted()).isTrue();
    assertThat(open.hold().setting()).isEqualTo("on-error");

    var passed = bench(entry("scan", "on-error = pass")).one(MAIL);
    assertThat(passed.hold()).isNull();
    assertThat(passed.message()).isSameAs(MAIL);
    assertThat(passed.notes().getFirst().result()).isEqualTo(Note.Result.FAILED);
    assertThat(passed.notes().getFirst().reason())
        .isEqualTo("on-error = pass: it cannot read this");
  }

  @Test
  void aServiceThatIsDownIsAskedOnceInAWhileAndIsBackWhenItAnswers() {
    fails("scan", true);
    var bench = bench(entry("scan", "retry-after = \"30 s\", on-error = pass"));
    bench.one(MAIL);
    bench.one(MAIL);
    assertThat(asked).hasSize(1);
    assertThat(bench.pipeline.down()).singleElement().asString().contains("nobody answers");
    time.advance(Duration.ofSeconds(31));
    bench.one(MAIL);
    assertThat(asked).hasSize(2);
    service("scan", _ -> new Finding.Unchanged("clean"));
    bench =
        new MadeUpServices(
            entry("scan", "retry-after = \"30 s\", on-error = pass"), time, services);
    assertThat(bench.one(MAIL).notes().getFirst().reason()).isEqualTo("clean");
  }

  @Test
  void itIsToldOnceThatAServiceIsDownAndOnceThatItIsBack() {
    boolean[] down = {true};
    service(
        "scan",
        _ -> {
          if (down[0]) {
            throw ServiceException.down("nobody answers");
          }
          return new Finding.Unchanged("clean");
        });
    var bench = bench(entry("scan", "retry-after = \"30 s\", on-error = pass"));
    bench.one(MAIL);
    time.advance(Duration.ofSeconds(31));
    bench.one(MAIL);
    down[0] = false;
    bench.one(MAIL); // Not asked yet.
    time.advance(Duration.ofSeconds(31));
    bench.one(MAIL);
    bench.one(MAIL);
    assertThat(asked).hasSize(4);
    assertThat(bench.told)
        .containsExactly(
            new Event.ServiceChanged("scan", false, "nobody answers"),
            new Event.ServiceChanged("scan", true, "scan answers again"));
    assertThat(bench.pipeline.down()).isEmpty();
  }

  @Test
  void aServiceThatCannotReadOneMailIsAskedForTheNext() {
    fails("scan", false);
    var bench = bench(entry("scan", "on-error = pass"));
    bench.one(MAIL);
    bench.one(MAIL);
    assertThat(asked).hasSize(2);
    assertThat(bench.told).isEmpty();
  }

  private static String looker(String name, String more) {
    return "{ use = clamav, name = " + name + ", " + more + " }";
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Each of them begins before the other one has ended, or this never ends.
  @Test
  @Timeout(60)
  void servicesThatOnlyLookDoSoAtTheSameTimeAndAreNotedInTheirOrder() {
    var begun = new CountDownLatch(3);
    for (String name : List.of("one", "two", "three")) {
      service(
          name,
          _ -> {
            begun.countDown();
            await(begun);
            return new Finding.Unchanged("clean");
          });
    }
    marks("after");
    var variant =
        bench(looker("one", ""), looker("two", ""), looker("three", ""), entry("after", ""))
            .one(MAIL);
    assertThat(variant.notes())
        .extracting(Note::service)
        .containsExactly("one", "two", "three", "after");
    assertThat(asked.getLast()).isEqualTo("after for 1");
  }

  @Test
  @Timeout(60)
  void ofSeveralRefusalsThatOfTheFirstEntryCountsHoweverLateItComes() {
    var second = new CountDownLatch(1);
    service(
        "first",
        _ -> {
          await(second);
          return new Finding.Refused(ContentReplies.MALWARE, "found it");
        });
    service(
        "second",
        _ -> {
          second.countDown();
          throw ServiceException.down("nobody answers");
        });
    var bench = bench(looker("first", ""), looker("second", "on-error = reject"));
    var refused = bench.refused(MAIL, "b@there.test");
    assertThat(refused.reply()).isEqualTo(ContentReplies.MALWARE);
    assertThat(refused.notes()).extracting(Note::service).containsExactly("first");
    assertThat(bench.told).contains(new Event.ServiceChanged("second", false, "nobody answers"));
  }

  /// It may be released, and would show what nobody has found.
  @Test
  void whatIsHeldWhereAServiceFailsIsKeptWithoutWhatOnlyThatMaySay() {
    services.put(
        "judge",
        new Service() {
          @Override
          public String describe() {
            return "judge";
          }

          @Override
          public Message withoutClaims(Message message, String hostname) {
            assertThat(hostname).isEqualTo("relay.example.com");
            return Claims.without(message, "X-Judged");
          }

          @Override
          public Finding examine(Message message, Facts facts, Duration atMost)
              throws ServiceException {
            throw ServiceException.down("nobody answers");
          }
        });
    var forged = MAIL.withFront("X-Judged: good\r\n".getBytes(US_ASCII));
    var bench = bench(entry("judge", "on-error = hold, retry-after = \"30 s\""));
    for (int i = 0; i < 2; i++) { // The second time it is not even asked.
      var held = bench.one(forged);
      assertThat(held.hold().reason()).startsWith("on-error = hold: judge: nobody answers");
      assertThat(header(held)).isEqualTo(header(MAIL));
    }
  }

  @Test
  void whereItsHeaderIsAFaultOfOursNothingIsKeptAsItCame() {
    services.put("judge", broken());
    var refused = bench(entry("judge", "on-error = hold")).refused(MAIL, "b@there.test");
    assertThat(refused.reply()).isEqualTo(ContentReplies.NOT_EXAMINED_NOW);
  }

  /// One that has a fault, even at what it says in our name.
  private static Service broken() {
    return new Service() {
      @Override
      public String describe() {
        return "judge";
      }

      @Override
      public Message withoutClaims(Message message, String hostname) {
        throw new IllegalStateException("index 7");
      }

      @Override
      public Finding examine(Message message, Facts facts, Duration atMost) {
        throw new IllegalStateException("index 7");
      }
    };
  }

  /// Opens mail for there.test as one that decrypts.
  private void opens() {
    services.put(
        "open",
        new Service() {
          @Override
          public String describe() {
            return "open";
          }

          @Override
          public Finding examine(Message message, Facts facts, Duration atMost) {
            var opened = message.withFront("X-By: open\r\n".getBytes(US_ASCII));
            return new Finding.Divided(
                List.of(Finding.Share.secret(opened, facts.recipients(), "decrypted")));
          }
        });
  }

  private static final String OPEN = entry("open", "for { to = [\"there.test\"] }");

  /// RFC 8551 6: who sends mail of others again and again, a bit changed, must not be told which of
  /// them could be decrypted.
  @Test
  void whatARefusalSaysOfADecryptedMailItsSenderDoesNotHear() {
    opens();
    service(
        "scan",
        message ->
            header(message).startsWith("X-By: open")
                ? new Finding.Refused(ContentReplies.MALWARE, "found it")
                : new Finding.Unchanged("clean"));
    marks("after");
    var variants =
        bench(OPEN, looker("scan", ""), entry("after", ""))
            .passed(MAIL, "a@there.test", "b@else.test");
    var held = variants.getFirst();
    assertThat(held.hold().reason())
        .matches("decrypted = hold: scan \\(test\\.conf:\\d+\\): found it");
    assertThat(held.hold().setting()).isEqualTo("decrypted");
    assertThat(held.notes())
        .extracting(Note::result)
        .containsExactly(Note.Result.CHANGED, Note.Result.HELD, Note.Result.CHANGED);
    assertThat(variants.getLast().hold()).isNull();
    var plain = bench(OPEN, "{ use = smime-encrypt, name = scan }").one(MAIL);
    assertThat(plain.hold().unencrypted()).as("nobody lets it out so").isTrue();

    service("scan", _ -> new Finding.Refused(ContentReplies.MALWARE, "found it"));
    var refused = bench(OPEN, looker("scan", "")).refused(MAIL, "a@there.test", "b@else.test");
    assertThat(refused.reply()).as("it is found in what is closed, too").isNotNull();
  }

  @Test
  void whatFailsAtADecryptedMailAloneIsHeldAndWhatFailsAtAnyIsAsOnErrorSays() {
    opens();
    fails("scan", false);
    var held = bench(OPEN, looker("scan", "on-error = reject")).one(MAIL);
    assertThat(held.hold().reason())
        .isEqualTo("decrypted = hold: scan: on-error = reject: it cannot read this");
    var open = bench(OPEN, "{ use = smime-encrypt, name = scan }").one(MAIL);
    assertThat(open.hold().unencrypted()).isTrue();

    fails("scan", true);
    var bench = bench(OPEN, looker("scan", ""));
    for (int i = 0; i < 2; i++) { // The second time it is not even asked.
      var refused = bench.refused(MAIL, "b@there.test");
      assertThat(refused.reply()).isEqualTo(ContentReplies.NOT_EXAMINED_NOW);
    }
  }

  @Test
  void whatCannotBeToldOfADecryptedMailItsSenderDoesNotHear() {
    opens();
    service("scan", _ -> new Finding.Unchanged("clean"));
    services.put("keep", services.get("scan"));
    var many =
        new Message(
            "Content-Type: multipart/mixed; boundary=a\r\n".getBytes(US_ASCII),
            "\r\n".getBytes(US_ASCII),
            Octets.of(("--a\r\n\r\nx\r\n".repeat(1100) + "--a--\r\n").getBytes(US_ASCII)));
    String zip = "for { part-type = [\"application/zip\"] }";
    var archive =
        "{ use = archive, name = keep, to = files, directory = \"/nowhere\", " + zip + " }";
    for (var behind : List.of(looker("scan", zip + ", on-error = reject"), archive)) {
      assertThat(bench(OPEN, behind).one(many).hold().reason())
          .startsWith("decrypted = hold: ")
          .contains("its parts cannot be told");
    }
    bench(OPEN, looker("scan", zip)).refused(many, "b@else.test"); // Nobody has decrypted that.
  }

  @Test
  void aFaultOfOursAtADecryptedMailItsSenderDoesNotHear() {
    opens();
    services.put("scan", broken());
    assertThat(bench(OPEN, looker("scan", "")).one(MAIL).hold().reason())
        .startsWith("decrypted = hold: ")
        .contains("scan", "do not release it");
  }

  @Test
  void aMailThatBecameSeveralCountsOnceAndWaitsOnceWhereAServiceSaysNothing() {
    service(
        "scan",
        _ -> {
          throw MadeUpServices.mute();
        });
    marks("one");
    marks("two");
    var bench =
        bench(
            entry("one", "for { to = [\"one.test\"] }"),
            entry("two", "for { to = [\"two.test\"] }"),
            looker("scan", "on-error = pass"));
    for (int i = 0; i < 4; i++) {
      assertThat(bench.passed(MAIL, "a@one.test", "b@two.test", "c@three.test"))
          .hasSize(3)
          .allSatisfy(
              each ->
                  assertThat(each.notes().getLast().reason())
                      .isEqualTo("on-error = pass: it hangs"));
    }
    assertThat(asked).filteredOn(each -> each.startsWith("scan")).hasSize(4);
    assertThat(bench.told).isEmpty();
  }

  /// The client waits for all of them.
  @Test
  void aMailThatBecameSeveralWaitsOnceWhereAServiceFailsAtTheEndOfItsTime() {
    marks("one");
    for (boolean down : List.of(true, false)) {
      for (int seconds : List.of(40, 1)) {
        service(
            "scan",
            _ -> {
              time.advance(Duration.ofSeconds(seconds));
              throw down
                  ? ServiceException.down("nobody answers")
                  : ServiceException.atThisMail("it took too long");
            });
        asked.clear();
        var bench =
            bench(
                entry("one", "for { to = [\"one.test\"] }"),
                looker("scan", "on-error = pass, time-limit = \"1 minute\""));
        assertThat(bench.passed(MAIL, "a@one.test", "b@two.test"))
            .hasSize(2)
            .allSatisfy(
                each -> assertThat(each.notes().getLast().reason()).startsWith("on-error = pass:"));
        assertThat(asked)
            .as(seconds + " s")
            .filteredOn(each -> each.startsWith("scan"))
            .hasSize(down || seconds == 40 ? 1 : 2);
      }
    }
  }

  @Test
  void eachOfThoseThatLookHasItsOwnErrorHoldAndBreaker() {
    fails("dead", true);
    service("scan", _ -> new Finding.Held(Hold.by("on-found", "found it")));
    service("other", _ -> new Finding.Held(Hold.by("on-found", "found another one")));
    var bench =
        bench(
            looker("dead", "retry-after = \"30 s\", on-error = pass"),
            looker("scan", "for { to = [\"there.test\"] }"),
            looker("other", ""));
    assertThat(bench.one(MAIL).hold().reason()).isEqualTo("on-found = hold: found it");
    var variant = bench.one(MAIL);
    assertThat(variant.notes())
        .extracting(Note::result)
        .containsExactly(Note.Result.FAILED, Note.Result.HELD, Note.Result.HELD);
    assertThat(variant.notes().getFirst().reason())
        .contains("nobody answers (not asked again yet)");
    assertThat(asked).filteredOn(each -> each.startsWith("dead")).hasSize(1);
    assertThat(bench.passed(MAIL, "b@else.test").getFirst().notes()).hasSize(2);
  }

  @Test
  void whoOnlyLooksKeepsAMailFromThoseForWhomItLookedAndOthersAtTheSameTimeCount() {
    service("scan", _ -> new Finding.Quarantined("found it"));
    service("spam", _ -> new Finding.Quarantined("is spam"));
    service("held", _ -> new Finding.Held(Hold.by("on-found", "odd")));
    var bench =
        bench(
            looker("scan", "for { to = [\"a@there.test\", \"b@there.test\"] }"),
            looker("spam", "for { to = [\"b@there.test\", \"c@there.test\"] }"),
            looker("held", ""));
    var variants =
        bench.passed(MAIL, "a@there.test", "b@there.test", "c@there.test", "d@there.test");
    assertThat(variants)
        .extracting(
            each ->
                each.recipients().getFirst().address().local()
                    + each.recipients().size()
                    + " "
                    + (each.quarantine() == null
                        ? "-"
                        : each.quarantine().service() + ", " + each.quarantine().reason()))
        .containsExactlyInAnyOrder(
            "a2 scan, found it; also spam: is spam", "c1 spam, is spam", "d1 -");
    assertThat(variants).allSatisfy(each -> assertThat(each.hold().reason()).contains("odd"));
    assertThat(variants).allSatisfy(each -> assertThat(each.notes()).hasSize(3));
  }

  /// Who is held, one word for each part: its recipients and why.
  private static List<String> heldParts(List<Variant> variants) {
    return variants.stream()
        .map(
            each ->
                each.recipients().stream()
                        .map(one -> one.address().local())
                        .collect(Collectors.joining())
                    + " "
                    + (each.hold() == null ? "-" : each.hold().setting()))
        .toList();
  }

  @Test
  void aMailIsHeldForThoseOnlyForWhomAServiceHasItHeld() {
    service("scan", _ -> new Finding.Held(Hold.by("on-found", "found it")));
    fails("dead", false);
    String some = "for { to = [\"b@there.test\", \"c@there.test\"] }";
    String dead = some + ", on-error = hold";
    String[] to = {"a@there.test", "b@there.test", "c@there.test", "d@there.test"};
    for (var held : List.of(looker("scan", some), entry("scan", some))) {
      assertThat(heldParts(bench(held).passed(MAIL, to)))
          .containsExactlyInAnyOrder("bc on-found", "ad -");
    }
    for (var held : List.of(looker("dead", dead), entry("dead", dead))) {
      assertThat(heldParts(bench(held).passed(MAIL, to)))
          .containsExactlyInAnyOrder("bc on-error", "ad -");
    }
    var both =
        bench(
            looker("scan", some),
            looker("dead", "for { to = [\"a@there.test\"] }, on-error = hold"));
    assertThat(heldParts(both.passed(MAIL, to)))
        .containsExactlyInAnyOrder("a on-error", "bc on-found", "d -");
  }

  @Test
  void aMailThatCannotBeLookedAtCanComeIntoQuarantine() {
    fails("dead", false);
    var variant = bench(looker("dead", "on-error = quarantine")).one(MAIL);
    assertThat(variant.quarantine())
        .isEqualTo(
            new Variant.Quarantine(
                "dead", "on-error = quarantine: it cannot read this", Duration.ofDays(30)));
    assertThat(variant.hold()).isNull();
  }

  @Test
  void whatFailsBehindAFindingIsSaidWithIt() {
    service("scan", _ -> new Finding.Quarantined("found it"));
    fails("dead", false);
    marks("one");
    var bench =
        bench(looker("scan", ""), entry("one", ""), looker("dead", "on-error = quarantine"));
    var kept = bench.one(MAIL).quarantine();
    assertThat(kept).isNotNull();
    assertThat(kept.service()).isEqualTo("scan");
    assertThat(kept.reason())
        .isEqualTo("found it; also dead: on-error = quarantine: it cannot read this");
  }

  /// Else who sends spam by an account of ours would make friends of all whom it was for.
  @Test
  void whatDoesNotGoOnByItselfTeachesNothing() {
    service("spam", _ -> new Finding.Quarantined("is spam"));
    service("odd", _ -> new Finding.Held(Hold.by("on-odd", "is odd")));
    service("learns", _ -> new Finding.Unchanged("learned"));
    String learner = "{ use = remember, name = learns }";
    bench(looker("spam", "for { to = [\"there.test\"] }"), learner)
        .passed(MAIL, "a@there.test", "b@else.test");
    bench(looker("odd", ""), learner).passed(MAIL, "a@there.test");
    assertThat(asked).containsExactly("spam for 1", "learns for 1", "odd for 1");
  }

  @Test
  void mailThatNoServiceIsMeantForIsOfNoConcern() {
    marks("one");
    var bench = bench(entry("one", "for { from = [\"else.test\"] }"));
    assertThat(bench.pipeline.concerns(MadeUpServices.facts("a@here.test", "b@there.test")))
        .isFalse();
    assertThat(bench.pipeline.concerns(MadeUpServices.facts("a@else.test", "b@there.test")))
        .isTrue();
  }

  @Test
  void theEndOfWhatWasDownBeforeAReloadIsTold() {
    fails("scan", true);
    service("other", _ -> new Finding.Unchanged("fine"));
    var before = bench(looker("scan", "on-error = pass"), looker("other", ""));
    before.one(MAIL);
    assertThat(before.told).containsExactly(down("scan", "nobody answers"));

    service("scan", _ -> new Finding.Unchanged("fine"));
    var first = bench(looker("scan", "on-error = pass"), looker("other", ""));
    first.pipeline.follow(before.pipeline);
    assertThat(first.pipeline.down()).as("the new one may have mended it").isEmpty();
    var second = bench(looker("scan", "on-error = pass"), looker("other", ""));
    second.pipeline.follow(first.pipeline); // Two reloads, and no mail between them.
    second.one(MAIL);
    second.one(MAIL);
    assertThat(second.told)
        .containsExactly(new Event.ServiceChanged("scan", true, "scan answers again"));
  }

  private static Event down(String service, String reason) {
    return new Event.ServiceChanged(service, false, reason);
  }

  private static Treatment toOne(MadeUpServices bench) {
    return bench.pipeline.treat(MAIL, MadeUpServices.facts("a@here.test", "b@there.test"));
  }

  private static String keeper(String name, String more) {
    return "{ use = archive, to = files, directory = \"/nowhere\", name = "
        + name
        + " "
        + more
        + " }";
  }

  /// What is kept is the mail at the place of the service, once all others have let it go on.
  @Test
  void aCopyIsKeptAsItIsAtItsPlaceWhenAllServicesHaveLetTheMailGoOn() {
    List<String> kept = new ArrayList<>();
    service(
        "keep",
        message -> {
          kept.add(header(message));
          return new Finding.Unchanged("kept");
        });
    marks("one");
    marks("two");
    var bench = bench(entry("one", ""), keeper("keep", ""), entry("two", ""));
    var variant = bench.one(MAIL);
    assertThat(kept).containsExactly("X-By: one\r\nReceived: x\r\nSubject: s\r\n");
    assertThat(header(variant)).startsWith("X-By: two\r\nX-By: one\r\n");
    assertThat(variant.notes()).extracting(Note::service).containsExactly("one", "two", "keep");
  }

  @Test
  void whatAServiceBehindRefusesIsNotKept() {
    service("keep", _ -> new Finding.Unchanged("kept"));
    service("refuses", _ -> new Finding.Refused(ContentReplies.NOT_EXAMINED, "no"));
    var bench = bench(keeper("keep", ""), entry("refuses", ""));
    assertThat(toOne(bench)).isInstanceOf(Treatment.Refused.class);
    assertThat(asked).containsExactly("refuses for 1");
  }

  /// All recipients of the mail are told to it, though it is meant for one, and it is asked once,
  /// though some get another content.
  @Test
  void aMailIsKeptOnceWithAllItsRecipientsAlsoWhereItBecomesTwo() {
    service("keep", _ -> new Finding.Unchanged("kept"));
    marks("some");
    var variants =
        bench(
                keeper("keep", ", for { to = [\"there.test\"] }"),
                entry("some", "for { to = [\"there.test\"] }"))
            .passed(MAIL, "a@there.test", "b@else.test");
    assertThat(variants).hasSize(2);
    assertThat(asked).containsExactly("some for 1", "keep for 2");
    assertThat(variants)
        .allSatisfy(each -> assertThat(each.notes().getLast().service()).isEqualTo("keep"));
  }

  @Test
  void mailThatIsThrownAwayIsKeptToo() {
    service("keep", _ -> new Finding.Unchanged("kept"));
    service("discards", _ -> new Finding.Discarded("away"));
    var treatment = toOne(bench(keeper("keep", ""), entry("discards", "")));
    assertThat(treatment)
        .isInstanceOfSatisfying(
            Treatment.Discarded.class,
            discarded ->
                assertThat(discarded.notes())
                    .extracting(Note::service)
                    .containsExactly("discards", "keep"));
  }

  @Test
  void mailThatCannotBeKeptIsNotTakenAndTheNextIsNotMadeToWait() {
    service(
        "keep",
        _ -> {
          throw ServiceException.down("No space left on device");
        });
    var bench = bench(keeper("keep", ""));
    for (int i = 0; i < 2; i++) {
      assertThat(toOne(bench))
          .isInstanceOfSatisfying(
              Treatment.Refused.class,
              refused -> {
                assertThat(refused.reply()).isEqualTo(ContentReplies.NOT_EXAMINED_NOW);
                assertThat(refused.rule()).contains("No space left on device");
              });
    }
    assertThat(asked).hasSize(1);
    assertThat(bench.pipeline.down().getFirst()).contains("No space left on device");
    assertThat(bench(keeper("keep", ", on-error = pass")).one(MAIL).notes().getLast().result())
        .isEqualTo(Note.Result.FAILED);
  }
}
