package dev.poststation.os;

import java.security.SecureRandom;
import java.util.concurrent.ThreadLocalRandom;

/// The JVM's generators. Safe for any thread.
final class SystemChance implements Chance {
  private final SecureRandom secure = new SecureRandom();

  @Override
  public int below(int bound) {
    return ThreadLocalRandom.current().nextInt(bound);
  }

  @Override
  public void fill(byte[] bytes) {
    secure.nextBytes(bytes);
  }
}
