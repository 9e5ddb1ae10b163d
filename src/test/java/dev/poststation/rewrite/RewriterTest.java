package dev.poststation.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.AddressMapping;
import dev.poststation.config.Origin;
import dev.poststation.config.Rewriting;
import dev.poststation.config.Rewriting.Masquerade;
import dev.poststation.config.Rewriting.Place;
import dev.poststation.config.Rewriting.Rule;
import dev.poststation.ldap.Directories;
import dev.poststation.message.Edit;
import dev.poststation.os.Os;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // Line ends are what it is about.
class RewriterTest {
  private static final Origin ORIGIN = new Origin("x.conf", 3);
  private static final Set<Place> ALL = EnumSet.allOf(Place.class);

  private final ManualTime time = new ManualTime();
  private final MemoryDisk disk = new MemoryDisk();
  private final List<Rule> rules = new ArrayList<>();
  private Masquerade masquerade;
  private String subaddress = "";

  private RewriterTest map(Set<Place> in, Set<Place> back, String... lines) {
    var read = AddressMapping.file(String.join("\n", lines), "map");
    assertThat(read.flaws()).isEmpty();
    rules.add(new Rule(List.of(), List.of(), read.mappings(), in, back, null, ORIGIN));
    return this;
  }

  private Rewriter rewriter() {
    var real = Os.real();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), disk);
    return new Rewriter(
        new Rewriting(rules, masquerade, subaddress, null),
        os,
        new Directories(os, new ScriptedResolver()));
  }

  private static Optional<Rewriter.Change> change(
      Rewriter rewriter, Place place, String client, Address address) {
    try {
      return rewriter.change(place, client, address);
    } catch (UnavailableException e) {
      throw new AssertionError(e);
    }
  }

  private static Address address(String text) {
    return AddressParser.parse(text).orElseThrow();
  }

  private static String changed(Rewriter rewriter, Place place, String text) {
    return change(rewriter, place, "lan", address(text))
        .map(change -> change.to().toString())
        .orElse(text);
  }

  @ParameterizedTest
  @CsvSource({
    "anna@old.example,       a.b@new.example",
    "ANNA@OLD.example,       a.b@new.example",
    "\"anna\"@old.example,   a.b@new.example",
    "bob@old.example,        bob@new.example",
    "bob@sub.old.example,    bob@sub.old.example",
    "bob@pc.below.example,   bob@below.example",
    "bob@a.pc.below.example, bob@deep.example",
    "x@all.example,          one@new.example",
    "x@else.example,         x@else.example",
    "anna+x@old.example,     a.b+x@new.example",
    "bob+x@old.example,      bob+x@new.example",
    "anna+y@old.example,     y@new.example"
  })
  void theNarrowestLineCounts(String old, String fresh) {
    subaddress = "+";
    map(
        ALL,
        Set.of(),
        "# people",
        "",
        "anna@old.example   a.b@new.example",
        "@old.example\t@new.example",
        ".below.example @below.example",
        ".pc.below.example @deep.example",
        "@all.example one@new.example",
        "anna+y@old.example y@new.example");
    assertThat(changed(rewriter(), Place.SENDER, old)).isEqualTo(fresh);
  }

  @Test
  void theFirstEntryThatHasTheAddressDecidesAndSaysSo() {
    map(ALL, Set.of(), "a@x.example a@y.example");
    map(ALL, Set.of(), "@x.example @z.example", "a@y.example never@z.example");
    var rewriter = rewriter();
    assertThat(
            change(rewriter, Place.RECIPIENT, "lan", address("a@x.example")).orElseThrow().reason())
        .isEqualTo("rewrite 1 (x.conf:3): recipient a@x.example became a@y.example");
    assertThat(changed(rewriter, Place.RECIPIENT, "b@x.example")).isEqualTo("b@z.example");
  }

  @Test
  void aLineThatNamesTheSameTwiceIsAnException() {
    map(ALL, Set.of(), "info@x.example info@x.example", "@x.example @y.example");
    assertThat(change(rewriter(), Place.SENDER, "lan", address("info@x.example"))).isEmpty();
  }

  @Test
  void anEntryIsForTheClientsThatItNames() {
    var read = AddressMapping.file("@x.example @y.example", "map").mappings();
    rules.add(new Rule(List.of("erp"), List.of(), read, ALL, Set.of(), null, ORIGIN));
    var rewriter = rewriter();
    assertThat(change(rewriter, Place.SENDER, "lan", address("a@x.example"))).isEmpty();
    assertThat(change(rewriter, Place.SENDER, "erp", address("a@x.example"))).isPresent();
  }

  @Test
  void whatOneClientSendsComesBackByAnyOther() {
    var read = AddressMapping.file("@in.example @out.example", "map").mappings();
    var forth = Set.of(Place.SENDER);
    var back = Set.of(Place.RECIPIENT);
    rules.add(new Rule(List.of("exchange"), List.of(), read, forth, back, null, ORIGIN));
    var rewriter = rewriter();
    assertThat(change(rewriter, Place.SENDER, "edge", address("a@in.example"))).isEmpty();
    assertThat(change(rewriter, Place.RECIPIENT, "edge", address("a@out.example")))
        .hasValueSatisfying(change -> assertThat(change.to()).hasToString("a@in.example"));

    rules.set(0, new Rule(List.of("edge"), List.of(), read, Set.of(), back, null, ORIGIN));
    rewriter = rewriter();
    assertThat(change(rewriter, Place.RECIPIENT, "lan", address("a@out.example")))
        .as("an entry that has the way back alone is for its clients")
        .isEmpty();
    assertThat(change(rewriter, Place.RECIPIENT, "edge", address("a@out.example"))).isPresent();
  }

  @Test
  void whoeverIsToGetReceiptsIsRewrittenAsTheAuthorIs() {
    map(Set.of(Place.HEADER_SENDER), Set.of(), "@in.example @out.example");
    String header =
        "Disposition-Notification-To: \"Anna\" <anna@in.example>\r\n"
            + "Return-Receipt-To: anna@in.example\r\nErrors-To: <anna@in.example>\r\n\r\n";
    assertThat(rewritten(header)).isEqualTo(header.replace("@in.example", "@out.example"));
  }

  private String rewritten(String header) {
    byte[] octets = header.getBytes(StandardCharsets.ISO_8859_1);
    byte[] now = Edit.apply(rewriter().header("lan", octets).edits(), octets, 0);
    return new String(now, StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Scanner, Floor 2 <scanner@pc7.example>   | Scanner, Floor 2 <scanner@new.example>",
        "a b, <@a.example,@b.example:y@pc7.example> | a b, <y@new.example>",
        "a b, <y@pc7.example>, z@pc7.example      | a b, <y@new.example>, z@pc7.example",
        "a b, \"<q@pc7.example>\" <y@pc7.example> | a b, \"<q@pc7.example>\" <y@new.example>",
        "a b, (<q@pc7.example>) <y@pc7.example>   | a b, (<q@pc7.example>) <y@new.example>",
        "a b, \" <y@pc7.example> ( <z@pc7.example | a b, \" <y@new.example> ( <z@pc7.example",
        "<< y@pc7.example >>                      | <<y@new.example>>",
        "Jürgen B., Büro <jürgen@pc7.example>     | Jürgen B., Büro <jürgen@new.example>",
      })
  void ofAFieldThatIsBrokenWhatStandsInBracketsIsRewritten(String came, String goes) {
    map(Set.of(Place.HEADER_SENDER), Set.of(), "@pc7.example @new.example");
    byte[] octets = ("From:\r\n " + came + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
    var change = rewriter().header("lan", octets);
    assertThat(new String(Edit.apply(change.edits(), octets, 0), StandardCharsets.UTF_8))
        .isEqualTo("From:\r\n " + goes + "\r\n\r\n");
    assertThat(change.reasons().getFirst()).contains("from cannot be understood");
  }

  @Test
  void aFieldWithoutAddressesIsNotTold() {
    map(Set.of(Place.HEADER_SENDER, Place.HEADER_RECIPIENT), Set.of(), "@x.example @y.example");
    byte[] octets =
        "From: Scanner, Floor 2\r\nTo: undisclosed-recipients:;\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    assertThat(rewriter().header("lan", octets).reasons()).isEmpty();
  }

  /// Each of these would take minutes if it were looked through again from each of its places.
  @ParameterizedTest
  @ValueSource(strings = {"<", "(", "\"\\", "<a@b", "(\"<", "<<>"})
  @Timeout(20)
  void aFieldThatIsMadeToBeBrokenCostsNoTime(String piece) {
    map(Set.of(Place.HEADER_SENDER), Set.of(), "@x.example @y.example");
    String value = piece.repeat(300_000 / piece.length()) + " <a@x.example>";
    byte[] octets = ("From: @ " + value + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    assertThat(rewriter().header("lan", octets).edits()).hasSizeLessThan(2);
  }

  @Test
  void theNullSenderAndPostmasterStay() {
    map(ALL, Set.of(), "@x.example @y.example");
    assertThat(change(rewriter(), Place.SENDER, "lan", Address.NULL)).isEmpty();
    assertThat(change(rewriter(), Place.RECIPIENT, "lan", new Address("Postmaster", ""))).isEmpty();
  }

  @Test
  void aFileThatChangesIsReadAnewAndABadOneIsNot() {
    disk.with("addresses", "a@x.example one@y.example\n");
    rules.add(
        new Rule(List.of(), List.of(Path.of("addresses")), List.of(), ALL, Set.of(), null, ORIGIN));
    var rewriter = rewriter();
    assertThat(changed(rewriter, Place.SENDER, "a@x.example")).isEqualTo("one@y.example");

    disk.with("addresses", "a@x.example another@y.example\n");
    time.advance(Duration.ofSeconds(1));
    assertThat(changed(rewriter, Place.SENDER, "a@x.example")).isEqualTo("another@y.example");

    disk.with("addresses", "a@x.example third@y.example\nnonsense here and there\n");
    time.advance(Duration.ofSeconds(1));
    assertThat(changed(rewriter, Place.SENDER, "a@x.example")).isEqualTo("another@y.example");

    disk.vanish("addresses");
    time.advance(Duration.ofSeconds(1));
    assertThat(changed(rewriter, Place.SENDER, "a@x.example")).isEqualTo("another@y.example");
  }

  @ParameterizedTest
  @CsvSource({
    "anna@pc7.example.com,     anna@example.com",
    "anna@a.pc7.EXAMPLE.com,   anna@example.com",
    "anna@example.com,         anna@example.com",
    "anna@x.sub.example.com,   anna@sub.example.com",
    "anna@sub.example.com,     anna@sub.example.com",
    "root@pc7.example.com,     root@pc7.example.com",
    "anna@vip.example.com,     anna@vip.example.com",
    "anna@badexample.com,      anna@badexample.com"
  })
  void hostsVanishBehindTheirDomain(String old, String fresh) {
    masquerade =
        new Masquerade(
            List.of("sub.example.com", "example.com"),
            List.of("root", "@vip.example.com"),
            Set.of(Place.SENDER),
            ORIGIN);
    var rewriter = rewriter();
    assertThat(changed(rewriter, Place.SENDER, old)).isEqualTo(fresh);
    assertThat(changed(rewriter, Place.RECIPIENT, old)).isEqualTo(old);
  }

  @Test
  void onlyTheAddressesOfAHeaderAreChanged() {
    map(
        Set.of(Place.HEADER_SENDER),
        Set.of(Place.HEADER_RECIPIENT),
        "@in.example @out.example",
        "anna@in.example a.b@out.example");
    String header =
        "Received: from anna@in.example\r\n"
            + "From: =?utf-8?q?A?= \"anna@in.example\"\r\n <anna@in.example> (anna@in.example)\r\n"
            + "Reply-To: Team: bob@in.example, x@else.example;\r\n"
            + "To: a.b@out.example,\r\n\tno address at all\r\n"
            + "Cc: \"c, d\" <a.b@out.example>, <c@in.example>,e@out.example\r\n"
            + "Subject: anna@in.example\r\n"
            + "\r\n"
            + "From: anna@in.example\r\n";
    byte[] octets = header.getBytes(StandardCharsets.ISO_8859_1);
    var change = rewriter().header("lan", octets);
    assertThat(new String(Edit.apply(change.edits(), octets, 0), StandardCharsets.ISO_8859_1))
        .isEqualTo(
            header
                .replace("<anna@in.example> (", "<a.b@out.example> (")
                .replace("bob@in.example", "bob@out.example")
                .replace("\"c, d\" <a.b@out.example>", "\"c, d\" <anna@in.example>")
                .replace(",e@out.example", ",e@in.example"));
    assertThat(change.reasons())
        .hasSize(5)
        .contains(
            "rewrite: to cannot be understood: what stands in it outside of < > stays as it came");
  }

  @Test
  void internationalAddressesStayWhatTheyAre() {
    map(ALL, Set.of(), "@in.example @out.example");
    String header = "From: Jürgen <jürgen@in.example>\r\nTo: 用户@in.example\r\n\r\n";
    byte[] octets = header.getBytes(StandardCharsets.UTF_8);
    var change = rewriter().header("lan", octets);
    assertThat(new String(Edit.apply(change.edits(), octets, 0), StandardCharsets.UTF_8))
        .isEqualTo(header.replace("@in.example", "@out.example"));
  }

  /// What goes out under a new address comes back to the old one, whatever one-to-one map it is.
  @Property(tries = 200)
  void whatComesBackFindsTheOldAddress(@ForAll long seed) {
    var random = new Random(seed);
    List<String> lines = new ArrayList<>();
    List<String> olds = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(20); i++) {
      String local = random.nextBoolean() ? "u" + i : "\"u " + i + "\"";
      switch (random.nextInt(3)) {
        case 0 -> {
          lines.add(local.replace("u ", "q") + "@in" + i % 3 + ".example n" + i + "@out.example");
          olds.add(local.replace("u ", "q") + "@in" + i % 3 + ".example");
        }
        case 1 -> {
          lines.add("@d" + i + ".example @e" + i + ".example");
          olds.add(local + "@d" + i + ".example");
        }
        default -> {
          lines.add("k" + i + "@in.example @kept" + i + ".example");
          olds.add("k" + i + "@in.example");
        }
      }
    }
    rules.clear();
    subaddress = random.nextBoolean() ? "+" : "";
    var rewriter =
        map(Set.of(Place.SENDER), Set.of(Place.RECIPIENT), lines.toArray(String[]::new)).rewriter();
    for (String old : olds) {
      String fresh = changed(rewriter, Place.SENDER, old);
      assertThat(fresh).isNotEqualTo(old);
      assertThat(changed(rewriter, Place.RECIPIENT, fresh)).isEqualTo(old);
      if (!subaddress.isEmpty() && !old.startsWith("\"")) {
        String tagged = old.replace("@", "+tag@");
        String out = changed(rewriter, Place.SENDER, tagged);
        assertThat(changed(rewriter, Place.RECIPIENT, out)).isEqualTo(tagged);
      }
    }
  }
}
