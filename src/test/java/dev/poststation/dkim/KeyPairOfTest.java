package dev.poststation.dkim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.interfaces.EdECPrivateKey;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Keys are read in all forms in which programs write them.
final class KeyPairOfTest {
  private static KeyPairOf read(String text) throws IOException {
    return KeyPairOf.read(text.getBytes(StandardCharsets.US_ASCII));
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatWeWriteWeRead(Algorithm algorithm) throws IOException {
    var made = KeyPairOf.make(algorithm, 2048);
    var read = KeyPairOf.read(made.pem());
    assertThat(read).isEqualTo(made);
    assertThat(read.algorithm()).isEqualTo(algorithm);
    assertThat(new String(made.pem(), StandardCharsets.US_ASCII))
        .startsWith("-----BEGIN PRIVATE KEY-----\n")
        .endsWith("\n-----END PRIVATE KEY-----\n");
    var text = new SigningKey("example.com", "s", made).toString() + made;
    assertThat(text).doesNotContain(Base64.getEncoder().encodeToString(made.open()));
  }

  @Test
  void anEd25519KeyInBase64AloneIsOne() throws IOException {
    var made = KeyPairOf.make(Algorithm.ED25519_SHA256, 0);
    byte[] seed = ((EdECPrivateKey) made.secret()).getBytes().orElseThrow();
    assertThat(read(Base64.getEncoder().encodeToString(seed) + "\n")).isEqualTo(made);
    var both = new ByteArrayOutputStream();
    both.writeBytes(seed);
    both.writeBytes(made.open());
    assertThat(read(Base64.getEncoder().encodeToString(both.toByteArray()))).isEqualTo(made);
    both.reset();
    both.writeBytes(seed);
    both.writeBytes(KeyPairOf.make(Algorithm.ED25519_SHA256, 0).open());
    assertThatThrownBy(() -> read(Base64.getEncoder().encodeToString(both.toByteArray())))
        .hasMessage("the public key in it belongs to another one");
  }

  @Test
  void whatCannotSignIsRefusedWithTheReason() throws Exception {
    assertThatThrownBy(() -> read("hello")).hasMessageStartingWith("there is no private key in it");
    assertThatThrownBy(() -> read("")).hasMessageStartingWith("there is no private key in it");
    assertThatThrownBy(
            () ->
                read(
                    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
                        + "-----END ENCRYPTED PRIVATE KEY-----\n"))
        .hasMessageStartingWith("the key is encrypted");
    assertThatThrownBy(() -> read("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
        .hasMessage("the key is damaged, or neither RSA nor Ed25519");
    for (var wrong : new String[] {"EC", "RSA", "Ed448"}) {
      var generator = KeyPairGenerator.getInstance(wrong);
      if (wrong.equals("RSA")) {
        generator.initialize(512);
      }
      byte[] der = generator.generateKeyPair().getPrivate().getEncoded();
      String pem =
          "-----BEGIN PRIVATE KEY-----\n"
              + Base64.getEncoder().encodeToString(der)
              + "\n-----END PRIVATE KEY-----\n";
      assertThatThrownBy(() -> read(pem))
          .as(wrong)
          .hasMessage(
              wrong.equals("RSA")
                  ? "the key has 512 bits, and verifiers take none below 1024"
                  : "the key is damaged, or neither RSA nor Ed25519");
    }
  }
}
