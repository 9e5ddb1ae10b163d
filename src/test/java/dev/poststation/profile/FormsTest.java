package dev.poststation.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What varies in what a device says goes away, what it is stays.
class FormsTest {
  @ParameterizedTest
  @CsvSource({
    "[192.168.1.20], [address]",
    "[IPv6:2001:db8::1], [address]",
    "192.168.1.20, an address",
    "NPI3A4F2C, npi0a0f0c",
    "scanner-17.lan, scanner-0.lan",
    "3f9a01bb2c77, #",
    "printer.example.com, printer.example.com"
  })
  void namesInEhlo(String name, String form) {
    assertThat(Forms.name(name)).isEqualTo(form);
  }

  @ParameterizedTest
  @CsvSource({
    "HP LaserJet MFP M527 (firmware 20230411_0012), HP LaserJet MFP 0 (firmware 0)",
    "HP LaserJet MFP M527 (firmware 20251102_9999), HP LaserJet MFP 0 (firmware 0)",
    "IPCamera V5.5.0 build 170725, IPCamera 0 build 0",
    "IPCamera V5.6.3 build Sep 23 2019, IPCamera 0 build 0",
    "PHPMailer 5.2.9 (https://github.com/PHPMailer/PHPMailer/),"
        + " PHPMailer 0 (https://github.com/PHPMailer/PHPMailer/)",
    "Microsoft Outlook 16.0, Microsoft Outlook 0",
    "Mozilla Thunderbird, Mozilla Thunderbird",
    "swaks v20240103.0 jetmore.org/john/code/swaks/, swaks 0 jetmore.org/john/code/swaks/"
  })
  void namesOfPrograms(String mailer, String form) {
    assertThat(Forms.program(mailer)).isEqualTo(form);
  }

  @ParameterizedTest
  @CsvSource({
    "<5f1b2c3d-1a2b-4c5d-8e9f-0a1b2c3d4e5f@example.com>, <h-h-h-h-h@example.com>",
    "<5f1b2c3d-1a2b-4c5d-8999-0a1b2c3d4e5f@example.com>, <h-h-h-h-h@example.com>",
    "<20261130041011.123456@host7.lan>, <d.d@host0.lan>",
    "<000a01d9$1b2c3d4e$5f6a7b8c$@example.com>, <h$h$h$@example.com>",
    "<123456789.7.1764471011123.JavaMail.sapadm@sap1.example.com>,"
        + " <d.d.d.JavaMail.sapadm@sap0.example.com>",
    "'', none"
  })
  void messageIds(String id, String form) {
    assertThat(Forms.messageId(id).replace(">", "")).isEqualTo(form.replace(">", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mon, 2 Nov 2026 10:11:12 +0100 | Ddd, D Mon YYYY hh:mm:ss +hhmm | D",
        "Mon, 02 Nov 2026 10:11:12 +0200 (CEST) | Ddd, D Mon YYYY hh:mm:ss +hhmm (name) | 0D",
        "Mon,  2 Nov 2026 10:11:12 GMT | Ddd, D Mon YYYY hh:mm:ss name | _D",
        "30 Nov 2026 10:11 -0000 | D Mon YYYY hh:mm -0000 | ''",
        "11/30/2026 10:11:12 | unusual | ''",
        "'' | none | ''"
      })
  void dates(String date, String form, String day) {
    assertThat(Forms.date(date)).isEqualTo(form);
    assertThat(Forms.day(date)).isEqualTo(day);
  }

  @Test
  void boundaries() {
    assertThat(Forms.boundary("multipart/mixed;\r\n\tboundary=\"----=_NextPart_000_01AB_01DB.F2\""))
        .isEqualTo("\"-+=_NextPart_H_H_H.H");
    assertThat(Forms.boundary("multipart/mixed; boundary=\"===============123456789==\""))
        .isEqualTo("\"=+d==");
    assertThat(Forms.boundary("multipart/mixed; boundary=abc123; x=y")).isEqualTo("h");
    assertThat(Forms.boundary("text/plain; charset=utf-8")).isEmpty();
  }

  @Test
  void whatComesAndGoesIsNotOfTheOrder() {
    assertThat(Forms.order(List.of("Received", "From", "To", "CC", "Subject", "Message-Id")))
        .isEqualTo("From To Subject Message-Id");
  }

  @Property(tries = 300)
  void whateverAPeerSaysBecomesShortAndPrintable(@ForAll String text) {
    for (String form :
        List.of(
            Forms.plain(text),
            Forms.name(text),
            Forms.program(text),
            Forms.shape(text),
            Forms.messageId(text),
            Forms.date(text),
            Forms.contentType(text),
            Forms.boundary("x; boundary=" + text),
            Forms.order(List.of(text, text)))) {
      assertThat(form).matches("[ -~]*");
      assertThat(form.length()).isLessThan(3 * Forms.LENGTH_MAX);
    }
  }
}
