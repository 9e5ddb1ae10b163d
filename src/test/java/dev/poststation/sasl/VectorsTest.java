package dev.poststation.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.sim.MemoryAccounts;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The examples that the RFCs give, octet by octet.
class VectorsTest {
  private static final Path FILE = Path.of("src/test/resources/sasl/vectors.json");

  @TestFactory
  Stream<DynamicTest> eachIsAnsweredAsTheRfcSays() throws Exception {
    var vectors = new ObjectMapper().readTree(FILE.toFile()).get("vectors");
    assertThat(vectors).hasSize(3);
    return vectors
        .valueStream()
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("source").asText(),
                    () -> {
                      if (vector.has("challenge")) {
                        cram(vector);
                      } else {
                        scram(vector);
                      }
                    }));
  }

  private static String of(JsonNode vector, String key) {
    return vector.get(key).asText();
  }

  private static void cram(JsonNode vector) throws Exception {
    var accounts = new MemoryAccounts().user(of(vector, "user"), of(vector, "password"));
    new Attempt(new CramExchange(accounts, of(vector, "challenge")))
        .begin()
        .asks(of(vector, "challenge"))
        .say(of(vector, "response"))
        .is(of(vector, "user"), "#1");
  }

  private static void scram(JsonNode vector) throws Exception {
    String ours = of(vector, "server_first");
    String salt = ours.replaceAll(".*,s=([^,]*),.*", "$1");
    int iterations = Integer.parseInt(ours.replaceAll(".*,i=", ""));
    String theirNonce = of(vector, "client_first").replaceAll(".*,r=", "");
    String nonce = ours.replaceAll("r=([^,]*),.*", "$1").substring(theirNonce.length());
    var accounts =
        new MemoryAccounts()
            .user(of(vector, "user"), of(vector, "password"))
            .salt(of(vector, "user"), Base64.getDecoder().decode(salt), iterations);
    var mechanism = Mechanism.of(of(vector, "mech")).orElseThrow();
    new Attempt(new ScramExchange(mechanism, accounts, Attempt.UNBOUND, nonce))
        .begin(of(vector, "client_first"))
        .asks(ours)
        .say(of(vector, "client_final"))
        .asks(of(vector, "server_final"))
        .say("")
        .is(of(vector, "user"), "#1");
  }
}
