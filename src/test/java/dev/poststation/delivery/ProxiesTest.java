package dev.poststation.delivery;

import static dev.poststation.delivery.Play.brief;
import static dev.poststation.delivery.Play.failed;
import static dev.poststation.delivery.Play.opened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Egress;
import dev.poststation.config.Proxy;
import dev.poststation.route.NextHop;
import dev.poststation.sasl.Mechanism;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// From a destination to a conversation through a proxy at 192.0.2.9.
class ProxiesTest {
  private static final String PROXY = "192.0.2.9:3128";

  private final Play play = new Play();

  @BeforeEach
  void twoHostsBehindAProxy() {
    play.via.egress =
        Egress.of(List.of(), new Proxy(Proxy.Scheme.HTTP, "proxy.example", 3128, "", null));
    play.resolver.address("proxy.example", "192.0.2.9").address("other.example", "192.0.2.2");
    play.hosts =
        List.of(new NextHop("mx.example", 25, false), new NextHop("other.example", 25, false));
  }

  private static String[] asked(String address, String... then) {
    String[] script = new String[then.length + 3];
    script[0] = "C: CONNECT " + address + " HTTP/1.1";
    script[1] = "C: Host: " + address;
    script[2] = "C: ";
    System.arraycopy(then, 0, script, 3, then.length);
    return script;
  }

  @Test
  void theConversationIsWithTheHostThoughTheConnectionIsWithTheProxy() {
    play.network.at(
        PROXY,
        asked(
            "192.0.2.1:25",
            "S: HTTP/1.1 200 Connection established",
            "S: ",
            "S: 220 mx.example",
            "C: EHLO relay.example",
            "S: 250 mx.example"));
    var opening = (Opening.Opened) play.dial();
    assertThat(opening.conversation().relay()).isEqualTo("mx.example[192.0.2.1]:25");
    assertThat(opening.dialogue())
        .startsWith(
            "* connected to mx.example[192.0.2.1]:25 through proxy http://proxy.example:3128");
    assertThat(play.network.dialled()).containsExactly(PROXY);
    assertThat(play.peer().remote().getAddress().getHostAddress()).isEqualTo("192.0.2.1");
    play.network.verify();
  }

  @Test
  void aHostThatTheProxyCannotReachIsTheHostsTroubleAndTheNextOneIsTried() {
    play.network
        .at(PROXY, asked("192.0.2.1:25", "S: HTTP/1.1 503 Service Unavailable", "S: "))
        .at(
            PROXY,
            asked(
                "192.0.2.2:25",
                "S: HTTP/1.1 200 OK",
                "S: ",
                "S: 220 other.example",
                "C: EHLO relay.example",
                "S: 250 other.example"));
    var opening = (Opening.Opened) play.dial();
    assertThat(opened(opening).relay()).isEqualTo("other.example[192.0.2.2]:25");
    assertThat(opening.refusals())
        .singleElement()
        .satisfies(
            refusal -> {
              assertThat(refusal.hop().host()).isEqualTo("mx.example");
              assertThat(refusal.outcome().text())
                  .isEqualTo(
                      "connect to mx.example[192.0.2.1]:25: proxy http://proxy.example:3128: 503"
                          + " Service Unavailable");
            });
  }

  @Test
  void aProxyThatIsDownIsNoHostsTroubleAndNoOtherHostIsTried() {
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred CONNECT 4.4.1");
    assertThat(failed.outcome().text())
        .isEqualTo(
            "proxy http://proxy.example:3128 of connector provider cannot be reached: Connection"
                + " refused");
    assertThat(failed.refusals()).isEmpty();
    assertThat(play.network.dialled()).containsExactly(PROXY);
  }

  @Test
  void aProxyThatRefusesUsIsNoHostsTrouble() {
    play.network.at(
        PROXY, asked("192.0.2.1:25", "S: HTTP/1.1 407 Proxy Authentication Required", "S: "));
    var failed = failed(play.dial());
    assertThat(brief(failed.outcome())).isEqualTo("Deferred CONNECT 4.4.1");
    assertThat(failed.outcome().text()).contains("lets nobody in without a login");
    assertThat(failed.refusals()).isEmpty();
  }

  @Test
  void aProxyThatNobodyKnowsDefers() {
    play.via.egress =
        Egress.of(List.of(), new Proxy(Proxy.Scheme.SOCKS5, "typo.example", 1080, "", null));
    assertThat(failed(play.dial()).outcome().text())
        .isEqualTo(
            "proxy socks5://typo.example:1080 of connector provider does not exist in the DNS");
  }

  /// What the proxy takes for `localhost` is another machine, and there is a way to the proxy.
  @Test
  void behindAProxyNobodyIsThisMachineAndNoPasswordGoesInClear() {
    play.via.account = Sample.account("account", "hunter2", Mechanism.PLAIN);
    play.hosts = List.of(new NextHop("localhost", 25, false));
    play.resolver.address("localhost", "127.0.0.1");
    play.network.at(
        PROXY,
        asked(
            "127.0.0.1:25",
            "S: HTTP/1.1 200 OK",
            "S: ",
            "S: 220 other.example",
            "C: EHLO relay.example",
            "S: 250-other.example",
            "S: 250 AUTH PLAIN",
            "C: QUIT"));
    assertThat(brief(failed(play.dial()).outcome())).isEqualTo("Deferred AUTH 4.7.11");
    play.network.verify();
  }
}
