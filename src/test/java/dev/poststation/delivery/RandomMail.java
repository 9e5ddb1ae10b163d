package dev.poststation.delivery;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/// Makes mails of any MIME structure, with text and binary parts.
final class RandomMail {
  private final Random random;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int boundaries;

  RandomMail(Random random) {
    this.random = random;
  }

  byte[] make() {
    put("From: alice@example.com\r\nSubject: random\r\nMIME-Version: 1.0\r\n");
    entity(0);
    if (random.nextBoolean()) {
      put("\r\n");
    }
    return out.toByteArray();
  }

  private void put(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void entity(int depth) {
    switch (depth > 3 ? random.nextInt(3) : random.nextInt(5)) {
      case 0 -> leaf("text/plain; charset=utf-8", "8bit", false);
      case 1 -> leaf("application/octet-stream", "binary", true);
      case 2 -> leaf("text/html", random.nextBoolean() ? "7bit" : "binary", false);
      case 3 -> {
        put(
            "Content-Type: message/rfc822\r\n"
                + "Content-Transfer-Encoding: binary\r\n\r\n"
                + "Subject: inner\r\n");
        entity(depth + 1);
      }
      default -> multipart(depth);
    }
  }

  private void multipart(int depth) {
    String boundary = "=_" + boundaries++ + "_x";
    put(
        "Content-Type: multipart/mixed;\r\n boundary=\""
            + boundary
            + "\"\r\nContent-Transfer-Encoding: binary\r\n\r\n");
    put(random.nextBoolean() ? "This is MIME.\r\n" : "");
    int parts = 1 + random.nextInt(4);
    for (int i = 0; i < parts; i++) {
      put((i == 0 ? "" : "\r\n") + "--" + boundary + "\r\n");
      entity(depth + 1);
    }
    put("\r\n--" + boundary + "--");
    put(random.nextInt(3) == 0 ? "\r\nepilogue" : "");
  }

  private void leaf(String type, String encoding, boolean binary) {
    put("Content-Type: " + type + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n");
    int pieces = random.nextInt(20);
    for (int i = 0; i < pieces; i++) {
      switch (random.nextInt(binary ? 9 : 7)) {
        case 0 -> put("\r\n");
        case 1 -> put("plain words = and signs ");
        case 2 -> put("\u00c3\u00a4");
        case 3 -> put(" \r\n");
        case 4 -> put("x".repeat(random.nextInt(3) == 0 ? 1200 : 40));
        case 5 -> put("\r\n.\r\n..\t");
        case 6 -> put("\r\n--not-a-boundary\r\n--");
        case 7 -> put("\n\r\0");
        default -> {
          byte[] noise = new byte[random.nextInt(50)];
          random.nextBytes(noise);
          out.writeBytes(noise);
        }
      }
    }
  }
}
