package dev.poststation.reporting;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Where no report is posted to, whatever a domain writes.
class ReportSiteTest {
  private final ScriptedResolver resolver = new ScriptedResolver();
  private final ReportSite site = ReportSite.of(Optional::empty, resolver, Os.real());

  private void refuses(String place, String why) {
    assertThatThrownBy(() -> site.post(URI.create(place), new byte[1]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }

  @Test
  void nothingWithinOurOwnNetworksIsCalledForADomainThatSaysSo() {
    resolver.address("inside.example", "198.51.100.1", "192.168.1.1");
    refuses("https://10.0.0.5/", "10.0.0.5 is 10.0.0.5, which is nowhere in the Internet");
    refuses("https://[::1]/", "is ::1, which is nowhere in the Internet");
    refuses("https://0.0.0.0/", "0.0.0.0, which is nowhere in the Internet");
    refuses("https://inside.example/", "is 192.168.1.1, which is nowhere in the Internet");
    refuses("https://nobody.example/", "has no address");
  }

  @Test
  void noOtherPortThanThatOfHttpsIsCalled() {
    refuses("https://198.51.100.1:8443/", "is not at port 443");
  }
}
