package dev.poststation.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.HeaderFields;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The examples of RFC 6376 (appendix A and C) and RFC 8463 (appendix A): with the keys that are
/// printed there, what we hash and sign gives the very signatures that are printed there.
final class PublishedExamplesTest {
  /// RFC 6376, appendix C.
  private static final String BRISBANE =
      """
      -----BEGIN RSA PRIVATE KEY-----
      MIICXwIBAAKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC
      jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb
      to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB
      AoGBALmn+XwWk7akvkUlqb+dOxyLB9i5VBVfje89Teolwc9YJT36BGN/l4e0l6QX
      /1//6DWUTB3KI6wFcm7TWJcxbS0tcKZX7FsJvUz1SbQnkS54DJck1EZO/BLa5ckJ
      gAYIaqlA9C0ZwM6i58lLlPadX/rtHb7pWzeNcZHjKrjM461ZAkEA+itss2nRlmyO
      n1/5yDyCluST4dQfO8kAB3toSEVc7DeFeDhnC1mZdjASZNvdHS4gbLIA1hUGEF9m
      3hKsGUMMPwJBAPW5v/U+AWTADFCS22t72NUurgzeAbzb1HWMqO4y4+9Hpjk5wvL/
      eVYizyuce3/fGke7aRYw/ADKygMJdW8H/OcCQQDz5OQb4j2QDpPZc0Nc4QlbvMsj
      7p7otWRO5xRa6SzXqqV3+F0VpqvDmshEBkoCydaYwc2o6WQ5EBmExeV8124XAkEA
      qZzGsIxVP+sEVRWZmW6KNFSdVUpk3qzK0Tz/WjQMe5z0UunY9Ax9/4PVhp/j61bf
      eAYXunajbBSOLlx4D+TunwJBANkPI5S9iylsbLs6NkaMHV6k5ioHBBmgCak95JGX
      GMot/L2x0IYyMLAz6oLWh2hm7zwtb0CgOrPo1ke44hFYnfc=
      -----END RSA PRIVATE KEY-----
      """;

  /// RFC 6376, appendix C: what the DNS has of it.
  private static final String BRISBANE_OPEN =
      "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC"
          + "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb"
          + "to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";

  /// RFC 8463, appendix A.1.
  private static final String FOOTBALL_ED25519 = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

  /// RFC 8463, appendix A.1.
  private static final String FOOTBALL_RSA =
      """
      -----BEGIN RSA PRIVATE KEY-----
      MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi
      Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM
      KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB
      AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm
      6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe
      zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy
      6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc
      uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy
      WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd
      WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a
      licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst
      o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe
      uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL
      -----END RSA PRIVATE KEY-----
      """;

  private static final String BODY =
      "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

  private static final String BODY_HASH = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=";

  private static final String FIELDS =
      """
      From: Joe SixPack <joe@football.example.com>
      To: Suzie Q <suzie@shopping.example.net>
      Subject: Is dinner ready?
      Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
      Message-ID: <20030712040037.46341.5F8J@football.example.com>
      """
          .replace("\n", "\r\n");

  private static final String RECEIVED =
      "Received: from client1.football.example.com  [192.0.2.1]\r\n"
          + "      by submitserver.example.com with SUBMISSION;\r\n"
          + "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n";

  private static String signature(
      String key, Form form, String header, List<String> names, String field) throws IOException {
    byte[] octets = header.getBytes(StandardCharsets.ISO_8859_1);
    List<HeaderFields.Field> fields = new ArrayList<>();
    for (var name : names) {
      HeaderFields.of(octets, true).fields().stream()
          .filter(each -> each.name().equals(name))
          .forEach(fields::add);
    }
    var pair = KeyPairOf.read(key.getBytes(StandardCharsets.US_ASCII));
    var signing = new SigningKey("example.com", "brisbane", pair);
    return Base64.getEncoder()
        .encodeToString(signing.sign(Signer.hashed(form, octets, fields, field)));
  }

