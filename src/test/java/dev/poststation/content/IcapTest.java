package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.ContentService;
import dev.poststation.config.IcapService;
import dev.poststation.config.ServicePoint;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.ScriptedNetwork;
import dev.poststation.sim.ScriptedResolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Several mails, one after the other, at an ICAP server.
class IcapTest {
  private static final String SERVER = "192.0.2.1:1344";
  private static final String MAIL = "Subject: x\r\n\r\nhello\r\n";
  private static final String OFFER =
      "ICAP/1.0 200 OK\\r\\nMethods: RESPMOD\\r\\nEncapsulated: null-body=0\\r\\n\\r\\n";

  /// As long as a window that is read into is divided into, so that it may begin anywhere there.
  private static final String CLEAN = "ICAP/1.0 204 nothing is here\\r\\n\\r\\n";

  private final ManualTime time = new ManualTime();
  private final ScriptedNetwork network = new ScriptedNetwork(time);
  private final Icap icap = icap();

  private Icap icap() {
    var settings =
        new IcapService(
            List.of(new ServicePoint("192.0.2.1", 1344)),
            "avscan",
            IcapService.Method.RESPMOD,
            ContentService.OnFound.REJECT,
            1000,
            ContentService.TooLarge.PASS,
            true);
    var real = Os.real();
    return new Icap(
        settings,
        new ScriptedResolver().address("192.0.2.1", "192.0.2.1"),
        new Os(time, network, real.tasks(), real.chance(), real.disk()));
  }

  private Finding show() throws ServiceException {
    return icap.examine(
        new Message(new byte[0], new byte[0], Octets.of(MAIL.getBytes(US_ASCII))),
        MadeUpServices.facts("a@here.test", "b@there.test"),
        Duration.ofSeconds(10));
  }

  /// A connection that takes that many lines, and answers, again and again.
  private void connection(List<Integer> lines, List<String> answers) {
    List<String> script = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      script.addAll(Collections.nCopies(lines.get(i), "C: *"));
      script.add("S> " + answers.get(i));
    }
    network.at(SERVER, script.toArray(String[]::new));
  }

  @Test
  void theRestOfTheAnswerToOneMailIsNotTheAnswerToTheNextOne() throws ServiceException {
    String head = "ICAP/1.0 403 Forbidden\\r\\nX-Virus-ID: Worm\\r\\nX: ";
    int length = head.replace("\\r\\n", "..").length() + 4;
    String pad = "x".repeat(32 - length % 32);
    connection(List.of(5, 20), List.of(OFFER, head + pad + "\\r\\n\\r\\n" + CLEAN.repeat(500)));
    connection(List.of(20), List.of("ICAP/1.0 403 Forbidden\\r\\nX-Virus-ID: Worm\\r\\n\\r\\n"));
    assertThat(show()).isInstanceOf(Finding.Refused.class);
    assertThat(show()).isInstanceOf(Finding.Refused.class);
    network.verify();
  }

  @Test
  void aConnectionAtWhichMoreIsSaidThanWasAskedIsNotAskedAgain() throws ServiceException {
    connection(List.of(5, 20), List.of(OFFER, CLEAN + CLEAN));
    connection(List.of(20), List.of("ICAP/1.0 403 Forbidden\\r\\nX-Virus-ID: Worm\\r\\n\\r\\n"));
    assertThat(show()).isInstanceOf(Finding.Unchanged.class);
    assertThat(show()).isInstanceOf(Finding.Refused.class);
    network.verify();
  }

  @Test
  void aConnectionAtWhichAnAnswerWasReadToItsEndIsAskedAgain() throws ServiceException {
    connection(List.of(5, 20, 20), List.of(OFFER, CLEAN, CLEAN));
    assertThat(show()).isInstanceOf(Finding.Unchanged.class);
    assertThat(show()).isInstanceOf(Finding.Unchanged.class);
    network.verify();
  }
}
