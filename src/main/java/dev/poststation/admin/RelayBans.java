package dev.poststation.admin;

import dev.poststation.Poststation;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/// Whom a running relay does not let in now. Safe for any thread.
record RelayBans(Poststation relay) implements Bans {
  @Override
  public String offence(InetAddress address) {
    return relay.offence(address);
  }

  @Override
  public Optional<Duration> blocked(InetAddress address, String user) {
    return relay.guard().blocked(address, user);
  }
}
