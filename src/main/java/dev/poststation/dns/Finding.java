package dev.poststation.dns;

import java.time.Duration;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/// The answer to a question, and how long it holds.
///
/// @param secure whether DNSSEC vouches for all of it, aliases included
/// @param name that has the records, after all aliases
record Finding(Resolver.Answer<Record> answer, Duration holds, boolean secure, Name name) {
  /// What an answer, and each of its records, takes besides what the record says.
  private static final int AROUND = 300;

  /// About as many octets as it takes in memory.
  int octets() {
    int octets = AROUND;
    if (answer instanceof Resolver.Answer.Found<Record>(var records)) {
      for (Record each : records) {
        octets += AROUND + 2 * each.rdataToWireCanonical().length;
      }
    }
    return octets;
  }
}
