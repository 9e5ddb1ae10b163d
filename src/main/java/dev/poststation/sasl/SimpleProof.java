package dev.poststation.sasl;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// PLAIN, LOGIN and EXTERNAL: whatever the server says, we say the same.
final class SimpleProof implements Proof {
  private final List<byte[]> answers;
  private final boolean first;
  private final List<String> secrets;
  private int said;

  /// @param answers what we say, one after the other
  /// @param first whether the first of them goes along with the name of the mechanism
  SimpleProof(List<byte[]> answers, boolean first, List<String> secrets) {
    this.answers = answers;
    this.first = first;
    this.secrets = secrets;
  }

  @Override
  public byte @Nullable [] initial() {
    return first ? answers.get(said++) : null;
  }

  @Override
  public Answer answer(byte[] challenge) {
    return said < answers.size()
        ? new Answer.Octets(answers.get(said++))
        : new Answer.Cancel("asks for more than this mechanism has to say");
  }

  @Override
  public List<String> secrets() {
    return secrets;
  }
}
