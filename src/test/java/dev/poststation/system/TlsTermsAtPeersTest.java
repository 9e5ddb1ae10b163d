package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Each policy of TLS against what can be wrong with a host, through the whole relay: a Postfix, an
/// Exim and an OpenSMTPD that show another certificate at each address, a zone that Knot has signed
/// and somebody has changed, and policies over HTTPS. What is refused waits with the reason, and
/// never arrives.
@Tag("peer")
final class TlsTermsAtPeersTest {
  /// The kinds of certificate, each at an address of its own. At `clear` no TLS is offered, and at
  /// `old` none that is newer than 1.2.
  private static final List<String> KINDS =
      List.of("good", "expired", "other", "unknown", "clear", "old");

  /// The hosts, and what they show. All but those that begin with `bare` have TLSA records.
  private static final Map<String, String> HOSTS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("good", "good"),
              Map.entry("expired", "expired"),
              Map.entry("other", "other"),
              Map.entry("unknown", "unknown"),
              Map.entry("clear", "clear"),
              Map.entry("old", "old"),
              Map.entry("changed", "good"),
              Map.entry("bogus", "good"),
              Map.entry("named", "expired"),
              Map.entry("bare-good", "good"),
              Map.entry("bare-other", "other"),
              Map.entry("bare-clear", "clear")));

  /// `tls`, the host, and what becomes of a mail: how it goes, or why it waits. With `anchored` it
  /// is `pinned` by the authority, with `newest` `required` with `tls-min = "1.3"`, and with
  /// `sts-listed` `mta-sts` of a host that stands in `hosts`.
  private static final String CASES =
      """
      off           good       clear
      off           clear      clear
      opportunistic good       tls
      opportunistic expired    tls
      opportunistic other      tls
      opportunistic unknown    tls
      opportunistic clear      clear
      required      good       tls
      required      expired    tls
      required      other      tls
      required      unknown    tls
      required      clear      4.7.4 offers no TLS
      required      old        tls
      newest        good       tls
      newest        old        4.7.5 while starting TLS
      verify        good       tls
      verify        expired    4.7.5 expired
      verify        other      4.7.5 other.test
      verify        unknown    4.7.5 from no authority that this machine trusts
      verify        clear      4.7.4 offers no TLS
      pinned        good       tls
      pinned        expired    4.7.5 none that is pinned
      pinned        unknown    4.7.5 none that is pinned
      pinned        clear      4.7.4 offers no TLS
      anchored      good       tls
      anchored      expired    4.7.5 expired
      anchored      other      4.7.5 other.test
      anchored      unknown    4.7.5 none that is pinned
      dane          good       tls
      dane          unknown    tls
      dane          named      tls
      dane          expired    4.7.5 expired
      dane          other      4.7.5 does not carry the name other.test
      dane          changed    4.7.5 none that the DNS names
      dane          bogus      4.7.5 DNSSEC refuses the answer
      dane          clear      4.7.4 offers no TLS
      dane          bare-other tls
      dane          bare-clear clear
      dane          plain      tls
      mta-sts       good       tls
      mta-sts       expired    4.7.5 expired
      mta-sts       other      4.7.5 other.test
      mta-sts       unknown    4.7.5 from no authority that this machine trusts
      mta-sts       clear      4.7.4 offers no TLS
      mta-sts       foreign    4.7.5 no mail exchanger by the MTA-STS policy
      mta-sts       tested     tls
      mta-sts       no-site    tls
      sts-listed    good       tls
      sts-listed    expired    4.7.5 expired
      sts-listed    other      4.7.5 other.test
      sts-listed    unknown    4.7.5 from no authority that this machine trusts
      sts-listed    clear      4.7.4 offers no TLS
      sts-listed    bare-other tls
      dane-or-sts   good       tls
      dane-or-sts   bare-good  tls
      dane-or-sts   changed    4.7.5 none that the DNS names
      dane-or-sts   bare-other 4.7.5 other.test
      dane-or-sts   bare-clear 4.7.4 offers no TLS
      """;

  /// Domains whose host is not called as they are.
  private static final Map<String, String> ELSEWHERE =
      Map.of("foreign", "good", "tested", "bare-other", "no-site", "bare-other");

  private final Map<String, Certificate> certificates = new TreeMap<>();

  private record Case(String tls, String host, String end) {
    boolean listed() {
      return tls.equals("sts-listed");
    }

    String connector(String peer) {
      return peer + "-" + tls + (listed() ? "-" + host : "");
    }

    String domain(String peer) {
      return tls + "." + host + "." + peer + (host.equals("plain") ? ".plain.test" : ".test");
    }
  }

  private static List<Case> cases() {
    return CASES
        .lines()
        .map(line -> line.split(" +", 3))
        .map(words -> new Case(words[0], words[1], words[2]))
        .toList();
  }

  private static String address(String kind) {
    return "127.0.0." + (2 + KINDS.indexOf(kind));
  }

  @Test
  void whatATermOfTlsForbidsWaitsWithTheReasonAndNeverArrives() throws Exception {
    try (var home = Home.create("terms");
        var elsewhere = Home.create("stranger")) {
      var authority = Authority.in(home);
      issue(authority, home, elsewhere);
      Map<String, Path> shown = new TreeMap<>();
      KINDS.forEach(
          kind ->
              shown.put(
                  address(kind),
                  kind.equals("clear") ? Path.of("") : certificates.get(kind).both()));
      try (var postfix = PostfixPeer.showing(shown, address("old"));
          var exim = EximPeer.showing(shown, address("old"));
          var opensmtpd = OpenSmtpdPeer.showing(shown, address("old"))) {
        var ports =
            Map.of("postfix", postfix.port(), "exim", exim.port(), "opensmtpd", opensmtpd.port());
        String site = "127.81." + (postfix.port() >> 8) + "." + (postfix.port() & 0xff);
        try (var signer = SignedDnsPeer.signing(records(ports), plain());
            var knot = SignedDnsPeer.repeating(changed(signer.zone()), plain());
            var policies = new Policies(site, authority)) {
          home.write("anchors", signer.keys(), Map.of());
          policies.begin();
          try (var relay = relay(home, authority, knot, ports, site)) {
            assertThat(wrong(ends(relay, ports.keySet()), ports.keySet())).isEmpty();
            assertThat(arrived(postfix, exim, opensmtpd)).isEqualTo(sent(ports.keySet()));
          }
        }
      }
    }
  }

  private void issue(Authority authority, Home home, Home elsewhere) {
    List<String> now = List.of();
    String all =
        HOSTS.keySet().stream()
            .filter(host -> !host.contains("other"))
            .map(host -> "DNS:" + host + ".test")
            .collect(Collectors.joining(","));
    certificates.put("good", authority.issue("good", all, now));
    certificates.put("old", certificates.get("good"));
    certificates.put("expired", authority.issue("expired", all, OpenSsl.at("-100d")));
    certificates.put("other", authority.issue("other", "DNS:elsewhere.example", now));
    // Of the same name.
    var stranger = Authority.in(elsewhere);
    certificates.put("unknown", stranger.issue("unknown", all, now));
    Program.run(List.of("sh", "-c", "chown mail:mail " + home.path() + "/*.both.pem"));
    Program.run(List.of("chown", "mail:mail", certificates.get("unknown").both().toString()));
  }

  private String hash(Path certificate) {
    return OpenSsl.fingerprint(certificate).substring("sha256:".length());
  }

  /// What the signed zone says.
  private List<String> records(Map<String, Integer> ports) {
    List<String> records = new ArrayList<>();
    String authority = hash(certificates.get("good").chain().resolveSibling("authority.pem"));
    HOSTS.forEach((host, kind) -> records.add(host + " A " + address(kind)));
    cases().stream()
        .filter(each -> each.listed() && !each.host.startsWith("bare"))
        .forEach(each -> records.add("_mta-sts." + each.host + " TXT \"v=STSv1; id=1;\""));
    ports.forEach(
        (peer, port) -> {
          for (var each : cases()) {
            String host = ELSEWHERE.getOrDefault(each.host, each.host);
            if (!host.equals("plain")) {
              records.add(each.tls + "." + each.host + "." + peer + " MX 10 " + host);
              records.add(
                  "_mta-sts."
                      + each.tls
                      + "."
                      + each.host
                      + "."
                      + peer
                      + " TXT \"v=STSv1; id=1;\"");
            }
          }
          HOSTS.forEach(
              (host, kind) -> {
                String tlsa = "_" + port + "._tcp." + host + " TLSA ";
                switch (host) {
                  case "expired", "other" -> records.add(tlsa + "2 0 1 " + authority);
                  case "changed" -> records.add(tlsa + "3 0 1 " + "ab".repeat(32));
                  case "bogus" -> records.add(tlsa + "3 0 1 " + "cd".repeat(32));
                  case "bare-good", "bare-other", "bare-clear" -> {}
                  default -> {
                    var shows = certificates.getOrDefault(kind, certificates.get("good"));
                    records.add(tlsa + "3 0 1 " + hash(shows.chain()));
                  }
                }
              });
        });
    return records;
  }

  /// What the zone says that is not signed.
  private static List<String> plain() {
    return List.of(
        "dane.plain.postfix MX 10 host",
        "dane.plain.exim MX 10 host",
        "dane.plain.opensmtpd MX 10 host",
        "host A 127.0.0.2");
  }

  /// The zone as somebody passes it on who would have another certificate proven.
  private String changed(String zone) {
    String wrong = "(?i)" + "cd".repeat(28) + " ?" + "cd".repeat(4);
    String right = hash(certificates.get("good").chain());
    String changed = zone.replaceAll(wrong, right);
    assertThat(changed).isNotEqualTo(zone);
    return changed;
  }

  private RunningRelay relay(
      Home home, Authority authority, SignedDnsPeer knot, Map<String, Integer> ports, String site) {
    var text = new StringBuilder();
    var routes = new StringBuilder();
    ports.forEach(
        (peer, port) -> {
          Map<String, List<Case>> byConnector =
              cases().stream()
                  .collect(
                      Collectors.groupingBy(
                          each -> each.connector(peer), TreeMap::new, Collectors.toList()));
          byConnector.forEach(
              (connector, some) -> {
                text.append(
                    "connectors.%s { %s }%n".formatted(connector, keys(some.getFirst(), port)));
                String domains =
                    some.stream()
                        .map(each -> "\"" + each.domain(peer) + "\"")
                        .collect(Collectors.joining(", "));
                routes.append("{ to = [%s], via = [%s] }%n".formatted(domains, connector));
              });
        });
    text.append("routes = [ ").append(routes).append("]\n");
    text.append(
        "dns { servers = [\"127.0.0.1:%d\"], dnssec = validate, anchors = \"%s\" }%n"
            .formatted(knot.port(), home.path().resolve("anchors")));
    text.append("mta-sts { authorities = \"%s\" }%n".formatted(authority.certificate()));
    Path hosts =
        home.write(
            "hosts",
            policyDomains(ports).stream()
                .map(domain -> site + " mta-sts." + domain)
                .collect(Collectors.joining("\n", "", "\n")),
            Map.of());
    // In a mount namespace of its own the authorities of the machine are those of the test.
    var trusting =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-ec",
            "mount -t tmpfs none /etc/ssl/certs; cp \"$0\" /etc/ssl/certs/ca-certificates.crt;"
                + " exec \"$@\"",
            authority.certificate());
    return RunningRelay.start(text.toString(), trusting, List.of("-Djdk.net.hosts.file=" + hosts));
  }

  private String keys(Case one, int port) {
    String where =
        one.listed()
            ? "hosts = [\"%s.test:%d\"]".formatted(one.host, port)
            : "type = mx, port = " + port;
    var good = certificates.get("good").chain();
    String terms =
        switch (one.tls) {
          case "pinned" -> "pinned, pin = [\"" + OpenSsl.fingerprint(good) + "\"]";
          case "anchored" ->
              "pinned, pin = [\""
                  + OpenSsl.fingerprint(good.resolveSibling("authority.pem"))
                  + "\"]";
          case "newest" -> "required, tls-min = \"1.3\"";
          case "sts-listed" -> "mta-sts";
          default -> one.tls;
        };
    return where + ", tls = " + terms;
  }

  private static List<String> policyDomains(Map<String, Integer> ports) {
    return ports.keySet().stream()
        .flatMap(
            peer ->
                cases().stream()
                    .filter(each -> each.tls.contains("sts"))
                    .map(each -> each.listed() ? each.host + ".test" : each.domain(peer)))
        .distinct()
        .toList();
  }

  /// What became of the mail for each domain: how it went, or why it waits.
  private static Map<String, String> ends(RunningRelay relay, Iterable<String> peers) {
    List<String> to = new ArrayList<>();
    peers.forEach(peer -> cases().forEach(each -> to.add("x@" + each.domain(peer))));
    Program.run(
        List.of(
            Peers.program("swaks"),
            "--server",
            "127.0.0.1:" + relay.port(),
            "--from",
            "a@here.test",
            "--to",
            String.join(",", to)));
    var attempt =
        Pattern.compile("event=attempt id=\\S+ to=<x@([^>]+)>.* dsn=(\\S+) status=(\\S+) (.*)");
    return Until.present(
        "an attempt for each of " + to.size(),
        Duration.ofSeconds(60),
        () -> {
          Map<String, String> ends = new TreeMap<>();
          relay
              .log()
              .lines()
              .map(attempt::matcher)
              .filter(line -> line.find())
              .forEach(
                  line -> {
                    boolean tls = line.group(4).contains(" tls=TLSv1.");
                    String sent = tls ? "tls" : "clear";
                    ends.putIfAbsent(
                        line.group(1),
                        line.group(3).equals("sent") ? sent : line.group(2) + " " + line.group(4));
                  });
          return Optional.of(ends).filter(all -> all.size() >= to.size());
        });
  }

  /// What did not end as it should have.
  private static List<String> wrong(Map<String, String> ends, Iterable<String> peers) {
    List<String> wrong = new ArrayList<>();
    for (String peer : peers) {
      for (var each : cases()) {
        String end = ends.getOrDefault(each.domain(peer), "nothing");
        String[] words = each.end.split(" ", 2);
        boolean right =
            words.length == 1
                ? end.equals(each.end)
                : end.startsWith(words[0] + " ") && end.contains(words[1]);
        if (!right) {
          wrong.add(each.domain(peer) + ": " + end + ", and not " + each.end);
        }
      }
    }
    return wrong;
  }

  private static Map<String, String> sent(Iterable<String> peers) {
    Map<String, String> all = new TreeMap<>();
    peers.forEach(
        peer ->
            cases().stream()
                .filter(each -> !each.end.contains(" "))
                .forEach(each -> all.put(each.domain(peer), peer)));
    return all;
  }

  private static Map<String, String> arrived(
      PostfixPeer postfix, EximPeer exim, OpenSmtpdPeer opensmtpd) {
    Map<String, String> all = new LinkedHashMap<>();
    var to = Pattern.compile("x@([a-z.-]+\\.test)");
    int wanted = sent(List.of("postfix")).size();
    postfix
        .awaitMails(wanted)
        .forEach(
            mail -> {
              var original = Pattern.compile("X-Original-To: x@(\\S+)").matcher(mail);
              assertThat(original.find()).isTrue();
              all.put(original.group(1), "postfix");
            });
    exim.mails()
        .forEach(
            mail ->
                to.matcher(mail.head().substring(0, mail.head().indexOf("\n\n")))
                    .results()
                    .forEach(each -> all.put(each.group(1), "exim")));
    opensmtpd
        .awaitMails(wanted)
        .forEach(
            mail -> {
              var argument = Pattern.compile("X-Rcpt-Args: <x@([^>]+)>").matcher(mail);
              assertThat(argument.find()).isTrue();
              all.put(argument.group(1), "opensmtpd");
            });
    return new TreeMap<>(all);
  }

  /// The policies of all domains, over HTTPS.
  private static final class Policies implements AutoCloseable {
    private final HttpsServer server;

    Policies(String address, Authority authority) throws IOException, GeneralSecurityException {
      server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), 443), 50);
      String names =
          policyDomains(Map.of("postfix", 0, "exim", 0, "opensmtpd", 0)).stream()
              .filter(domain -> !domain.contains("no-site"))
              .map(domain -> "DNS:mta-sts." + domain)
              .collect(Collectors.joining(","));
      server.setHttpsConfigurator(
          new HttpsConfigurator(context(authority.issue("site", names, List.of()))));
      server.createContext(
          "/.well-known/mta-sts.txt",
          exchange -> {
            String domain =
                exchange.getRequestHeaders().getFirst("Host").substring("mta-sts.".length());
            byte[] body = policy(domain).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
    }

    void begin() {
      server.start();
    }

    private static String policy(String domain) {
      String[] labels = domain.split("\\.", -1);
      String host = labels[labels.length == 2 ? 0 : 1];
      String mx = ELSEWHERE.containsKey(host) ? "elsewhere.example" : host + ".test";
      String mode = host.equals("tested") ? "testing" : "enforce";
      return "version: STSv1\nmode: " + mode + "\nmx: " + mx + "\nmax_age: 86400\n";
    }

    private static SSLContext context(Certificate certificate)
        throws IOException, GeneralSecurityException {
      String store = certificate.both() + ".p12";
      OpenSsl.run(
          "pkcs12",
          "-export",
          "-passout",
          "pass:secret",
          "-in",
          certificate.both().toString(),
          "-out",
          store);
      try (InputStream in = Files.newInputStream(Path.of(store))) {
        var keys = KeyStore.getInstance("PKCS12");
        keys.load(in, "secret".toCharArray());
        var factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(keys, "secret".toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
      }
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
