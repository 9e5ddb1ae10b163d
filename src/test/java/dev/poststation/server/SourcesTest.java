package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SourcesTest {
  private static final InetAddress GATEWAY = InetAddress.ofLiteral("172.17.0.1");
  private static final InetAddress OTHER = InetAddress.ofLiteral("10.0.0.7");

  private final Sources sources = new Sources();
  private long now = -5;

  private int notes(InetAddress client, int sessions, Duration apart) {
    int told = 0;
    for (int i = 0; i < sessions; i++) {
      now += apart.toNanos();
      told += sources.note(client, now) ? 1 : 0;
    }
    return told;
  }

  @Test
  void twentySessionsFromOneAddressAreToldOnce() {
    assertThat(notes(GATEWAY, 19, Duration.ofMinutes(1))).isZero();
    assertThat(sources.one(now)).isEmpty();
    assertThat(notes(GATEWAY, 200, Duration.ofMinutes(1))).isEqualTo(1);
    assertThat(sources.one(now)).contains(GATEWAY);
  }

  @Test
  void whatThisMachineSaysToItselfDoesNotCount() {
    notes(GATEWAY, 10, Duration.ofMinutes(1));
    notes(InetAddress.ofLiteral("127.0.0.1"), 30, Duration.ofSeconds(1));
    assertThat(sources.one(now)).isEmpty();
    assertThat(notes(GATEWAY, 10, Duration.ofMinutes(1))).isEqualTo(1);
  }

  @Test
  void anotherClientWithinTheHourEndsIt() {
    notes(GATEWAY, 30, Duration.ofMinutes(1));
    notes(OTHER, 1, Duration.ofMinutes(1));
    assertThat(sources.one(now)).isEmpty();
    notes(GATEWAY, 58, Duration.ofMinutes(1));
    assertThat(sources.one(now)).as("the other one came within the hour").isEmpty();
    notes(GATEWAY, 5, Duration.ofMinutes(1));
    assertThat(sources.one(now)).contains(GATEWAY);
  }

  @Test
  void fewSessionsAnHourAreNoPattern() {
    assertThat(notes(GATEWAY, 200, Duration.ofMinutes(4))).isZero();
    notes(GATEWAY, 30, Duration.ofMinutes(1));
    assertThat(sources.one(now)).contains(GATEWAY);
    assertThat(sources.one(now + Duration.ofHours(2).toNanos())).isEmpty();
  }
}
