package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.Octets;
import dev.poststation.message.Recipient;
import dev.poststation.seal.Attempt;
import dev.poststation.seal.Kept;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/// How much is decrypted of one mail, with keys that open all.
final class OpeningTest {
  private static final Message MAIL =
      new Message(
          "S: s\r\n".getBytes(US_ASCII), "\r\n".getBytes(US_ASCII), Octets.of(new byte[12]));

  private static final Finding CLOSED = new Finding.Unchanged("closed");

  private final List<String> opened = new ArrayList<>();

  private record Key(String fingerprint) implements Kept {
    @Override
    public List<String> names() {
      return List.of(fingerprint);
    }

    @Override
    public Origin origin() {
      return Origin.IMPORTED;
    }

    @Override
    public Instant added() {
      return Instant.EPOCH;
    }

    @Override
    public Instant begins() {
      return Instant.EPOCH;
    }

    @Override
    public boolean isOwn() {
      return true;
    }
  }

  /// Each recipient has a key of his own.
  private final class Letter implements Opening.Letter<Key> {
    private final int size;
    private final boolean whole;

    /// @param size of what is in it
    /// @param whole whether it is so to its end
    Letter(int size, boolean whole) {
      this.size = size;
      this.whole = whole;
    }

    @Override
    public List<Key> keys(Recipient recipient) {
      return List.of(new Key(recipient.address().local()));
    }

    @Override
    public Attempt<Opening.Text> open(Key key) {
      opened.add(key.fingerprint);
      return whole
          ? new Attempt.Opened<>(new Opening.Text(new byte[size], "a cipher", "", ""))
          : new Attempt.Damaged<>("it is too complex", size);
    }

    @Override
    public Message plain(byte[] content) {
      return MAIL;
    }

    @Override
    public String field(Key key, Opening.Text text) {
      return "X: y\r\n";
    }

    @Override
    public String damaged() {
      return "X: n\r\n";
    }
  }

  private Finding of(int size, BooleanSupplier inTime) throws IOException {
    return of(new Letter(size, true), inTime);
  }

  private static Finding of(Letter letter, BooleanSupplier inTime) throws IOException {
    var to = MadeUpServices.facts("f@there.test", "a@here.test", "b@here.test", "c@here.test");
    return new Opening<>(letter, MAIL, 20, inTime).of(to.recipients(), CLOSED);
  }

  @Test
  void whatComesOutCountsForHowMuchIsDecryptedOfOneMail() throws IOException {
    of(20, () -> true);
    assertThat(opened).containsExactly("a", "b", "c");
    opened.clear();
    assertThat(of(160, () -> true)).isInstanceOf(Finding.Divided.class);
    assertThat(opened).containsExactly("a", "b");
  }

  @Test
  void whatComesOutOfADamagedOneCountsToo() throws IOException {
    of(new Letter(20, false), () -> true);
    assertThat(opened).containsExactly("a", "b", "c");
    opened.clear();
    of(new Letter(160, false), () -> true);
    assertThat(opened).containsExactly("a", "b");
  }

  @Test
  void forWhatNobodyWaitsAnyMoreNoFurtherKeyIsTried() {
    assertThatThrownBy(() -> of(20, opened::isEmpty)).isInstanceOf(IOException.class);
    assertThat(opened).containsExactly("a");
  }
}
