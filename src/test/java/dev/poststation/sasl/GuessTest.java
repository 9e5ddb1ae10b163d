package dev.poststation.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A session knows a wrong password again without having it.
class GuessTest {
  private static final byte[] KEY = {1, 2, 3};
  private static final String PASSWORD = "correct horse";

  private static Guess said(Mechanism mechanism, String user, String password) {
    return Guess.said(mechanism, user, password);
  }

  @Test
  void theSamePasswordByAnotherMechanismIsARepetition() {
    var kept = said(Mechanism.PLAIN, "anna", PASSWORD).kept(KEY);
    assertThat(said(Mechanism.LOGIN, "anna", PASSWORD).repeats(kept)).isTrue();
    assertThat(said(Mechanism.LOGIN, "anna", "other").repeats(kept)).isFalse();
    assertThat(said(Mechanism.LOGIN, "berta", PASSWORD).repeats(kept)).isFalse();
    assertThat(said(Mechanism.PLAIN, "anna", PASSWORD).repeats(kept)).isFalse();
    assertThat(said(Mechanism.PLAIN, "anna", PASSWORD).sameMechanism(kept)).isTrue();
  }

  @Test
  void whatIsMadeWithThePasswordIsRepeatedByThePassword() {
    var kept = Guess.proved(Mechanism.CRAM_MD5, "anna", PASSWORD::equals).kept(KEY);
    assertThat(said(Mechanism.PLAIN, "anna", PASSWORD).repeats(kept)).isTrue();
    assertThat(said(Mechanism.PLAIN, "anna", "other").repeats(kept)).isFalse();
  }

  @Test
  void whatIsKeptHasNoPasswordInIt() throws Exception {
    var guess = said(Mechanism.PLAIN, "anna", PASSWORD);
    assertThat(texts(guess)).contains(PASSWORD);
    assertThat(texts(guess.kept(KEY))).contains("anna").doesNotContain(PASSWORD);
    assertThat(guess.kept(KEY).toString()).isEqualTo("Guess[PLAIN]");
  }

  /// All that can be reached from an object of ours.
  private static List<String> texts(Object from) throws Exception {
    List<String> texts = new ArrayList<>();
    collect(from, new IdentityHashMap<>(), texts);
    return texts;
  }

  private static void collect(Object object, Map<Object, Boolean> seen, List<String> texts)
      throws Exception {
    if (object == null || seen.put(object, true) != null) {
      return;
    }
    if (object instanceof String text) {
      texts.add(text);
    } else if (object.getClass().getName().startsWith("dev.poststation.")) {
      for (var field : object.getClass().getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          field.setAccessible(true);
          collect(field.get(object), seen, texts);
        }
      }
    }
  }
}
