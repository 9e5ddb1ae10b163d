package dev.poststation.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class DemoTest {
  @TempDir Path directory;

  @Test
  void everyMailComesToTheEndThatItsAddressPromises() throws Exception {
    var out = new StringWriter();
    try (var demo = Demo.start(Os.real(), new PrintWriter(out), directory)) {
      assertThat(demo.show()).isTrue();
    }

    assertThat(out.toString())
        .contains(
            "<bob@customer.example>  delivered",
            "<accounts@customer.example>  delivered",
            "<carol@partner.example>  delivered",
            "<nobody@partner.example>  bounced",
            "<dave@partner.example>  delivered",
            "<erik@customer.example>  delivered",
            "<用户@例子.example>  delivered",
            "Attempt 1 for <greylist.frank@customer.example>: deferred",
            "Attempt 2 for <greylist.frank@customer.example>: delivered",
            "The bounce, as it came to anna@office.example",
            "|     nobody@partner.example");
  }
}
