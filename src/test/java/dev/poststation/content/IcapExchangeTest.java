package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.ContentService;
import dev.poststation.config.IcapService;
import dev.poststation.message.Octets;
import dev.poststation.sim.ScriptedConnection;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an ICAP server might answer.
class IcapExchangeTest {
  private static final String MAIL = "Subject: x\r\n\r\nhello\r\n";
  private static final String NO_PREVIEW = "ICAP/1.0 200 OK\r\nEncapsulated: null-body=0\r\n\r\n";

  private ScriptedConnection connection = ScriptedConnection.of(new byte[0]);
  private IcapExchange exchange = exchange(IcapService.Method.RESPMOD, "");

  private IcapExchange exchange(IcapService.Method method, String answer) {
    connection = ScriptedConnection.of(answer);
    var settings =
        new IcapService(
            List.of(),
            "avscan",
            method,
            ContentService.OnFound.REJECT,
            1000,
            ContentService.TooLarge.PASS,
            true);
    exchange = new IcapExchange(new Wire(connection), settings, "icap.test:1344");
    return exchange;
  }

  private IcapExchange.Verdict show(IcapService.Method method, int preview, String answer)
      throws IOException, ServiceException {
    return exchange(method, answer)
        .show(
            Octets.of(MAIL.getBytes(US_ASCII)),
            MadeUpServices.facts("a@here.test", "b@there.test"),
            new IcapOffer(preview, true, 0));
  }

  private IcapExchange.Verdict show(String answer) throws IOException, ServiceException {
    return show(IcapService.Method.RESPMOD, -1, answer);
  }

  private IcapOffer offer(String fields) throws IOException, ServiceException {
    return exchange(
            IcapService.Method.RESPMOD,
            "ICAP/1.0 200 OK\r\n" + fields + "Encapsulated: null-body=0\r\n\r\n")
        .options(1000);
  }

  private static String gaveBack(String places, String header, String body) {
    return "ICAP/1.0 200 OK\r\nEncapsulated: %s\r\n\r\n%s%x\r\n%s\r\n0\r\n\r\n"
        .formatted(places, header, body.length(), body);
  }

  @Test
  void aMailIsShownWithTheOctetsWhereEachPartBegins() throws IOException, ServiceException {
    assertThat(show("ICAP/1.0 204 No Content\r\n\r\n"))
        .isEqualTo(new IcapExchange.Verdict.Clean("the ICAP server found nothing"));
    assertThat(exchange.open()).isTrue();
    String asked = "GET http://relay.example.com/0000000000001.eml HTTP/1.1\r\n";
    assertThat(connection.written())
        .startsWith("RESPMOD icap://icap.test:1344/avscan ICAP/1.0\r\nHost: icap.test:1344\r\n")
        .contains("\r\nAllow: 204\r\n")
        .endsWith("\r\n\r\n15\r\n" + MAIL + "\r\n0\r\n\r\n");
    String http = connection.written().split("\r\n\r\n", 2)[1];
    var places = connection.written().split("Encapsulated: ", 2)[1].lines().findFirst().get();
    int header = http.indexOf("HTTP/1.1 200 OK");
    int body = http.indexOf("15\r\n" + MAIL);
    assertThat(places).isEqualTo("req-hdr=0, res-hdr=" + header + ", res-body=" + body);
    assertThat(http).startsWith(asked.substring(0, 30));
  }

  @Test
  void inRequestsItIsWhatAClientSends() throws IOException, ServiceException {
    show(IcapService.Method.REQMOD, -1, "ICAP/1.0 204 No Content\r\nConnection: close\r\n\r\n");
    assertThat(exchange.open()).isFalse();
    assertThat(connection.written())
        .startsWith("REQMOD icap://icap.test:1344/avscan")
        .contains("Encapsulated: req-hdr=0, req-body=", "\r\n\r\nPOST http://relay.example.com/");
  }

  @Test
  void theRestFollowsThePreviewOnlyWhereItIsWanted() throws IOException, ServiceException {
    show(IcapService.Method.RESPMOD, 8, "ICAP/1.0 204 No Content\r\n\r\n");
    assertThat(connection.written())
        .contains("\r\nPreview: 8\r\n")
        .endsWith("8\r\nSubject:\r\n0\r\n\r\n");
    show(
        IcapService.Method.RESPMOD,
        8,
        "ICAP/1.0 100 Continue\r\n\r\nICAP/1.0 204 No Content\r\n\r\n");
    assertThat(connection.written())
        .endsWith("8\r\nSubject:\r\n0\r\n\r\nd\r\n x\r\n\r\nhello\r\n\r\n0\r\n\r\n");
    show(IcapService.Method.RESPMOD, 1024, "ICAP/1.0 204 No Content\r\n\r\n");
    assertThat(connection.written()).endsWith("15\r\n" + MAIL + "\r\n0; ieof\r\n\r\n");
  }

