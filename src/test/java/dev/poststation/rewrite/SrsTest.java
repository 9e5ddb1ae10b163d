package dev.poststation.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.Origin;
import dev.poststation.config.Secret;
import dev.poststation.config.SrsSettings;
import dev.poststation.sim.ManualTime;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SrsTest {
  private static final Duration DAY = Duration.ofDays(1);

  private final ManualTime time = new ManualTime();
  private final List<String> secrets = new ArrayList<>(List.of("first secret"));

  private record Written(List<String> all, int number) implements Secret {
    @Override
    public String reveal() throws IOException {
      if (number >= all.size()) {
        throw new IOException("file srs.secret does not exist");
      }
      return all.get(number);
    }

    @Override
    public boolean byCommand() {
      return false;
    }

    @Override
    public Origin origin() {
      return new Origin("x.conf", 4);
    }
  }

  private Srs srs(String domain, int count) {
    List<Secret> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new Written(secrets, i));
    }
    var origin = new Origin("x.conf", 3);
    return new Srs(
        new SrsSettings(domain, all, Duration.ofDays(21), List.of("@our.example"), origin), time);
  }

  private Srs srs() {
    return srs("srs.example", 1);
  }

  private static Address address(String text) {
    return AddressParser.parse(text).orElseThrow();
  }

  private static String reversed(Srs srs, String text) {
    return switch (srs.reverse(address(text))) {
      case Srs.Finding.Original(var to) -> to.toString();
      case Srs.Finding.Other _ -> "other";
      case Srs.Finding.Forged(var why) -> why;
      case Srs.Finding.Unknown(var why) -> "unknown: " + why;
    };
  }

  @Test
  void aSenderOfOthersIsSignedAndPutBack() throws IOException {
    var fresh = srs().forward(address("Anna.B@else.example"));
    assertThat(fresh.toString())
        .matches("SRS0=[A-Z2-7]{8}=[A-Z2-7]{2}=else\\.example=Anna\\.B@srs\\.example");
    assertThat(reversed(srs(), fresh.toString())).isEqualTo("Anna.B@else.example");
    assertThat(reversed(srs(), fresh.toString().toLowerCase(Locale.ROOT)))
        .isEqualTo("anna.b@else.example");
  }

  @Test
  void ourOwnTheNullAndThoseThatWereRewrittenHereStay() throws IOException {
    for (var stays :
        List.of(
            address("a@our.example"), Address.NULL, address("SRS0=x=y=z.example=a@SRS.example"))) {
      assertThat(srs().forward(stays)).isSameAs(stays);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SRS0=AAAAAAAA=AA=else.example=anna@srs.example",
        "SRS0==AA=else.example=anna@srs.example",
        "SRS1=AAAAAAAA=other.example==HH=TT=else.example=anna@srs.example"
      })
  void whatWeHaveNotSignedIsRefused(String forged) {
    assertThat(reversed(srs(), forged)).isEqualTo("its signature is not ours");
  }

  @Test
  void anotherRecipientIsNoneOfOurs() {
    assertThat(reversed(srs(), "SRS0=AAAAAAAA=AA=else.example=anna@other.example"))
        .isEqualTo("other");
    assertThat(reversed(srs(), "postmaster@srs.example")).isEqualTo("other");
  }

  @Test
  void aChangedPartBreaksTheSignature() throws IOException {
    String fresh = srs().forward(address("anna@else.example")).toString();
    for (int i = 5; i < fresh.indexOf('@'); i++) {
      char c = fresh.charAt(i);
      String changed =
          fresh.substring(0, i) + (c == 'q' || c == 'Q' ? 'r' : 'q') + fresh.substring(i + 1);
      assertThat(reversed(srs(), changed)).as(changed).isNotEqualTo("anna@else.example");
      assertThat(reversed(srs(), changed)).doesNotContain("@");
    }
  }

  @Test
  void itExpiresAfterTheTimeThatItIsKept() throws IOException {
    String fresh = srs().forward(address("anna@else.example")).toString();
    var end = time.now().plus(DAY.multipliedBy(21));
    assertThat(srs().reverse(address(fresh), end)).isInstanceOf(Srs.Finding.Original.class);
    assertThat(srs().reverse(address(fresh), end.plus(DAY))).isInstanceOf(Srs.Finding.Forged.class);
    time.advance(DAY.multipliedBy(21));
    assertThat(reversed(srs(), fresh)).isEqualTo("anna@else.example");
    time.advance(DAY);
    assertThat(reversed(srs(), fresh)).isEqualTo("it was rewritten longer ago than srs.keep");
    time.advance(DAY.multipliedBy(500));
    assertThat(reversed(srs(), fresh)).isEqualTo("it was rewritten longer ago than srs.keep");
  }

  @Test
  void theNewSecretSignsAndTheOldOneStillVerifies() throws IOException {
    String old = srs().forward(address("anna@else.example")).toString();
    secrets.addFirst("second secret");
    var rotated = srs("srs.example", 2);
    String fresh = rotated.forward(address("anna@else.example")).toString();
    assertThat(fresh).isNotEqualTo(old);
    assertThat(reversed(rotated, old)).isEqualTo("anna@else.example");
    assertThat(reversed(rotated, fresh)).isEqualTo("anna@else.example");
    secrets.removeLast();
    assertThat(reversed(srs(), old)).isEqualTo("its signature is not ours");
  }

  @Test
  void aSecretThatCannotBeReadIsNoReasonToRefuseForGood() {
    secrets.clear();
    assertThatThrownBy(() -> srs().forward(address("a@else.example")))
        .hasMessage("file srs.secret does not exist");
    assertThat(reversed(srs(), "SRS0=AAAAAAAA=AA=else.example=anna@srs.example"))
        .isEqualTo("unknown: file srs.secret does not exist");
  }

  @Test
  void aSecretThatWasReadOnceGoesOnToHold() throws IOException {
    var srs = srs();
    String fresh = srs.forward(address("a@else.example")).toString();
    secrets.clear();
    time.advance(Duration.ofMinutes(2));
    assertThat(reversed(srs, fresh)).isEqualTo("a@else.example");
  }

  @Test
  void anInternationalDomainGoesAsALabelsSoThatNoNextHopMustKnowSmtputf8() throws IOException {
    var fresh = srs().forward(address("anna@straße.example"));
    assertThat(fresh.isInternational()).isFalse();
    assertThat(reversed(srs(), fresh.toString())).isEqualTo("anna@xn--strae-oqa.example");
  }

  @Test
  void aSenderThatWouldBecomeTooLongStays() throws IOException {
    var longest = address("a".repeat(230) + "@else.example");
    assertThat(srs().forward(longest)).isSameAs(longest);
  }

  /// However many forwarders there are, a notice goes back along the first of them.
  @Property(tries = 200)
  void aChainOfForwardersIsPutBack(@ForAll long seed) throws IOException {
    var random = new Random(seed);
    time.advance(DAY.multipliedBy(random.nextInt(5000)));
    String[] locals = {"anna", "a=b+c", "\"o d\\\"d\"", "x-y_z", "SRS", "Ärger"};
    var sender = address(locals[random.nextInt(locals.length)] + "@else.example");
    var one = srs("one.example", 1).forward(sender);
    var two = srs("two.example", 1).forward(one);
    var three = srs("three.example", 1).forward(two);
    assertThat(two.local().replace("\"", "")).startsWith("SRS1=").contains("=one.example==");
    assertThat(three.local().replace("\"", "")).startsWith("SRS1=").contains("=one.example==");
    assertThat(reversed(srs("three.example", 1), three.toString())).isEqualTo(one.toString());
    assertThat(reversed(srs("two.example", 1), two.toString())).isEqualTo(one.toString());
    assertThat(reversed(srs("one.example", 1), one.toString())).isEqualTo(sender.toString());
  }
}
