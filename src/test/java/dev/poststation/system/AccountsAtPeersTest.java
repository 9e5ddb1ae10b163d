package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Account;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.Origin;
import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.Opening;
import dev.poststation.delivery.SourceAddresses;
import dev.poststation.log.Event;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.tls.ClientTls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// We log in at servers of other people, by each mechanism that they have.
@Tag("peer")
@Timeout(120)
final class AccountsAtPeersTest {
  private static final Os OS = Os.real();

  static final String EXIM =
      """

      begin authenticators
      plain:
        driver = plaintext
        public_name = PLAIN
        server_prompts = :
        server_condition = ${if and{{eq{$auth2}{sales}}{eq{$auth3}{sales-secret}}}}
        server_set_id = $auth2
      login:
        driver = plaintext
        public_name = LOGIN
        server_prompts = Username:: : Password::
        server_condition = ${if and{{eq{$auth1}{sales}}{eq{$auth2}{sales-secret}}}}
        server_set_id = $auth1
      cram:
        driver = cram_md5
        public_name = CRAM-MD5
        server_secret = ${if eq{$auth1}{sales}{sales-secret}fail}
        server_set_id = $auth1
      """;

  /// A next hop on this machine.
  ///
  /// @param keys of the connector
  /// @param implicit whether TLS begins with the first octet
  private record Hop(int port, String keys, boolean implicit) {
    private Hop(int port, String keys) {
      this(port, keys, false);
    }

    private Configuration configuration(String secret) {
      String text =
          """
          hostname = "relay.here.test"
          clients = [ { name = local, networks = ["127.0.0.1"] } ]
          connectors { next { hosts = ["localhost:%d"], %s } }
          routes = [ { via = [next] } ]
          """
              .formatted(port, keys);
      var loader = new Loader(OS, Map.of("SECRET", secret));
      return switch (loader.parse(text, Path.of("test.conf"))) {
        case Loaded.Good good -> good.configuration();
        case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
      };
    }

    /// Logs in as `sales` with this password.
    Opening password(String secret) {
      return open(configuration(secret), null, "");
    }

    /// Logs in as `sales` with this token.
    Opening token(Mechanism mechanism, String token) {
      var account = new Account("next", "sales", mechanism, null, null, Origin.DEFAULT);
      return open(configuration("-"), account, token);
    }

    private Opening open(Configuration configuration, Account account, String token) {
      var connector = configuration.connectors().get("next");
      var dialer =
          new Dialer(
              OS,
              new ScriptedResolver().address("localhost", "127.0.0.1"),
              ClientTls.trusting(List.of()),
              "relay.here.test",
              configuration::limits,
              _ -> token,
              SourceAddresses.unkept(OS));
      return dialer.open(
          new Destination(
              "next",
              account == null ? connector : connector.as(account),
              List.of(new NextHop("localhost", port, implicit))));
    }
  }

  private static String fixed(Mechanism mechanism) {
    return "tls = required, auth { user = sales, password = \"env:SECRET\", mechanism = "
        + mechanism.word().toLowerCase(Locale.ROOT)
        + " }";
  }

  private static final String STRONGEST =
      "tls = required, auth { user = sales, password = \"env:SECRET\" }";

  private static void isIn(Opening opening, Mechanism mechanism) {
    assertThat(opening)
        .isInstanceOfSatisfying(
            Opening.Opened.class,
            opened -> {
              var conversation = opened.conversation();
              assertThat(conversation.login())
                  .isEqualTo(new Event.Login("sales", mechanism.word()));
              assertThat(String.join("\n", opened.dialogue())).doesNotContain("sales-secret");
              conversation.close();
            });
  }

  private static String refused(Opening opening) {
    assertThat(opening).isInstanceOf(Opening.Failed.class);
    return ((Opening.Failed) opening).outcome().text();
  }

  private static void isRefused(Opening opening, Mechanism mechanism) {
    assertThat(refused(opening))
        .contains("refused the login of connector next as sales by " + mechanism.word(), "535 ");
  }

