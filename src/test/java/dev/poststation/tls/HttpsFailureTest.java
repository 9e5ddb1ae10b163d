package dev.poststation.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class HttpsFailureTest {
  private static String reason(Exception failure) {
    return HttpsFailure.reason(new ExecutionException(failure));
  }

  @Test
  void aNameWithoutAddressIsSaidInWords() {
    var failure = new ConnectException();
    failure.initCause(new ConnectException().initCause(new UnresolvedAddressException()));
    assertThat(reason(failure)).isEqualTo("its name has no address, or the DNS does not answer");
  }

  @Test
  void aConnectionThatIsNotTakenIsSaidInWords() {
    assertThat(reason(new ConnectException())).isEqualTo("it takes no connection");
  }

  @Test
  void whatTheDeepestOneSaysIsTold() {
    assertThat(reason(new IOException("outer", new IOException("certificate expired"))))
        .isEqualTo("certificate expired");
  }
}
