package dev.poststation.dns;

import java.time.Duration;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/// The answer to a question, and how long it holds.
///
/// @param secure whether DNSSEC vouches for all of it, aliases included
/// @param name that has the records, after all aliases
record Finding(Resolver.Answer<Record> answer, Duration holds, boolean secure, Name name) {}