  @Test
  void whatIsFoundIsSaidInManyWords() throws IOException, ServiceException {
    assertThat(
            show(
                "ICAP/1.0 204 No\r\n"
                    + "X-Infection-Found: Type=0; Resolution=2; Threat=Eicar;\r\n\r\n"))
        .isEqualTo(new IcapExchange.Verdict.Found("the ICAP server found Eicar"));
    assertThat(show("ICAP/1.0 403 Forbidden\r\nX-Virus-ID: Worm\r\n\r\n"))
        .isEqualTo(new IcapExchange.Verdict.Found("the ICAP server found Worm"));
    assertThat(show("ICAP/1.0 204 No\r\nX-Violations-Found: 1\r\n\t-\r\n\tEicar\r\n\t0\r\n\r\n"))
        .isEqualTo(new IcapExchange.Verdict.Found("the ICAP server found 1 - Eicar 0"));
    assertThat(show("ICAP/1.0 204 No\r\nX-Violations-Found: 0\r\n\r\n"))
        .isInstanceOf(IcapExchange.Verdict.Clean.class);
  }

  @Test
  void aMailThatComesBackAsItWasIsCleanAndAnotherIsNot() throws IOException, ServiceException {
    String header = "HTTP/1.1 200 OK\r\n\r\n";
    assertThat(show(gaveBack("res-hdr=0, res-body=19", header, MAIL)))
        .isInstanceOf(IcapExchange.Verdict.Clean.class);
    assertThat(exchange.open()).isTrue();
    assertThat(show(gaveBack("res-hdr=0, res-body=19", header, MAIL + "more")))
        .isInstanceOf(IcapExchange.Verdict.Found.class);
    assertThat(show(gaveBack("res-hdr=0, res-body=19", header, MAIL.replace('h', 'j'))))
        .isInstanceOf(IcapExchange.Verdict.Found.class);
    assertThat(show(gaveBack("res-hdr=0, res-body=26", "HTTP/1.1 403 Forbidden\r\n\r\n", "no")))
        .isEqualTo(
            new IcapExchange.Verdict.Found(
                "the ICAP server gave back something else: HTTP/1.1 403 Forbidden"));
    assertThat(
            show(IcapService.Method.REQMOD, -1, gaveBack("res-hdr=0, res-body=19", header, MAIL)))
        .isInstanceOf(IcapExchange.Verdict.Found.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "220 mail.test ESMTP\r\n",
        "ICAP/1.0 503 Overloaded\r\n\r\n",
        "ICAP/1.0 200 OK\r\nEncapsulated: nothing\r\n\r\n",
        "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=999999\r\n\r\n",
        "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=2\r\n\r\nabno chunk\r\n",
        "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=2\r\n\r\nab9\r\nshort"
      })
  void aPlaceThatDoesNotWorkIsToldApart(String answer) {
    assertThatThrownBy(() -> show(answer)).isInstanceOf(IOException.class);
  }

  @Test
  void aServiceThatThereIsNotIsOfNoMail() {
    assertThatThrownBy(() -> show("ICAP/1.0 404 Service not found\r\n\r\n"))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.isDown()).isTrue())
        .hasMessage("icap.test:1344 answers for avscan: ICAP/1.0 404 Service not found");
    assertThatThrownBy(() -> show("ICAP/1.0 400 Bad request\r\n\r\n"))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.isDown()).isFalse());
    assertThatThrownBy(() -> offer("Methods: REQMOD\r\n"))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.isDown()).isTrue())
        .hasMessageContaining("offers REQMOD, not RESPMOD");
  }

  @Test
  void whatItOffersHoldsAsLongAsItSays() throws IOException, ServiceException {
    assertThat(offer("Methods: RESPMOD, REQMOD\r\nPreview: 1024\r\nOptions-TTL: 60\r\n"))
        .isEqualTo(new IcapOffer(1024, false, 60_000_001_000L));
    assertThat(offer("X-Include: X-Client-IP\r\n"))
        .isEqualTo(new IcapOffer(-1, true, 3_600_000_001_000L));
    assertThat(offer("Preview: lots\r\nOptions-TTL: -7\r\n").preview()).isEqualTo(-1);
    assertThat(exchange(IcapService.Method.RESPMOD, NO_PREVIEW).options(0).preview()).isEqualTo(-1);
  }
}
