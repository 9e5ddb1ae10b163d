package dev.poststation.message;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OctetsTest {
  private static byte[] octets(int size) {
    byte[] octets = new byte[size];
    for (int i = 0; i < size; i++) {
      octets[i] = (byte) (i * 31 + i / 251);
    }
    return octets;
  }

  /// In chunks, as the spool has it.
  private record Chunked(byte[] all) implements Content {
    @Override
    public int chunks() {
      return (all.length + CHUNK_OCTETS - 1) / CHUNK_OCTETS;
    }

    @Override
    public byte[] chunk(int number) {
      int from = number * CHUNK_OCTETS;
      return Arrays.copyOfRange(all, from, Math.min(all.length, from + CHUNK_OCTETS));
    }
  }

  @Property(tries = 200)
  void anyPieceOfAnyRowIsReadAsItStandsThere(
      @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 150_000) Integer> sizes,
      @ForAll @IntRange(max = 1000) int fromPart,
      @ForAll @IntRange(max = 1000) int toPart)
      throws IOException {
    int total = sizes.stream().mapToInt(Integer::intValue).sum();
    byte[] all = octets(total);
    List<Octets> parts = new java.util.ArrayList<>();
    int at = 0;
    for (int size : sizes) {
      byte[] part = Arrays.copyOfRange(all, at, at + size);
      parts.add(size % 2 == 0 ? Octets.of(part) : Octets.of(new Chunked(part), size));
      at += size;
    }
    int from = (int) ((long) total * Math.min(fromPart, toPart) / 1000);
    int to = (int) ((long) total * Math.max(fromPart, toPart) / 1000);
    var piece = Octets.joined(parts).slice(from, to);
    assertThat(piece.size()).isEqualTo(to - from);
    assertThat(piece.bytes()).isEqualTo(Arrays.copyOfRange(all, from, to));
    try (var in = piece.open()) {
      assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(all, from, to));
    }
  }

  @Test
  void aContentThatIsShorterThanWasSaidIsAnErrorAndNoEnd() {
    var octets = Octets.of(new Chunked(octets(10)), 11);
    assertThatThrownBy(octets::bytes).isInstanceOf(IOException.class);
  }

  @Test
  void aPieceBeyondTheEndIsRefused() {
    var octets = Octets.of("abc".getBytes(US_ASCII));
    assertThatThrownBy(() -> octets.slice(1, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> octets.slice(1, 3).slice(0, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
