package dev.poststation.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeaderScanTest {
  private static HeaderScan scan(String content) {
    var scan = new HeaderScan("Relay.example.com");
    byte[] octets = content.getBytes(StandardCharsets.UTF_8);
    scan.feed(octets, 0, octets.length);
    scan.finish();
    return scan;
  }

  @Test
  void findsDateAndMessageIdInAnyCase() {
    var scan = scan("DATE: x\r\nmessage-ID: <1@a>\r\n\r\nbody");
    assertThat(scan.hasDate()).isTrue();
    assertThat(scan.hasMessageId()).isTrue();
    assertThat(scan.messageId()).isEqualTo("<1@a>");
  }

  @Test
  void looksAtNothingBehindTheEmptyLine() {
    var scan = scan("Subject: x\r\n\r\nDate: x\r\nReceived: x\r\n");
    assertThat(scan.hasDate()).isFalse();
    assertThat(scan.hops()).isZero();
    assertThat(scan.size()).isEqualTo("Subject: x\r\n\r\n".length());
  }

  @Test
  void namesThatOnlyBeginAlikeAreOthers() {
    var scan =
        scan("Date-Sent: x\r\nX-Date: x\r\nDat: x\r\nReceived-SPF: x\r\nMessage-IDs: x\r\n\r\n");
    assertThat(scan.hasDate()).isFalse();
    assertThat(scan.hasMessageId()).isFalse();
    assertThat(scan.hops()).isZero();
  }

  @Test
  void onlyNoWaivesTlsInAnyCase() {
    assertThat(scan("TLS-Required: No\r\n\r\n").tlsWaived()).isTrue();
    assertThat(scan("tls-REQUIRED:\r\n nO \r\n\r\n").tlsWaived()).isTrue();
    for (String value : new String[] {"", "Yes", "No way", "no;"}) {
      assertThat(scan("TLS-Required: " + value + "\r\n\r\n").tlsWaived()).as(value).isFalse();
    }
    assertThat(scan("X: y\r\n\r\nTLS-Required: No\r\n").tlsWaived()).isFalse();
  }

  @Test
  void whiteSpaceBeforeTheColonIsLegal() {
    assertThat(scan("Date \t: x\r\n\r\n").hasDate()).isTrue();
  }

  @Test
  void continuationLinesBelongToTheirField() {
    var scan = scan("Subject: x\r\n Date: y\r\n\tReceived: z\r\nMessage-ID:\r\n <1@a>\r\n\r\n");
    assertThat(scan.hasDate()).isFalse();
    assertThat(scan.hops()).isZero();
    assertThat(scan.messageId()).isEqualTo("<1@a>");
  }

  @Test
  void aHeaderWithoutBodyIsLookedAtToItsEnd() {
    var scan = scan("Message-ID: <1@a>");
    assertThat(scan.messageId()).isEqualTo("<1@a>");
    assertThat(scan.strayBody()).isFalse();
  }

  @Test
  void aBodyWithoutHeaderIsNoticed() {
    assertThat(scan("Dear Sir,\r\nDate: x\r\n").strayBody()).isTrue();
    assertThat(scan("Dear Sir,\r\nDate: x\r\n").hasDate()).isFalse();
    assertThat(scan("hello").strayBody()).isTrue();
    assertThat(scan(" indented").strayBody()).isTrue();
    assertThat(scan(": no name\r\n").strayBody()).isTrue();
    assertThat(scan("\u00e4: x\r\n").strayBody()).isTrue();
    assertThat(scan("\r\nbody").strayBody()).isFalse();
    assertThat(scan("").strayBody()).isFalse();
    assertThat(scan("Subject: x\r\nno field\r\nDate: x\r\n").strayBody()).isFalse();
    assertThat(scan("Subject: x\r\nno field\r\nDate: x\r\n").hasDate()).isFalse();
  }

  /// [MailboxLine] makes a field of it, and leaves what only looks like it.
  @Test
  void theFirstLineOfAMailboxFileIsNoField() {
    for (String line : new String[] {"From a@b Tue Nov 24 04:11:00 2026", "From\tx"}) {
      var scan = scan(line + "\r\nDate: x\r\n\r\n");
      assertThat(scan.hasDate()).as(line).isFalse();
      assertThat(scan.strayBody()).as(line).isTrue();
    }
  }

  @Test
  void countsHopsAndOurOwn() {
    String other = "Received: from relay.example.com by other.example; x\r\n";
    String ours =
        "Received: from (by nobody) x\r\n\tby RELAY.example.com (by other) with SMTP; x\r\n";
    var scan = scan(other.repeat(9) + ours.repeat(5) + "\r\n");
    assertThat(scan.hops()).isEqualTo(14);
    assertThat(scan.loops()).isFalse();
    assertThat(scan(ours.repeat(6) + "\r\n").loops()).isTrue();
    assertThat(scan(other.repeat(20) + "\r\n").loops()).isFalse();
  }

  @Test
  void passagesWhoseReceivedWasHiddenCountAsWell() {
    String ours = "Received: by relay.example.com; x\r\n";
    String mark = "X-Loop:  Relay.example.com \r\n";
    assertThat(scan(ours + mark.repeat(4) + "\r\n").loops()).isFalse();
    assertThat(scan(ours + mark.repeat(5) + "\r\n").loops()).isTrue();
    assertThat(scan(ours + "X-Loop: other.example.com\r\n".repeat(9) + "\r\n").loops()).isFalse();
    assertThat(scan("X-Loop: relay.example.com " + "x".repeat(2000) + "\r\n\r\n").loops())
        .isFalse();
  }

  @Test
  void namesInCommentsOrOfOthersAreNotOurs() {
    for (String field :
        new String[] {
          "Received: from a (by relay.example.com) by b; x\r\n",
          "Received: from a by relay.example.com.evil.example; x\r\n",
          "Received: from a by xrelay.example.com; x\r\n",
          "Received: from by by b; by relay.example.com\r\n",
          "Received: from a (\\) by relay.example.com\r\n",
          "Received: by\r\n",
          "Received: \r\n"
        }) {
      assertThat(scan(field.repeat(20) + "\r\n").loops()).as(field).isFalse();
    }
    assertThat(scan("Received: by relay.example.com;x\r\n".repeat(6)).loops()).isTrue();
    assertThat(scan("Received: by relay.example.com(x)\r\n".repeat(6)).loops()).isTrue();
    assertThat(scan("Received: by relay.example.com\r\n".repeat(6)).loops()).isTrue();
  }

  @Test
  void aFieldOfAnyLengthIsKeptInBoundedMemory() {
    var scan =
        scan(
            "Message-ID: <"
                + "x".repeat(100_000)
                + ">\r\nReceived: "
                + "y".repeat(100_000)
                + "\r\n\r\n");
    assertThat(scan.messageId()).hasSizeLessThanOrEqualTo(998);
    assertThat(scan.hops()).isOne();
  }

  private static HeaderScan authors(String content) {
    var scan = new HeaderScan("relay.example.com", true);
    byte[] octets = content.getBytes(StandardCharsets.UTF_8);
    for (byte octet : octets) {
      scan.feed(new byte[] {octet}, 0, 1);
    }
    scan.finish();
    return scan;
  }

  @Test
  void allFromFieldsAreKeptWhereTheyMatter() {
    assertThat(authors("From: a@b\r\nSubject: x\r\nFROM :\r\n c@d\r\n\r\nFrom: e@f\r\n").from())
        .containsExactly(" a@b\r", "\r c@d\r");
    assertThat(authors("Subject: x\r\n\r\n").from()).isEmpty();
    assertThat(authors("Fromage: x\r\nX-From: y\r\n\r\n").from()).isEmpty();
    assertThat(authors("From: a@b").from()).containsExactly(" a@b");
  }

  @Test
  void aHeaderThatEndsWithALineThatIsNoFieldTellsNothing() {
    assertThat(authors("From: a@b\r\nno field\r\nFrom: c@d\r\n\r\n").from()).isNull();
    assertThat(authors("From: a@b\r\n\rFrom: c@d\r\n\r\n").from()).isNull();
    assertThat(authors("From: a@b\r\nhalf").from()).isNull();
    assertThat(authors("Dear Sir,\r\nFrom: c@d\r\n\r\n").from()).isNull();
    assertThat(authors("From x\r\nFrom: c@d\r\n\r\n").from()).isNull();
  }

  @Test
  void fromFieldsOfAnyLengthAreKeptInBoundedMemory() {
    assertThat(authors("From: " + "x".repeat(100_000) + "\r\n\r\n").from()).isNull();
    assertThat(authors("From:\r\n".repeat(2000) + "\r\n").from()).isNull();
    assertThat(authors("From: a@b\r\n".repeat(20) + "\r\n").from()).hasSize(20);
  }

  /// However the octets are cut, the result is the same.
  @Test
  void piecesOfAnySizeGiveTheSame() {
    String content =
        "X-Mailbox-Line: From x\r\n"
            + "Received: from a by relay.example.com; x\r\n"
            + "\ty\r\n"
            + "Date : x\r\n"
            + "X: y\r\n"
            + " z\r\n"
            + "Message-ID:\r\n"
            + " <1@a>\r\n\r\n"
            + "Received: z\r\n";
    byte[] octets = content.getBytes(StandardCharsets.US_ASCII);
    var random = new Random(1);
    var whole = scan(content);
    for (int round = 0; round < 500; round++) {
      var scan = new HeaderScan("relay.example.com");
      for (int at = 0; at < octets.length; ) {
        int size = Math.min(random.nextInt(8), octets.length - at);
        scan.feed(octets, at, size);
        at += size;
      }
      scan.finish();
      assertThat(scan.size()).isEqualTo(whole.size());
      assertThat(scan.hops()).isEqualTo(1);
      assertThat(scan.hasDate()).isTrue();
      assertThat(scan.messageId()).isEqualTo("<1@a>");
      assertThat(scan.strayBody()).isFalse();
    }
  }

  /// Nothing that a client sends makes it fail or look further than its bounds.
  @Test
  void randomOctetsDoNoHarm() {
    var random = new Random(2);
    byte[] alphabet = "\r\n \t:()\\;byBYReceived\0\u00ff".getBytes(StandardCharsets.ISO_8859_1);
    for (int round = 0; round < 3000; round++) {
      byte[] octets = new byte[random.nextInt(200)];
      for (int i = 0; i < octets.length; i++) {
        octets[i] = alphabet[random.nextInt(alphabet.length)];
      }
      var scan = new HeaderScan("relay.example.com");
      scan.feed(octets, 0, octets.length);
      scan.finish();
      assertThat(scan.size()).isBetween(0, octets.length);
    }
  }

  @Test
  void howAHeaderIsMadeIsSeenInPieces() {
    String header =
        "Received: from x by y; z\r\nFROM: <a@example.com>\r\nMessage-Id : <1@x>\r\n"
            + "date: Mon, 2 Nov 2026\r\n 10:11:12 +0100\r\nUser-Agent: Mutt\r\nX-Mailer: second\r\n"
            + "Content-Type: multipart/mixed;\r\n\tboundary=\"b\"\r\n\r\nX-Mailer: in the body\r\n";
    for (int piece = 1; piece < 9; piece += 3) {
      var scan = new HeaderScan("relay.example.com");
      var shape = new HeaderShape();
      scan.shape(shape);
      byte[] octets = header.getBytes(StandardCharsets.US_ASCII);
      for (int at = 0; at < octets.length; at += piece) {
        scan.feed(octets, at, Math.min(piece, octets.length - at));
      }
      scan.finish();
      var facts = shape.facts(scan.messageId());
      assertThat(facts.names())
          .containsExactly(
              "Received", "FROM", "Message-Id", "date", "User-Agent", "X-Mailer", "Content-Type");
      assertThat(facts.mailer().strip()).isEqualTo("Mutt");
      assertThat(facts.date().replaceAll("\\s+", " ").strip())
          .isEqualTo("Mon, 2 Nov 2026 10:11:12 +0100");
      assertThat(facts.messageId()).isEqualTo("<1@x>");
      assertThat(facts.contentType()).contains("multipart/mixed;", "boundary=\"b\"");
    }
  }
}
