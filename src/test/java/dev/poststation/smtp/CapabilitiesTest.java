package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.smtp.Capabilities.Extension;
import dev.poststation.smtp.Capabilities.Limits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {
  private static Capabilities of(String... lines) {
    List<String> all = new ArrayList<>(List.of("mx.example.com greets you"));
    all.addAll(List.of(lines));
    return Capabilities.of(new Reply(250, null, all));
  }

  @Test
  void allThatWeKnowIsFound() {
    var can =
        of(
            "SIZE 35882577",
            "PIPELINING",
            "8BITMIME",
            "SMTPUTF8",
            "CHUNKING",
            "BINARYMIME",
            "DSN",
            "ENHANCEDSTATUSCODES",
            "STARTTLS",
            "AUTH PLAIN LOGIN",
            "LIMITS RCPTMAX=10",
            "XCLIENT NAME",
            "XFORWARD NAME ADDR PROTO HELO",
            "MT-PRIORITY MIXER",
            "REQUIRETLS",
            "DELIVERBY 240,X=1");
    assertThat(can.extensions()).containsExactlyInAnyOrder(Extension.values());
    assertThat(can.minDeliverBy()).isEqualTo(240);
    assertThat(can.sizeMax()).isEqualTo(35882577);
    assertThat(can.mechanisms()).containsExactly("PLAIN", "LOGIN");
    assertThat(can.limits()).isEqualTo(new Limits(Integer.MAX_VALUE, 10, Integer.MAX_VALUE));
  }

  @Test
  void theGreetingIsNoExtension() {
    var can = Capabilities.of(new Reply(250, null, List.of("PIPELINING")));
    assertThat(can.extensions()).isEmpty();
  }

  @Test
  void caseAndSpaceDoNotMatter() {
    var can = of(" pipelining ", "Auth  plain   xoauth2", "size 10 ");
    assertThat(can.offers(Extension.PIPELINING)).isTrue();
    assertThat(can.mechanisms()).containsExactly("PLAIN", "XOAUTH2");
    assertThat(can.sizeMax()).isEqualTo(10);
  }

  @Test
  void theOldFormOfAuthIsUnderstood() {
    assertThat(of("AUTH=LOGIN PLAIN").mechanisms()).containsExactly("LOGIN", "PLAIN");
    assertThat(of("AUTH PLAIN", "AUTH=PLAIN LOGIN").mechanisms()).containsExactly("PLAIN", "LOGIN");
  }

  @Test
  void aSizeThatIsNoneIsNoLimit() {
    assertThat(of("SIZE").sizeMax()).isZero();
    assertThat(of("SIZE 0").sizeMax()).isZero();
    assertThat(of("SIZE many").sizeMax()).isZero();
    assertThat(of("SIZE 99999999999999999999").sizeMax()).isZero();
    assertThat(of("SIZE -5").sizeMax()).isZero();
  }

  @Test
  void limitsAreReadAndNonsenseIsPassedOver() {
    assertThat(of("LIMITS MAILMAX=5 RCPTMAX=20 RCPTDOMAINMAX=1 NEWMAX=7").limits())
        .isEqualTo(new Limits(5, 20, 1));
    assertThat(of("LIMITS MAILMAX=0 RCPTMAX= RCPTDOMAINMAX=1234567 =3 x").limits())
        .isEqualTo(Limits.NONE);
  }

  @Test
  void whatOnlyBeginsLikeAnExtensionIsNone() {
    assertThat(of("PIPELINING2", "X-STARTTLS", "", "STARTTLSNOT").extensions()).isEmpty();
  }
}
