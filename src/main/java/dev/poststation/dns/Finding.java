package dev.poststation.dns;

import java.time.Duration;
import org.xbill.DNS.Record;

/// The answer to a question, and how long it holds.
record Finding(Resolver.Answer<Record> answer, Duration holds) {}
