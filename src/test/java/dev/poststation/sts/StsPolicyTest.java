package dev.poststation.sts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sts.StsPolicy.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Policies as domains publish them (RFC 8461 3.2), and the record that tells of them (3.1).
class StsPolicyTest {
  private static StsPolicy good(String text) {
    return ((StsPolicy.Reading.Good) StsPolicy.read(text)).policy();
  }

  private static String bad(String text) {
    return ((StsPolicy.Reading.Bad) StsPolicy.read(text)).why();
  }

  @Test
  void thePolicyOfTheRfcIsRead() {
    var policy =
        good(
            """
            version: STSv1
            mode: enforce
            mx: mail.example.com
            mx: *.example.NET
            mx: backupmx.example.com
            max_age: 604800
            """);
    assertThat(policy.mode()).isEqualTo(Mode.ENFORCE);
    assertThat(policy.mx())
        .isEqualTo(List.of("mail.example.com", "*.example.net", "backupmx.example.com"));
    assertThat(policy.maxAge()).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void lineEndsSpacesUnknownAndRepeatedKeysDoNoHarm() {
    var policy =
        good(
            "version:STSv1\r\nmode: \ttesting \r\nnews: of: the day\r\nmode: none\r\nmx:"
                + " b\u00fccher.example\r\nmax_age: 99999999\r\n\r\n");
    assertThat(policy.mode()).isEqualTo(Mode.TESTING);
    assertThat(policy.mx()).containsExactly("xn--bcher-kva.example");
    assertThat(policy.maxAge()).isEqualTo(StsPolicy.AGE_MAX);
    assertThat(good("version: STSv1\nmode: none\nmax_age: 86400").mx()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mode: enforce;mx: a.example;max_age: 1 | has no \"version: STSv1\"",
        "version: STSv2;mode: enforce;mx: a.example;max_age: 1 | has no \"version: STSv1\"",
        "version: STSv1;mx: a.example;max_age: 1 | has no mode that is known",
        "version: STSv1;mode: Enforce;mx: a.example;max_age: 1 | has no mode that is known",
        "version: STSv1;mode: enforce;max_age: 1 | names no mx",
        "version: STSv1;mode: enforce;mx: a.example | has no max_age in seconds",
        "version: STSv1;mode: enforce;mx: a.example;max_age: -1 | has no max_age in seconds",
        "version: STSv1;mode: enforce;mx: a.*.example;max_age: 1 | has the mx \"a.*.example\"",
        "version: STSv1;mode: enforce;mx: *;max_age: 1 | has the mx \"*\"",
        "<!doctype html> | has the line \"<!doctype html>\"",
      })
  void whatIsNoPolicyIsToldInAClause(String lines, String why) {
    assertThat(bad(lines.replace(";", "\n"))).startsWith(why);
  }

  @Test
  void whatIsEndlessIsNone() {
    String lines = "version: STSv1\nmode: enforce\nmax_age: 1\n" + "mx: a.example\n".repeat(501);
    assertThat(bad(lines)).isEqualTo("names more than 500 mx");
    assertThat(bad("x".repeat(60_000)).length()).isLessThan(200);
  }

  @Test
  void aStarStandsForExactlyOneLabelInFront() {
    var policy = new StsPolicy(Mode.ENFORCE, List.of("*.example.com", "mx.test"), Duration.ZERO);
    assertThat(policy.names("mx1.example.com")).isTrue();
    assertThat(policy.names("mx.test")).isTrue();
    assertThat(policy.names("example.com")).isFalse();
    assertThat(policy.names("a.mx1.example.com")).isFalse();
    assertThat(policy.names("badexample.com")).isFalse();
    assertThat(policy.names("a.mx.test")).isFalse();
    assertThat(policy.names("192.0.2.1")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v=STSv1; id=20160831085700Z;",
        "v=STSv1;id=20160831085700Z",
        "v=STSv1 ; x=y; id = 20160831085700Z ;"
      })
  void theIdIsRead(String text) {
    assertThat(StsRecord.id(List.of("v=spf1 -all", text, "v=STSv2; id=1")))
        .contains("20160831085700Z");
  }

  @Test
  void whatIsNoRecordOrNotTheOnlyOneIsNone() {
    for (String text : List.of("v=STSv1", "v=STSv1;", "v=STSv1; id=", "v=stsv1; id=1")) {
      assertThat(StsRecord.id(List.of(text))).as(text).isEmpty();
    }
    assertThat(StsRecord.id(List.of("v=STSv1; id=a-b"))).isEmpty();
    assertThat(StsRecord.id(List.of("v=STSv1; id=" + "a".repeat(33)))).isEmpty();
    assertThat(StsRecord.id(List.of("id=1; v=STSv1;"))).isEmpty();
    assertThat(StsRecord.id(List.of("v=STSv1; id=1;", "v=STSv1; id=1;"))).isEmpty();
    assertThat(StsRecord.id(List.of())).isEmpty();
  }
}
