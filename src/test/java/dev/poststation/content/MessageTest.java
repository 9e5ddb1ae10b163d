package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.MimeLimits;
import dev.poststation.message.Octets;
import dev.poststation.mime.Splice;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessageTest {
  private static byte[] bytes(String text) {
    return text.translateEscapes().getBytes(ISO_8859_1);
  }

  private static String text(byte[] octets) {
    return new String(octets, ISO_8859_1).replace("\r", "\\r").replace("\n", "\\n");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "A: b\\r\\n\\r\\nbody\\r\\n, A: b\\r\\n, \\r\\n, body\\r\\n",
        "A: b\\r\\n c\\r\\n\\r\\n, A: b\\r\\n c\\r\\n, \\r\\n, ''",
        "A: b\\r\\n, A: b\\r\\n, '', ''",
        "A: b\\r\\nno field\\r\\n, A: b\\r\\n, '', no field\\r\\n",
        "A: b\\n\\nbody, A: b\\n, \\n, body",
        "'', '', '', ''",
        "\\r\\nbody, '', \\r\\n, body",
      })
  void theHeaderEndsWhereTheIntakeSeesIt(String content, String header, String gap, String body)
      throws IOException {
    var message = Message.of(bytes("Received: x\\r\\n"), Octets.of(bytes(content)), 1000);
    assertThat(text(message.header())).isEqualTo("Received: x\\r\\n" + header);
    assertThat(text(message.gap())).isEqualTo(gap);
    assertThat(text(message.body().bytes())).isEqualTo(body);
    assertThat(text(message.octets().bytes())).isEqualTo("Received: x\\r\\n" + content);
    assertThat(message.size()).isEqualTo(13 + bytes(content).length);
  }

  @ParameterizedTest
  @CsvSource({"no field here\\r\\n", "A: looks like one\\r\\n\\r\\nbut is not"})
  void aContentWithoutAHeaderIsAllBody(String content) throws IOException {
    var message = Message.of(bytes("Received: x\\r\\n\\r\\n"), Octets.of(bytes(content)), 1000);
    assertThat(text(message.header())).isEqualTo("Received: x\\r\\n");
    assertThat(text(message.gap())).isEqualTo("\\r\\n");
    assertThat(text(message.body().bytes())).isEqualTo(content);
  }

  @Test
  void aPartIsChangedAndAllElseStays() throws Exception {
    String mail =
        "Content-Type: multipart/mixed; boundary=b\\r\\n\\r\\n--b\\r\\n\\r\\none\\r\\n--b--\\r\\n";
    var message = Message.of(bytes("Received: x\\r\\n"), Octets.of(bytes(mail)), 1000);
    var mime = message.mime(MimeLimits.STANDARD);
    var part = mime.parts().getLast();
    var field = new Splice(0, 12, bytes("Received: y;"));
    var text = new Splice(part.body(), part.end(), bytes("two"));
    assertThat(text(message.changed(List.of(text)).octets().bytes()))
        .isEqualTo("Received: x\\r\\n" + mail.replace("one", "two"));
    assertThat(text(message.changed(List.of(text, field)).octets().bytes()))
        .isEqualTo("Received: y;\\n" + mail.replace("one", "two"));
    assertThat(message.changed(List.of(field)).body()).isSameAs(message.body());
  }
}
