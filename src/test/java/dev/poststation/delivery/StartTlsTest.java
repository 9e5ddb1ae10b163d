package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Connector;
import dev.poststation.config.Origin;
import dev.poststation.config.TlsTerms;
import dev.poststation.route.NextHop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// How a conversation becomes encrypted, or stays in clear.
class StartTlsTest {
  private final Play play = new Play();

  static String[] offering(String extension, String... more) {
    List<String> script =
        new ArrayList<>(
            List.of("S: 220 hi", "C: EHLO relay.example", "S: 250-hi", "S: 250 " + extension));
    script.addAll(List.of(more));
    return script.toArray(String[]::new);
  }

  @ParameterizedTest
  @EnumSource(
      value = Connector.Tls.class,
      names = {"OPPORTUNISTIC", "REQUIRED", "VERIFY"})
  void afterTlsAllIsLearnedAnew(Connector.Tls tls) {
    play.via.tls = tls;
    play.network.at(
        "192.0.2.1:25",
        offering(
            "STARTTLS",
            "C: STARTTLS",
            "S: 220 go",
            "<tls>",
            "C: EHLO relay.example",
            "S: 250-hi",
            "S: 250 PIPELINING",
            "C: MAIL*",
            "C: RCPT*",
            "C: DATA",
            "S: 550 no",
            "S: 503 no",
            "S: 503 no"));
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.conversation().tls().protocol()).isEqualTo("TLSv1.3");
    assertThat(opening.dialogue())
        .anyMatch(line -> line.startsWith("* encrypted with TLSv1.3 TLS_AES_128_GCM_SHA256, "));
    opening.conversation().send(new Sample.Letter().order());
    play.network.verify();
  }

  @Test
  void whereTlsIsOffItIsNotStarted() {
    play.network.at("192.0.2.1:25", offering("STARTTLS"));
    assertThat(opened(play.dial()).tls()).isNull();
  }

  @Test
  void withoutTlsOfferedOpportunisticGoesInClear() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    play.network.at("192.0.2.1:25", offering("SIZE"));
    assertThat(opened(play.dial()).tls()).isNull();
  }

  @ParameterizedTest
  @EnumSource(
      value = Connector.Tls.class,
      names = {"REQUIRED", "VERIFY", "PINNED"})
  void withoutTlsOfferedTheOthersWait(Connector.Tls tls) {
    play.via.tls = tls;
    play.network.at("192.0.2.1:25", offering("SIZE"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred TLS 4.7.4");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "host mx.example[192.0.2.1]:25 offers no TLS, which tls of connector provider = "
                + tls.name().toLowerCase(Locale.ROOT)
                + " demands");
  }

  @Test
  void opportunisticTlsThatFailsIsTriedInClearAndSaidSo() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    for (String[] trouble :
        List.of(
            new String[] {"S: 220 go", "<tls fails>"},
            new String[] {"S: 454 later"},
            new String[] {"S: 501 no"},
            new String[] {"<close>"},
            new String[] {"<timeout>"})) {
      List<String> script = new ArrayList<>(List.of(offering("STARTTLS", "C: STARTTLS")));
      script.addAll(List.of(trouble));
      play.network
          .at("192.0.2.1:25", script.toArray(String[]::new))
          .at("192.0.2.1:25", offering("STARTTLS"));
      var opening = (Opening.Opened) play.dial();
      assertThat(opening.conversation().tls()).isNull();
      assertThat(opening.dialogue()).contains("* TLS failed: once more in clear (RFC 7435)");
    }
    play.network.verify();
  }

  /// In TLS 1.3 we have shaken hands before the host has said that it agrees.
  @Test
  void aHostThatHangsUpRightAfterTheHandshakeIsServedInClear() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    for (String trouble : List.of("<close>", "<reset>", "<timeout>")) {
      play.network
          .at(
              "192.0.2.1:25",
              offering(
                  "STARTTLS",
                  "C: STARTTLS",
                  "S: 220 go",
                  "<tls>",
                  "C: EHLO relay.example",
                  trouble))
          .at("192.0.2.1:25", offering("STARTTLS"));
      var opening = (Opening.Opened) play.dial();
      assertThat(opening.conversation().tls()).isNull();
      assertThat(opening.dialogue()).contains("* TLS failed: once more in clear (RFC 7435)");
    }
    play.network.verify();
    play.via.tls = Connector.Tls.REQUIRED;
    play.network.at(
        "192.0.2.1:25",
        offering(
            "STARTTLS", "C: STARTTLS", "S: 220 go", "<tls>", "C: EHLO relay.example", "<close>"));
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred HELLO 4.4.2");
    play.network.verify();
  }

  @ParameterizedTest
  @EnumSource(
      value = Connector.Tls.class,
      names = {"REQUIRED", "VERIFY", "PINNED"})
  void requiredTlsThatFailsIsNeverTriedInClear(Connector.Tls tls) {
    play.via.tls = tls;
    play.network.at(
        "192.0.2.1:25", offering("STARTTLS", "C: STARTTLS", "S: 220 go", "<tls fails>"));
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred TLS 4.7.5");
    assertThat(play.network.dialled()).hasSize(1);
    play.network.at("192.0.2.1:25", offering("STARTTLS", "C: STARTTLS", "S: 454 4.7.0 later"));
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred TLS 4.7.0");
  }

  @ParameterizedTest
  @EnumSource(
      value = Connector.Tls.class,
      names = {"REQUIRED", "VERIFY", "PINNED"})
  void repliesThatCameBeforeTheHandshakeAreAnAttack(Connector.Tls tls) {
    play.via.tls = tls;
    play.network.at("192.0.2.1:25", injecting());
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred TLS 4.7.5");
    assertThat(failed.outcome().text()).contains("an injection");
    assertThat(play.peer().closed()).isTrue();
    assertThat(play.network.dialled()).hasSize(1);
  }

  /// What was injected is never taken for a reply: the connection on which it came is given up.
  @Test
  void opportunisticTlsWithRepliesBeforeTheHandshakeIsTriedInClearOnANewConnection() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    play.network.at("192.0.2.1:25", injecting());
    play.network.at("192.0.2.1:25", offering("STARTTLS"));
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.conversation().tls()).isNull();
    assertThat(opening.dialogue())
        .containsSubsequence(
            "* host mx.example[192.0.2.1]:25 sent more in clear after its reply to STARTTLS: an"
                + " injection",
            "* TLS failed: once more in clear (RFC 7435)");
    assertThat(play.network.dialled()).hasSize(2);
    play.network.verify();
  }

  /// A renewal may have replaced the chain and not yet the key.
  @ParameterizedTest
  @EnumSource(
      value = Connector.Tls.class,
      names = {"OPPORTUNISTIC", "REQUIRED", "DANE"})
  void aCertificateOfOurOwnThatCannotBeUsedIsNoReasonToSendInClear(Connector.Tls tls) {
    var keys = Path.of("src/test/resources/tls");
    var files =
        new CertificateFiles(
            keys.resolve("relay.pem"), keys.resolve("wild.key"), new Origin("poststation.conf", 9));
    String source = "tls of connector provider";
    play.via.terms = new TlsTerms(tls, List.of(), TlsTerms.PROTOCOLS, null, files, source, true);
    play.hosts =
        List.of(new NextHop("mx.example", 25, false), new NextHop("mx.example", 26, false));
    play.network
        .at("192.0.2.1:25", offering("STARTTLS", "C: STARTTLS", "S: 220 go"))
        .at("192.0.2.1:25", offering("STARTTLS"))
        .at("192.0.2.1:26", offering("STARTTLS"));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred TLS 4.7.5");
    assertThat(failed.outcome().text())
        .contains("our own certificate cannot be used: poststation.conf:9: ", "wild.key");
    assertThat(play.network.dialled()).hasSize(1);
  }

  private static String[] injecting() {
    return offering(
        "STARTTLS", "C: STARTTLS", "S> 220 go\\r\\n250-mx.example\\r\\n250 AUTH PLAIN\\r\\n");
  }

  @Test
  void anImplicitHandshakeComesFirstAndHasNoWayBack() {
    play.via.tls = Connector.Tls.OPPORTUNISTIC;
    play.hosts = List.of(new NextHop("mx.example", 465, true));
    play.network.at(
        "192.0.2.1:465",
        "<tls>",
        "S: 220 hi",
        "C: EHLO relay.example",
        "S: 250-hi",
        "S: 250 STARTTLS");
    assertThat(opened(play.dial()).tls()).isNotNull();
    play.network.at("192.0.2.1:465", "<tls fails>");
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred TLS 4.7.5");
    assertThat(play.network.dialled()).hasSize(2);
  }
}