  private static Octets octets(String text) {
    return () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void bodyHashesAreAsPrintedInBothForms() throws IOException {
    var hashes = BodyHash.of(octets(BODY), Set.of(Form.SIMPLE, Form.RELAXED));
    assertThat(Base64.getEncoder().encodeToString(hashes.get(Form.RELAXED))).isEqualTo(BODY_HASH);
    // RFC 6376 A.2 has the two spaces of the sentence, RFC 8463 A.3 has one where it is relaxed.
    var once = BodyHash.of(octets(BODY.replace("game.  Are", "game. Are")), Set.of(Form.SIMPLE));
    assertThat(Base64.getEncoder().encodeToString(once.get(Form.SIMPLE))).isEqualTo(BODY_HASH);
  }

  @Test
  void rfc6376IsSignedAsPrintedInTheSimpleForm() throws IOException {
    String field =
        "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
            + "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
            + "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
            + "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
            + "      b=;";
    assertThat(
            signature(
                BRISBANE,
                Form.SIMPLE,
                RECEIVED + FIELDS,
                List.of("received", "from", "to", "subject", "date", "message-id"),
                field))
        .isEqualTo(
            "AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB"
                + "4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut"
                + "KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV"
                + "4bmp/YzhwvcubU4=");
  }

  @Test
  void rfc8463IsSignedAsPrintedByEd25519() throws IOException {
    String field =
        """
        DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=brisbane; t=1528637909; h=from : to :
         subject : date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=\
        """
            .replace("\n", "\r\n");
    assertThat(signature(FOOTBALL_ED25519, Form.RELAXED, FIELDS, NAMES, field))
        .isEqualTo(
            "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus"
                + "Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==");
  }

  @Test
  void rfc8463IsSignedAsPrintedByRsa() throws IOException {
    String field =
        """
        DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=test; t=1528637909; h=from : to : subject :
         date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=\
        """
            .replace("\n", "\r\n");
    assertThat(signature(FOOTBALL_RSA, Form.RELAXED, FIELDS, NAMES, field))
        .isEqualTo(
            "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3"
                + "DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz"
                + "dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=");
  }

  /// Each once: what is named a second time has no second field.
  private static final List<String> NAMES = List.of("from", "to", "subject", "date", "message-id");

  @Test
  void publicKeysOfThePrintedSecretsAreThePrintedOnes() throws IOException {
    assertThat(open(BRISBANE)).isEqualTo(BRISBANE_OPEN);
    assertThat(open(FOOTBALL_ED25519)).isEqualTo("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  }

  private static String open(String key) throws IOException {
    var pair = KeyPairOf.read(key.getBytes(StandardCharsets.US_ASCII));
    return Base64.getEncoder().encodeToString(pair.open());
  }

  @Test
  void relaxedFormsAreAsRfc6376Says() throws IOException {
    // RFC 6376 3.4.5, example 1.
    String header = "A: X\r\nB : Y\t\r\n\tZ  \r\n";
    byte[] octets = header.getBytes(StandardCharsets.US_ASCII);
    var fields = HeaderFields.of(octets, true).fields();
    assertThat(
            new String(
                Signer.hashed(Form.RELAXED, octets, fields, "S:x"), StandardCharsets.US_ASCII))
        .isEqualTo("a:X\r\nb:Y Z\r\ns:x");
    assertThat(
            new String(
                Signer.hashed(Form.SIMPLE, octets, fields, "S:x"), StandardCharsets.US_ASCII))
        .isEqualTo(header + "S:x");
    assertThat(BodyHash.of(octets(" C \r\nD \t E\r\n\r\n\r\n"), Set.of(Form.RELAXED)))
        .usingRecursiveComparison()
        .isEqualTo(BodyHash.of(octets(" C\r\nD E\r\n"), Set.of(Form.RELAXED)));
  }
}
