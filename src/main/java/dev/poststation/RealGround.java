package dev.poststation;

import dev.poststation.config.Configuration;
import dev.poststation.dns.DnsResolver;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.spool.LocalSpool;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;

/// What the relay stands on in earnest: the DNS, and RocksDB. Safe for any thread.
final class RealGround implements Poststation.Ground {
  @Override
  public Resolver resolver(Configuration configuration, Os os) {
    return new DnsResolver(configuration.dns(), os);
  }

  @Override
  public Spool spool(Configuration configuration, Os os) throws SpoolException {
    return LocalSpool.open(
        os,
        configuration.data(),
        configuration.spool(),
        configuration.trace(),
        configuration.limits().bodyMemory());
  }
}