  @Test
  void postfixWithDovecotLetsUsInByEachMechanism() throws Exception {
    try (var dovecot = DovecotPeer.start();
        var postfix = PostfixPeer.start(dovecot.forPostfix())) {
      for (var mechanism :
          List.of(
              Mechanism.PLAIN,
              Mechanism.LOGIN,
              Mechanism.CRAM_MD5,
              Mechanism.SCRAM_SHA_1,
              Mechanism.SCRAM_SHA_256)) {
        var hop = new Hop(postfix.port(), fixed(mechanism));
        isIn(hop.password("sales-secret"), mechanism);
        isRefused(hop.password("erp-secret"), mechanism);
      }
      var hop = new Hop(postfix.port(), STRONGEST);
      isIn(hop.password("sales-secret"), Mechanism.SCRAM_SHA_256);
      for (var mechanism : List.of(Mechanism.OAUTHBEARER, Mechanism.XOAUTH2)) {
        isIn(hop.token(mechanism, token("sales", 600)), mechanism);
        var late = hop.token(mechanism, token("sales", -600));
        isRefused(late, mechanism);
        assertThat(refused(late)).contains("the token has expired, was revoked");
      }
    }
  }

  /// A JSON Web Token (RFC 7515) for so many seconds from now.
  private static String token(String user, long seconds) throws Exception {
    long now = OS.time().now().getEpochSecond();
    String text =
        encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + encoded(
                "{\"sub\":\"%s\",\"iat\":%d,\"exp\":%d}"
                    .formatted(user, now - 1000, now + seconds)
                    .getBytes(StandardCharsets.UTF_8));
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(DovecotPeer.KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return text + "." + encoded(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String encoded(byte[] octets) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }

  @Test
  void eximLetsUsIn() {
    try (var exim = EximPeer.start(EXIM)) {
      for (var mechanism : List.of(Mechanism.PLAIN, Mechanism.LOGIN, Mechanism.CRAM_MD5)) {
        var hop = new Hop(exim.port(), fixed(mechanism));
        isIn(hop.password("sales-secret"), mechanism);
        isRefused(hop.password("wrong"), mechanism);
      }
      isIn(new Hop(exim.port(), STRONGEST).password("sales-secret"), Mechanism.CRAM_MD5);
    }
  }

  @Test
  void openSmtpdLetsUsIn() {
    try (var opensmtpd = OpenSmtpdPeer.withLogin()) {
      for (var mechanism : List.of(Mechanism.PLAIN, Mechanism.LOGIN)) {
        var hop = new Hop(opensmtpd.port(), fixed(mechanism));
        isIn(hop.password("sales-secret"), mechanism);
        isRefused(hop.password("wrong"), mechanism);
      }
      isIn(new Hop(opensmtpd.port(), STRONGEST).password("sales-secret"), Mechanism.PLAIN);
    }
  }

  @Test
  void dovecotLetsUsInBoundToTheChannelAndTakesOurMail() {
    try (var dovecot = DovecotSubmissionPeer.start()) {
      for (var mechanism :
          List.of(
              Mechanism.PLAIN,
              Mechanism.LOGIN,
              Mechanism.CRAM_MD5,
              Mechanism.SCRAM_SHA_1,
              Mechanism.SCRAM_SHA_256,
              Mechanism.SCRAM_SHA_1_PLUS,
              Mechanism.SCRAM_SHA_256_PLUS)) {
        var hop = new Hop(dovecot.port(), fixed(mechanism));
        isIn(hop.password("sales-secret"), mechanism);
        isRefused(hop.password("wrong"), mechanism);
      }
      try (var home = Home.create("secret");
          var relay =
              RunningRelay.to(
                  dovecot.port(), "tls = required", "auth { " + account(home, "sales") + " }")) {
        send(relay, "127.0.0.1", "a@here.test");
        assertThat(dovecot.awaitMails(1).getFirst()).contains("a@here.test");
        relay.awaitLog("status=sent .*SCRAM-SHA-256-PLUS");
      }
    }
  }

  /// OpenSSL and GNU SASL together are a server that shows what it makes of the channel.
  @Test
  void openSslAndGnuSaslLetUsInBoundToTheChannel() {
    try (var peer = ScramPlusPeer.start("sales-secret")) {
      for (var mechanism : List.of(Mechanism.SCRAM_SHA_256_PLUS, Mechanism.SCRAM_SHA_1_PLUS)) {
        var hop = new Hop(peer.port(), fixed(mechanism), true);
        var opening = hop.password("sales-secret");
        assertThat(opening).isInstanceOf(Opening.Opened.class);
        assertThat(((Opening.Opened) opening).dialogue())
            .endsWith("* logged in as sales by " + mechanism.word() + " (tls-exporter)");
        isIn(opening, mechanism);
        isRefused(hop.password("wrong"), mechanism);
      }
      isIn(
          new Hop(peer.port(), STRONGEST, true).password("sales-secret"),
          Mechanism.SCRAM_SHA_256_PLUS);
    }
  }

  /// Whoever ends TLS between the two has another channel at each side.
  @Test
  void whoStandsInTheMiddleOfTlsIsNotTakenForUs() {
    try (var peer = ScramPlusPeer.behindSomebody("sales-secret")) {
      isRefused(
          new Hop(peer.port(), fixed(Mechanism.SCRAM_SHA_256_PLUS), true).password("sales-secret"),
          Mechanism.SCRAM_SHA_256_PLUS);
    }
  }

  @Test
  void eachDepartmentHasItsAccount() {
    try (var dovecot = DovecotPeer.start();
        var postfix = PostfixPeer.start(dovecot.forPostfix());
        var home = Home.create("secrets");
        var relay =
            RunningRelay.start(
                RunningRelay.towards(
                        postfix.port(),
                        "tls = required",
                        "auth = [ %s, %s, %s ]"
                            .formatted(
                                "{ client = [erp], " + account(home, "erp") + " }",
                                "{ from = [\"@sales.test\"], " + account(home, "sales") + " }",
                                "{ " + account(home, "office") + " }"))
                    + "clients += { name = erp, networks = [\"127.0.0.9\"] }\n")) {
      for (String sender : List.of("a@sales.test", "b@here.test", "c@sales.test")) {
        send(relay, "127.0.0.1", sender);
      }
      send(relay, "127.0.0.9", "erp1@sales.test");
      send(relay, "127.0.0.9", "erp2@here.test");
      postfix.awaitMails(5);
      String log =
          Until.present(
              "logged by Postfix",
              Duration.ofSeconds(20),
              () ->
                  Optional.of(postfix.log())
                      .filter(text -> text.split("sasl_username=", -1).length > 5));
      assertThat(log)
          .contains(
              "sasl_method=SCRAM-SHA-256, sasl_username=sales",
              "sasl_method=SCRAM-SHA-256, sasl_username=office",
              "sasl_method=SCRAM-SHA-256, sasl_username=erp");
      for (String mail : postfix.mails()) {
        String account =
            mail.startsWith("Return-Path: <erp")
                ? "erp"
                : mail.contains("Return-Path: <b@here.test>") ? "office" : "sales";
        assertThat(mail).contains("(Authenticated sender: " + account + ")");
      }
    }
  }

  private static void send(RunningRelay relay, String by, String from) {
    Program.run(
        List.of(
            Peers.program("swaks"),
            "--local-interface",
            by,
            "--server",
            "127.0.0.1:" + relay.port(),
            "--from",
            from,
            "--to",
            "x@there.test"));
  }

  private static String account(Home home, String user) {
    Path file = home.write(user, user + "-secret\n", Map.of());
    Program.run(List.of("chmod", "600", file.toString()));
    return "user = %s, password = \"file:%s\"".formatted(user, file);
  }
}
