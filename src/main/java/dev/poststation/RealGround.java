package dev.poststation;

import dev.poststation.config.Configuration;
import dev.poststation.dns.DnsResolver;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.spool.LocalSpool;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the relay stands on in earnest: the DNS, and RocksDB. Safe for any thread.
final class RealGround implements Ground {
  private static final Logger LOG = LoggerFactory.getLogger(RealGround.class);

  @Override
  public Resolver resolver(Configuration configuration, Os os) {
    var resolver = new DnsResolver(configuration.dns(), os);
    if (configuration.dns().dnssec().trusts()) {
      os.tasks().virtual("dns-root", () -> resolver.concerns().forEach(LOG::warn));
    }
    return resolver;
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
