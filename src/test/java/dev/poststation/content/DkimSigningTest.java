package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.message.Envelope;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whose mail is signed by DKIM, before it is asked by which key.
final class DkimSigningTest {
  @Test
  void whatComesFromOutsideIsNotSignedWhateverItsFromSays() throws Exception {
    var service =
        new DkimSigning(
            () -> {
              throw new AssertionError("no key is asked for");
            });
    var ours = MadeUpServices.facts("ceo@here.test", "b@here.test");
    var facts =
        new Facts(
            ours.id(),
            new Envelope.Source("edge", "relay", "192.0.2.1", "mail.else.test", "ESMTP"),
            ours.sender(),
            ours.recipients(),
            ours.hostname(),
            null,
            false);
    byte[] header = "From: ceo@here.test\r\n".getBytes(US_ASCII);
    var mail = new Message(new byte[0], header, Octets.of(new byte[0]));
    assertThat(service.examine(mail, facts, Duration.ofSeconds(1)))
        .isEqualTo(
            new Finding.Unchanged(
                "not signed: it came from outside, by client rule \"edge\", which has recipients"
                    + " and lets anybody stand in From"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          true  | networks = ["10.0.0.0/8"]
          true  | networks = ["10.0.0.0/8"], senders = ["@here.test"]
          false | networks = ["10.0.0.0/8"], recipients = ["@here.test"]
          false | networks = ["10.0.0.0/8"], recipients = ["@here.test"], senders = ["@else.test"]
          true  | networks = ["10.0.0.0/8"], recipients = ["@here.test"], header-senders = ["a@here.test"]
          false | networks = ["10.0.0.0/8"], recipients = ["@here.test"], header-senders = ["a@here.test"], otherwise = hold
          """)
  void aClientAnswersForFromWhenItMaySendToAnybodyOrItsFromIsLookedAt(boolean ours, String terms) {
    String text =
        """
        hostname = "relay.example.com"
        clients = [ { name = some, %s } ]
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        """
            .formatted(terms);
    var loaded = new Loader(Os.real(), Map.of()).parse(text, Path.of("test.conf"));
    assertThat(loaded).isInstanceOf(Loaded.Good.class);
    var rule = ((Loaded.Good) loaded).configuration().clients().getFirst();
    assertThat(rule.terms().answerForAuthors()).isEqualTo(ours);
  }
}
