package dev.poststation.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Tolerance;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/// What old TLS takes of the JDK, and what stays forbidden.
class OldTlsTest {
  @Test
  void onlyWhatIsNeededIsNoLongerForbidden() {
    String before = Security.getProperty("jdk.tls.disabledAlgorithms");
    List<String> words = Arrays.stream(before.split(",", -1)).map(String::strip).toList();
    assertThat(words).contains("TLSv1", "TLSv1.1", "TLS_RSA_*", "SSLv3", "anon", "NULL", "RC4");

    assertThat(OldTls.without(before).split(", ", -1))
        .containsExactlyElementsOf(
            words.stream()
                .filter(word -> !Set.of("TLSv1", "TLSv1.1", "TLS_RSA_*").contains(word))
                .toList());
  }

  /// A newer Java may bring more: then they are added, or left out on purpose.
  @Test
  void theUsualSuitesAreThoseOfThisJava() throws Exception {
    assertThat(SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites())
        .containsExactlyElementsOf(OldTls.USUAL_SUITES);
  }

  @Test
  void aProcessThatWasNotToldSpeaksNoOldTlsWhateverIsTolerated() {
    assertThat(OldTls.possible()).isFalse();
    assertThat(OldTls.usualSuites()).isEmpty();
    assertThat(OldTls.of(Set.of(Tolerance.TLS_1_0, Tolerance.TLS_1_1)))
        .containsExactly("TLSv1.1", "TLSv1");
    assertThat(OldTls.of(Set.of(Tolerance.CLEAR_TEXT_PASSWORD))).isEmpty();
    assertThat(OldTls.used("TLSv1.2")).isNull();
    assertThat(OldTls.used("TLSv1")).isEqualTo(Tolerance.TLS_1_0);
  }
}
