package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SalvageTest {
  private static Optional<Path> data(String text) {
    return Salvage.whereabouts(text, Path.of("/etc/x"), Map.of("HERE", "/srv/env"))
        .map(Loaded.Whereabouts::data);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data = \"/srv/mail\"                      | /srv/mail",
        "data=\"/srv/mail\" # ours                 | /srv/mail",
        "\"data\" : \"/srv/mail\",                 | /srv/mail",
        "{ data = \"/srv/mail\" }                  | /srv/mail",
        "data = /srv/mail // ours                  | /srv/mail",
        "data = mail                               | /etc/x/mail",
        "data = ${HERE}                            | /srv/env",
        "data = ${?HERE}                           | /srv/env",
        "data = a\\ndata = b                       | /etc/x/b",
        "data = a\\ndata = ${?NOWHERE}             | /etc/x/a",
        "clients = [ { name = x\\ndata = a         | /etc/x/a",
        "clients = [                               | /var/lib/poststation",
        "# data = a\\nclients = [                  | /var/lib/poststation"
      })
  void theDirectoryIsFoundInATextThatIsBroken(String text, String found) {
    assertThat(data(text.replace("\\n", "\n"))).contains(Path.of(found));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data = \"/srv/mail",
        "data = [",
        "data = /srv/${HERE}",
        "data = ${NOWHERE}",
        "data = ",
        "include \"rest.conf\"\\nclients = ["
      })
  void whereTheTextLeavesItOpenNothingIsGuessed(String text) {
    assertThat(data(text.replace("\\n", "\n"))).isEmpty();
  }

  @Test
  void aFileThatIsNotThereTellsNothing() {
    var loaded = new Bench().loader().load(Path.of("none.conf"));
    assertThat(((Loaded.Bad) loaded).whereabouts()).isEmpty();
  }

  @Test
  void aFileWhoseTextIsBrokenTellsWhereItsRelayIs() {
    var bench = new Bench();
    bench.disk.with("broken.conf", "data = \"/srv/mail\"\nclients = [\n");
    var loaded = (Loaded.Bad) bench.loader().load(Path.of("broken.conf"));
    var whereabouts = loaded.whereabouts().orElseThrow();
    assertThat(whereabouts.data()).isEqualTo(Path.of("/srv/mail"));
    assertThat(whereabouts.admin().getPort()).isEqualTo(8025);
  }
}
