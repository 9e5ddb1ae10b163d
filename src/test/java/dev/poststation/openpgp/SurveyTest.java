package dev.poststation.openpgp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.bcpg.CompressionAlgorithmTags;
import org.bouncycastle.openpgp.PGPCompressedDataGenerator;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPLiteralData;
import org.bouncycastle.openpgp.PGPLiteralDataGenerator;
import org.junit.jupiter.api.Test;

/// What is told of what was decrypted, before anybody makes anything of it.
final class SurveyTest {
  private static byte[] compressed(int octets) throws IOException, PGPException {
    var out = new ByteArrayOutputStream();
    var packed = new PGPCompressedDataGenerator(CompressionAlgorithmTags.ZLIB);
    try (var literal =
        new PGPLiteralDataGenerator()
            .open(
                packed.open(out),
                PGPLiteralData.BINARY,
                "zeros",
                octets,
                Date.from(Instant.EPOCH))) {
      literal.write(new byte[octets]);
    }
    packed.close();
    return out.toByteArray();
  }

  @Test
  void whatCameOutIsKnownAlsoWhereItIsTooMuch() throws Exception {
    var small = new Survey(1_000_000);
    small.look(new ByteArrayInputStream(compressed(20_000)));
    assertThat(small.octets()).isBetween(20_000L, 21_000L);

    var bomb = new Survey(100_000);
    byte[] packets = compressed(5_000_000);
    assertThat(packets).hasSizeLessThan(10_000);
    assertThatThrownBy(() -> bomb.look(new ByteArrayInputStream(packets)))
        .hasMessageContaining("too complex");
    assertThat(bomb.octets()).isBetween(100_000L, 200_000L);
  }
}
